"""A first parameter file from a client's exports: what each file seems to be, and what to ask.

Nothing is decided here: every line carries its confidence, what was not recognised is listed, and
the client confirms. What is certain enough is written so that it reads without an edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from joren.errors import InputError
from joren.ingest.gather import gather
from joren.ingest.grouping import Group, canonical_folders, groups_of, relative
from joren.ingest.proposal_cart import cart_entry
from joren.ingest.proposal_csv import csv_entry
from joren.ingest.proposal_lines import Entry, scalar, with_comment
from joren.ingest.recognise import load_formats
from joren.ingest.sniff import Sniffed, sniff
from joren.ingest.systems import System, systems_of, unique
from joren.text import Note, note

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
class Row:
    """What one group of files was taken for; empty texts where that is not known."""

    files: str
    source: str
    table: str
    format: str
    confidence: float | None


@dataclass(frozen=True)
class Proposal:
    """The text of params/CLIENT.yaml, what each file was taken for, and what to ask the client."""

    text: str
    rows: tuple[Row, ...] = ()
    questions: tuple[Note, ...] = ()


def propose(given: Sequence[Path], client: str) -> Proposal:
    """Parameters from a client's files: sources, mappings with confidences, open questions.

    Parameters
    ----------
    given : exports of the client: files, folders and glob patterns; none gives a scaffold
    client : the client's name

    Raises
    ------
    InputError if a path is not there, or a file that was named itself is empty or no text
    """
    opening = (
        f"# Proposed by `joren new`; read it through, then run `joren check {client}`.\n"
        f"client: {client}\ntitle: {{ja: {scalar(client)}, en: {scalar(client)}}}\n"
        "language: ja\ntimezone: Asia/Tokyo\ncurrency: JPY\n"
    )
    if not given:
        return Proposal(opening + _SCAFFOLD.format(client=client))
    files, questions = _sniffed(given)
    folders = canonical_folders(files)
    whole = {file for found in folders.values() for file in found}
    groups = groups_of([file for file in files if file not in whole], load_formats())
    lines, rows = _tables_sources(folders)
    taken = {row.source for row in rows}
    for system in systems_of(groups, taken):
        entries = {table: _entry(system, table) for table in system.tables}
        lines += _source(system, entries)
        rows += [_row(system, table, entry) for table, entry in entries.items()]
        questions += [asked for entry in entries.values() for asked in entry.questions]
        questions += _ledger_question(system)
    for group in groups:
        if not group.found and not group.guesses:
            rows.append(Row(group.pattern, "", "", "", None))
            columns = ", ".join(name for name in group.file.header if name)
            questions.append(note("proposal.unknown_file", place=group.pattern, columns=columns))
    if any(row.format == "csv" and row.table == "orders" for row in rows):
        questions += [note("proposal.amounts"), note("proposal.refunds")]
    questions = list(dict.fromkeys(questions))
    asked = "".join(_comment(question) for question in questions)
    usable = any(not line.lstrip().startswith("#") for line in lines)
    sources = "sources:\n" + "\n".join(lines) + "\n" if usable else _SCAFFOLD.format(client=client)
    return Proposal(opening + sources + asked, tuple(rows), tuple(questions))


def _sniffed(given: Sequence[Path]) -> tuple[list[Sniffed], list[Note]]:
    """The files that can be looked into, and a question for each one that cannot."""
    gathered = gather(given)
    files, questions = [], []
    for path in gathered.files:
        try:
            files.append(sniff(path))
        except InputError as error:
            if path in gathered.named:
                raise
            asked = note("proposal.unreadable_file", place=relative(path), reason=error.what)
            questions.append(asked)
    return files, questions


def _tables_sources(folders: dict[Path, list[Sniffed]]) -> tuple[list[str], list[Row]]:
    lines: list[str] = []
    rows: list[Row] = []
    for folder, found in folders.items():
        name = unique(folder.name, {row.source for row in rows})
        lines += [
            f"  {name}:",
            with_comment("    format: tables", ", ".join(file.path.stem for file in found), 31),
            f"    path: {scalar(relative(folder))}",
        ]
        rows += [Row(relative(f.path), name, f.path.stem, "tables", 1.0) for f in found]
    return lines, rows


def _entry(system: System, table: str) -> Entry:
    group, guess = system.tables[table]
    return cart_entry(group, table) if guess is None else csv_entry(group, guess)


def _source(system: System, entries: dict[str, Entry]) -> list[str]:
    """The lines of one source; all comments where none of its tables can be read as it stands."""
    lines = [line for entry in entries.values() for line in entry.text()]
    if any(entry.complete for entry in entries.values()):
        return [f"  {system.name}:", f"    format: {system.format}", *lines]
    return [f"  # {system.name}:", f"  #   format: {system.format}", *lines]


def _row(system: System, table: str, entry: Entry) -> Row:
    group, guess = system.tables[table]
    source = system.name if entry.complete else ""
    if guess is None:
        score = min(found.score for found in group.found)
        return Row(group.pattern, source, table, system.format, score)
    return Row(group.pattern, source, table, "csv", min(guess.score, 1.0))


def _ledger_question(system: System) -> list[Note]:
    """Points must not be counted twice: by the cart's own rows and by a history beside them."""
    carts: list[Group] = [group for group, guess in system.tables.values() if guess is None]
    derived = any("point_entries" in f.kind.gives() for group in carts for f in group.found)
    if not derived or system.tables.get("point_entries", (None, None))[1] is None:
        return []
    title = carts[0].cart.format.title
    return [note("proposal.two_ledgers", source=system.name, cart=title)]


def _comment(question: Note) -> str:
    lines = [" ".join(question.texts[language].split()) for language in ("ja", "en")]
    return "".join(f"# ? {line}\n" for line in lines)
