"""Which canonical table a file is, and which header is which column, each with a confidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from joren.contract import CANONICAL
from joren.ingest.columns import required_columns
from joren.ingest.headers import folded
from joren.ingest.sniff import Sniffed
from joren.ingest.synonyms import SYNONYMS

LEAST_SCORE = 0.5
_SAMPLE = 200
_DATE = re.compile(
    r"^[\d０-９]{2,4}[-/.年]?[\d０-９]{1,2}[-/.月]?[\d０-９]{1,2}|^(令和|平成|昭和|[RHS]\d)"
)
_AMOUNT = re.compile(r"^[-+△▲(¥￥\\$]*[\d０-９][\d０-９,，.．]*[)円]?$")
_LOOKS = {
    "email": re.compile(r"^[^@\s]+@[^@\s]+$"),
    "phone": re.compile(r"^[+(\d０-９][-\d０-９ ()－‐]{6,}$"),
    "postal_code": re.compile(r"^〒?[\d０-９]{3}[-－]?[\d０-９]{4}$|^[\dA-Z -]{4,10}$"),
}


@dataclass(frozen=True)
class Match:
    """One header taken for a canonical column, with a confidence from 0 to 1."""

    column: str
    header: str
    confidence: float


@dataclass(frozen=True)
class Guess:
    """The table a file is taken for, its mapping, and how much of it is covered (0 to 1)."""

    table: str
    matches: tuple[Match, ...]
    score: float


def guess_table(file: Sniffed) -> Guess:
    """The canonical table that explains a file best.

    The score is the confidence in the required columns (an order ID counts among them, though it
    can be made); below `LEAST_SCORE` a person has to say what the file is.
    """
    guesses = [_guess(file, table) for table in CANONICAL]
    return max(guesses, key=lambda g: (g.score, sum(m.confidence for m in g.matches)))


def _guess(file: Sniffed, table: str) -> Guess:
    candidates = [
        Match(column.name, header, confidence)
        for column in CANONICAL[table].columns
        for header in file.header
        if header and (confidence := _confidence(column.name, header, table, file)) >= 0.5
    ]
    candidates.sort(key=lambda m: (-m.confidence, m.column, file.header.index(m.header)))
    columns: set[str] = set()
    headers: set[str] = set()
    chosen = []
    for match in candidates:
        if match.column not in columns and match.header not in headers:
            chosen.append(match)
            columns.add(match.column)
            headers.add(match.header)
    needed = [*required_columns(table), *(["order_id"] if table == "orders" else [])]
    found = {m.column: m.confidence for m in chosen}
    covered = sum(found.get(column, 0) for column in needed) / len(needed)
    # a lone customer number does not make a file a member list
    breadth = min(1.0, len(chosen) / min(3, len(CANONICAL[table].columns) - 1))
    named = 0.01 * (file.path.stem == table)
    order = CANONICAL[table].column_names
    chosen.sort(key=lambda m: order.index(m.column))
    return Guess(table, tuple(chosen), covered * breadth + named)


def _confidence(column: str, header: str, table: str, file: Sniffed) -> float:
    name = folded(header)
    names = [folded(s) for s in SYNONYMS.get(table, {}).get(column, "").split()]
    if name == folded(column):
        confidence = 1.0
    elif name in names:
        confidence = 0.95 - 0.01 * min(names.index(name), 9)
    elif any(len(s) >= 3 and (s in name) for s in names):
        confidence = 0.6
    else:
        near = max((SequenceMatcher(None, name, s).ratio() for s in names), default=0.0)
        confidence = 0.55 if near >= 0.8 and len(name) >= 4 else 0.0
    if confidence == 0.0:
        return 0.0
    return round(confidence * _plausible(column, table, file.values[header][:_SAMPLE]), 2)


def _plausible(column: str, table: str, values: Sequence[str]) -> float:
    """The share of sample values that can be what the column holds; 1 where nothing speaks."""
    kind = next(c.type for c in CANONICAL[table].columns if c.name == column)
    if kind in ("date", "timestamp(6)"):
        pattern = _DATE
    elif kind.startswith("decimal") or kind == "int64":
        pattern = _AMOUNT
    else:
        pattern = _LOOKS.get(column)
    if pattern is None or not values:
        return 1.0
    return sum(pattern.search(value) is not None for value in values) / len(values)
