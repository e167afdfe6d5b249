"""Which canonical tables a file holds, and which header is which column, with confidences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from joren.contract import CANONICAL
from joren.ingest.columns import VOCABULARY, required_columns
from joren.ingest.headers import folded
from joren.ingest.sniff import Sniffed
from joren.ingest.synonyms import BORROWED, BUYER, SHIP_TO, SYNONYMS

LEAST_SCORE = 0.5
SURE = 0.75
_BORROWED_CONFIDENCE = 0.9
_MOST_WORDS = 30
_MOSTLY = 0.95
_NEAR = 0.8
_CONTACT = ("phone", "email", "full_name", "family_name", "line_id", "card_no")
_SAMPLE = 200
_DATE = re.compile(
    r"^[\d０-９]{2,4}[-/.年]?[\d０-９]{1,2}[-/.月]?[\d０-９]{1,2}|^(令和|平成|昭和|[RHS]\d)"
)
_AMOUNT = re.compile(r"^[-+△▲(¥￥\\$]*[\d０-９][\d０-９,，.．]*[)円]?$")
_LINE_ID = re.compile(r"^U[0-9a-f]{32}$")
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


def guess_tables(file: Sniffed) -> tuple[Guess, ...]:
    """The canonical tables that a file holds: the one that explains it best, then further ones.

    The score of a table is the confidence in its required columns (an order ID counts among them,
    though it can be made). Further tables are those that a row of the first carries along: the
    lines of an order file with one row per line, and the person of an order or a call.

    Returns
    -------
    at least one guess; where the first one's score is below `LEAST_SCORE`, a person has to say
    what the file is
    """
    guesses = {table: _guess(file, table) for table in CANONICAL}
    main = max(guesses.values(), key=lambda g: (g.score, sum(m.confidence for m in g.matches)))
    # order lines or buyers with the order's own figures beside them are first of all orders
    if main.table in ("order_lines", "customers") and guesses["orders"].score >= SURE:
        main = guesses["orders"]
    if main.score < LEAST_SCORE:
        return (main,)
    further = [_lines(file, main, guesses), _people(file, main)]
    return (main, *(guess for guess in further if guess is not None))


def _lines(file: Sniffed, orders: Guess, guesses: dict[str, Guess]) -> Guess | None:
    """The order lines in a file of orders whose IDs repeat."""
    lines = guesses["order_lines"]
    if orders.table != "orders" or lines.score < SURE or not ids_repeat(file, orders):
        return None
    if header_of(lines, "amount") == header_of(orders, "amount"):
        return None
    return lines


def ids_repeat(file: Sniffed, orders: Guess) -> bool:
    """Whether many rows of an order file share their order ID."""
    header = header_of(orders, "order_id")
    ids = file.values[header] if header else []
    return len(set(ids)) < _MOSTLY * len(ids)


def _people(file: Sniffed, main: Guess) -> Guess | None:
    """The customers whom the rows of another table describe, where nearly all rows say who."""
    person = next((m for m in main.matches if m.column == "source_id"), None)
    if main.table not in ("orders", "events", "subscriptions") or person is None:
        return None
    if len(file.values[person.header]) < _MOSTLY * file.rows:
        return None
    taken = {m.header for m in main.matches}
    found = [m for m in matches(file, "customers") if m.header not in taken]
    # the dates of an order say nothing about the member
    found = [m for m in found if m.column not in ("source_id", "registered_at", "updated_at")]
    if not any(m.column in _CONTACT and m.confidence >= SURE for m in found):
        return None
    return Guess("customers", (person, *found), person.confidence)


def header_of(guess: Guess, column: str) -> str | None:
    """The header taken for a column, if there is one."""
    return next((m.header for m in guess.matches if m.column == column), None)


def _guess(file: Sniffed, table: str) -> Guess:
    chosen = matches(file, table)
    needed = [*required_columns(table), *(["order_id"] if table == "orders" else [])]
    found = {m.column: m.confidence for m in chosen}
    covered = sum(found.get(column, 0) for column in needed) / len(needed)
    # a lone customer number does not make a file a member list
    breadth = min(1.0, len(chosen) / min(3, len(CANONICAL[table].columns) - 1))
    named = 0.01 * (file.path.stem == table)
    return Guess(table, tuple(chosen), covered * breadth + named)


def matches(file: Sniffed, table: str) -> list[Match]:
    """The best header of each column of a table, in the contract's order.

    No header stands for two columns, but for one that is lent (`BORROWED`).
    """
    candidates = [
        Match(column.name, header, confidence)
        for column in CANONICAL[table].columns
        for header in file.values
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
    chosen += _borrowed(table, chosen)
    chosen += _line_ids(table, chosen, file)
    order = CANONICAL[table].column_names
    return sorted(chosen, key=lambda m: order.index(m.column))


def _borrowed(table: str, chosen: Sequence[Match]) -> list[Match]:
    by_column = {match.column: match for match in chosen}
    found = []
    for (of, column), lenders in BORROWED.items():
        lender = next((by_column[name] for name in lenders if name in by_column), None)
        if of == table and column not in by_column and lender is not None:
            confidence = min(_BORROWED_CONFIDENCE, lender.confidence)
            found.append(Match(column, lender.header, confidence))
    return found


def _line_ids(table: str, chosen: Sequence[Match], file: Sniffed) -> list[Match]:
    """The person's ID once more as LINE ID, where it looks like one whatever its header."""
    person = next((match for match in chosen if match.column == "source_id"), None)
    if table != "customers" or person is None or any(m.column == "line_id" for m in chosen):
        return []
    values = file.values[person.header][:_SAMPLE]
    if not values or not all(_LINE_ID.match(value) for value in values):
        return []
    return [Match("line_id", person.header, _BORROWED_CONFIDENCE)]


def _confidence(column: str, header: str, table: str, file: Sniffed) -> float:
    name = folded(header)
    if table == "customers" and any(folded(word) in name for word in SHIP_TO):
        return 0.0
    confidence = _likeness(column, name, table)
    if confidence == 0.0:
        return 0.0
    return round(confidence * _plausible(column, table, file.values[header][:_SAMPLE]), 2)


@cache
def _names(table: str, column: str) -> tuple[str, ...]:
    return tuple(folded(name) for name in SYNONYMS.get(table, {}).get(column, "").split())


def _likeness(column: str, name: str, table: str) -> float:
    """How far a folded header is a name of the column, whatever its values."""
    names = _names(table, column)
    if name == folded(column):
        return 1.0
    bare = next((name.removeprefix(b) for b in map(folded, BUYER) if name.startswith(b)), name)
    for written in (name, bare) if table == "customers" else (name,):
        if written in names:
            return 0.95 - 0.01 * min(names.index(written), 5)
    if any(len(s) >= 3 and s in name for s in names):
        return 0.6
    if len(name) >= 4 and get_close_matches(name, names, n=1, cutoff=_NEAR):
        return 0.55
    return 0.0


def _plausible(column: str, table: str, values: Sequence[str]) -> float:
    """The share of sample values that can be what the column holds; 1 where nothing speaks."""
    kind = next(c.type for c in CANONICAL[table].columns if c.name == column)
    if (table, column) in VOCABULARY:
        return 1.0 if len(set(values)) <= _MOST_WORDS else 0.0
    if kind in ("date", "timestamp(6)"):
        pattern = _DATE
    elif kind.startswith("decimal") or kind == "int64":
        pattern = _AMOUNT
    else:
        pattern = _LOOKS.get(column)
    if pattern is None or not values:
        return 1.0
    return sum(pattern.search(value) is not None for value in values) / len(values)
