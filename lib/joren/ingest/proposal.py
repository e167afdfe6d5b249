"""A first parameter file from a client's exports: what each file seems to be, and what to ask.

Nothing is decided here: every line carries its confidence, what was not recognised is listed, and
the client confirms.
"""

from __future__ import annotations

import glob
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from joren.ingest.cards import passes_luhn
from joren.ingest.columns import required_columns
from joren.ingest.headers import folded
from joren.ingest.matching import LEAST_SCORE, Guess, guess_table
from joren.ingest.sniff import Sniffed, sniff
from joren.ingest.synonyms import STATUS_WORDS
from joren.params import INPUT_TABLES, project_root

_PLAIN = re.compile(r"^[^\W\d_][\w（）・ー]*$")
_YAML_WORDS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
_UNSURE = 0.9
_SCAFFOLD = """\
sources:
  shop:                             # one entry per system the client exports from
    format: tables                  # a folder with orders.csv, customers.csv, ... (canonical names)
    path: ../data/{client}
  # web:
  #   format: csv                   # any other file, mapped column by column
  #   orders:
  #     path: ../data/{client}/web/*.csv
  #     columns: {{order_id: 受注番号, source_id: 会員ID, ordered_at: 受注日時, amount: 合計金額}}
"""


@dataclass(frozen=True)
class _Group:
    """Files of one folder with the same header: one table of one source."""

    pattern: str
    file: Sniffed
    guess: Guess


def propose(files: list[Path], client: str) -> str:
    """The text of params/CLIENT.yaml: a mapping per file with confidences, and open questions.

    Parameters
    ----------
    files : exports of the client; none gives a scaffold
    client : the client's name

    Raises
    ------
    InputError if a file is not there, is empty, or is no text
    """
    opening = (
        f"# Proposed by `joren new`; read it through, then run `joren check {client}`.\n"
        f"client: {client}\ntitle: {{ja: {_scalar(client)}, en: {_scalar(client)}}}\n"
        "language: ja\ntimezone: Asia/Tokyo\ncurrency: JPY\n"
    )
    if not files:
        return opening + _SCAFFOLD.format(client=client)
    groups = _groups(files)
    known = [group for group in groups if group.guess.score >= LEAST_SCORE]
    questions = [
        f"{group.pattern}: what does this file hold? Columns: {', '.join(group.file.header)}"
        for group in groups
        if group.guess.score < LEAST_SCORE
    ]
    lines = ["sources:"]
    for name, members in _by_source(known).items():
        lines += [f"  {name}:", "    format: csv"]
        for group in members:
            written, asked = _table_lines(group)
            lines += written
            questions += [f"{group.pattern}: {question}" for question in asked]
    if not known:
        return opening + _asked(questions) + _SCAFFOLD.format(client=client)
    return opening + "\n".join(lines) + "\n" + _asked(questions)


def _asked(questions: Sequence[str]) -> str:
    general = [
        "Are order amounts what the customer paid: tax included, after discounts, before points?",
        "Do refunds stand as negative rows, as a status, or not at all?",
    ]
    return "".join(f"# ? {question}\n" for question in [*questions, *general])


def _groups(files: list[Path]) -> list[_Group]:
    by_header: dict[tuple[Path, str, tuple[str, ...]], list[Sniffed]] = {}
    for path in sorted({file.resolve() for file in files}):
        file = sniff(path)
        key = (path.parent, path.suffix, tuple(sorted(folded(h) for h in file.header)))
        by_header.setdefault(key, []).append(file)
    groups = []
    for alike in by_header.values():
        pattern = _pattern([file.path for file in alike])
        named = [(pattern, alike[0])] if pattern else [(_relative(f.path), f) for f in alike]
        groups += [_Group(path, file, guess_table(file)) for path, file in named]
    return groups


def _pattern(paths: list[Path]) -> str | None:
    """One glob that matches exactly these files, or None."""
    if len(paths) == 1:
        return _relative(paths[0])
    folder = paths[0].parent
    first, last = min(p.name for p in paths), max(p.name for p in paths)
    prefix = first[: next((n for n, c in enumerate(first) if not last.startswith(c, n)), None)]
    # the digits that this year's files share are not what the next ones begin with
    for start in (prefix.rstrip("0123456789_-"), prefix):
        pattern = f"{glob.escape(start)}*{paths[0].suffix}"
        if sorted(folder.glob(pattern)) == sorted(paths):
            return f"{_relative(folder)}/{pattern}"
    return None


def _relative(path: Path) -> str:
    return Path(os.path.relpath(path, project_root() / "params")).as_posix()


def _by_source(groups: Sequence[_Group]) -> dict[str, list[_Group]]:
    """Groups of one folder make one source, unless they hold the same table."""
    sources: dict[str, list[_Group]] = {}
    for group in groups:
        parent = group.file.path.parent
        # data/pos/orders/*.csv belongs to pos, as data/pos/members.csv does
        parent = parent.parent if parent.name in INPUT_TABLES else parent
        folder = _source_name(parent.name)
        name, n = folder, 1
        while any(other.guess.table == group.guess.table for other in sources.get(name, [])):
            n += 1
            name = f"{folder}_{n}"
        sources.setdefault(name, []).append(group)
    return sources


def _source_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "_", text).strip("_").lower() or "source"


def _table_lines(group: _Group) -> tuple[list[str], list[str]]:
    """The lines of one table under its source, and the questions it raises."""
    file, guess, asked = group.file, group.guess, []
    lines = [
        f"    {guess.table}:{'':<{26 - len(guess.table)}}# {file.encoding}, "
        f"confidence {min(guess.score, 1):.2f}",
        f"      path: {_scalar(group.pattern)}",
    ]
    if file.delimiter != ",":
        lines.append(f"      delimiter: {json.dumps(file.delimiter)}")
    lines.append("      columns:" if guess.matches else "      columns: {}")
    for match in guess.matches:
        doubt = "  please confirm" if match.confidence < _UNSURE else ""
        entry = f"        {match.column}: {_scalar(match.header)}"
        lines.append(f"{entry:<40}# {match.confidence:.2f}{doubt}")
        if doubt:
            asked.append(f"is {match.header!r} the {match.column}?")
    mapped = {match.column: match.header for match in guess.matches}
    for column in required_columns(guess.table):
        if column not in mapped:
            lines.append(f"        # {column}: ?")
            asked.append(f"which column is the {column}?")
    if guess.table == "orders":
        status, unsure = _status_lines(file, mapped)
        lines += status
        asked += unsure + _order_questions(file, mapped)
    unused = [header for header in file.header if header and header not in mapped.values()]
    if unused:
        lines.append(f"      # not recognised: {', '.join(unused)}".replace("\n", " "))
    cards = [h for h in unused if _holds_cards(file.values[h])]
    asked += [f"{h!r} looks like payment-card numbers: it must not be exported" for h in cards]
    return lines, asked


def _holds_cards(values: Sequence[str]) -> bool:
    digits = [re.sub(r"[ -]", "", value) for value in values]
    long_numbers = [d for d in digits if re.fullmatch(r"[2-6]\d{13,15}", d)]
    return len(long_numbers) >= 3 and all(map(passes_luhn, long_numbers))


def _status_lines(file: Sniffed, mapped: dict[str, str]) -> tuple[list[str], list[str]]:
    if "status" not in mapped:
        return [], ["the file has no status: does it hold cancelled or unpaid orders?"]
    meanings = {folded(w): meant for meant, words in STATUS_WORDS.items() for w in words.split()}
    lines, asked = ["      status:"], []
    for value in sorted(set(file.values[mapped["status"]]))[:30]:
        meaning = meanings.get(folded(value))
        if meaning:
            lines.append(f"        {_scalar(value)}: {meaning}")
        else:
            lines.append(f"        # {_scalar(value)}: ?")
            asked.append(f"does status {value!r} mean valid, cancelled, returned or pending?")
    return (lines if len(lines) > 1 + len(asked) else ["      status: {}", *lines[1:]]), asked


def _order_questions(file: Sniffed, mapped: dict[str, str]) -> list[str]:
    if "order_id" not in mapped:
        return ["there is no order ID; each row will be one order"]
    ids = file.values[mapped["order_id"]]
    if len(set(ids)) < 0.95 * len(ids):
        return ["order IDs repeat: is this one row per order line? Then totals must repeat too"]
    return []


def _scalar(text: str) -> str:
    """A YAML scalar that reads back as this string."""
    if (_PLAIN.match(text) and text.lower() not in _YAML_WORDS) or re.fullmatch(
        r"\.\.?/[\w./*-]+", text
    ):
        return text
    return json.dumps(text, ensure_ascii=False)
