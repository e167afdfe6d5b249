"""The proposed mapping of one table, column by column, from a file of unknown origin."""

from __future__ import annotations

from collections.abc import Sequence

from joren.ingest.columns import VOCABULARY, required_columns
from joren.ingest.grouping import Group
from joren.ingest.headers import folded
from joren.ingest.matching import Guess, header_of, ids_repeat
from joren.ingest.proposal_lines import (
    Entry,
    card_questions,
    label,
    named,
    scalar,
    with_comment,
    word_lines,
)
from joren.ingest.synonyms import CHANNELS
from joren.ingest.words import distinct, meanings
from joren.text import Note, note

_UNSURE = 0.9
_TOO_UNSURE = 0.75
_MINUS = ("-", "\u2212", "\uff0d", "△", "▲")
_SIGNED = {"adjust", "transfer"}


def csv_entry(group: Group, guess: Guess) -> Entry:
    """One table under a source, mapped by hand.

    Parameters
    ----------
    group : the files that hold it
    guess : the table they are taken for, one of the group's guesses
    """
    file, table = group.file, guess.table
    columns, asked, complete = _columns(group, guess)
    lines = [
        with_comment(
            f"    {table}:", f"{group.encodings}, confidence {min(guess.score, 1):.2f}", 31
        ),
        f"      path: {scalar(group.pattern)}",
    ]
    if file.delimiter != ",":
        lines.append(f"      delimiter: {scalar(file.delimiter)}")
    lines += columns
    words, unsure = _words(group, guess)
    lines, asked = lines + words, asked + unsure
    if guess is group.guesses[0]:
        used = {match.header for one in group.guesses for match in one.matches}
        unused = [header for header in file.values if header and header not in used]
        lines += named("not recognised", unused)
        asked += card_questions(group.pattern, file, unused)
    asked += _questions(group, guess)
    return Entry(lines, asked, complete)


def _columns(group: Group, guess: Guess) -> tuple[list[str], list[Note], bool]:
    """The `columns:` of a table, the doubts about them, and whether none is lacking."""
    table, place = guess.table, group.pattern
    required = required_columns(table)
    written, doubted, asked = [], [], []
    for match in guess.matches:
        entry = f"        {match.column}: {scalar(match.header)}"
        if match.confidence >= _UNSURE:
            written.append(with_comment(entry, f"{match.confidence:.2f}"))
            continue
        asked.append(
            note(
                "proposal.confirm_column",
                place=place,
                header=match.header,
                column=match.column,
                label=label(table, match.column),
            )
        )
        if match.confidence < _TOO_UNSURE and match.column not in required:
            entry = entry.replace("        ", "        # ", 1)
            doubted.append(with_comment(entry, f"{match.confidence:.2f}  please confirm"))
        else:
            written.append(with_comment(entry, f"{match.confidence:.2f}  please confirm"))
    lacking = [column for column in required if header_of(guess, column) is None]
    constants, fatal = [], []
    for column in lacking:
        if (table, column) == ("orders", "source_id"):
            # nobody is known to have bought, and that can be said
            constants = ["      constants:", '        source_id: ""']
            asked.append(note("proposal.no_person", place=place))
            continue
        fatal.append(f"        # {column}: ?")
        asked.append(
            note("proposal.which_column", place=place, column=column, label=label(table, column))
        )
    head = ["      columns:"] if written else ["      columns: {}"]
    constants += _channel(group, guess)
    return [*head, *written, *doubted, *fatal, *constants], asked, not fatal


def _channel(group: Group, guess: Guess) -> list[str]:
    """The channel of events that name none, where folder, file or headers tell it."""
    if guess.table != "events" or header_of(guess, "channel") is not None:
        return []
    names = [folded(n) for n in (group.home.name, group.file.path.stem, *group.file.header)]
    for channel, signs in CHANNELS.items():
        if any(folded(sign) in name for sign in signs for name in names):
            return ["      constants:", f"        channel: {channel}"]
    return []


def _words(group: Group, guess: Guess) -> tuple[list[str], list[Note]]:
    lines, asked = [], []
    for table, column in VOCABULARY:
        header = header_of(guess, column)
        if table == guess.table and header is not None:
            found = meanings(table, column, distinct(group.files, [header]))
            written, unsure = word_lines(group.pattern, table, column, found)
            lines, asked = lines + written, asked + unsure
    return lines, asked


def _questions(group: Group, guess: Guess) -> list[Note]:
    """What the sample makes doubtful beyond its columns."""
    if guess.table == "orders":
        return _order_questions(group, guess)
    if guess.table == "point_entries":
        return _point_questions(group, guess)
    return []


def _order_questions(group: Group, guess: Guess) -> list[Note]:
    file, place, asked = group.file, group.pattern, []
    if header_of(guess, "status") is None:
        asked.append(note("proposal.no_status", place=place))
    if header_of(guess, "order_id") is None:
        asked.append(note("proposal.no_order_id", place=place))
    elif ids_repeat(file, guess):
        amount = header_of(guess, "amount")
        if amount is not None and _differs(group, guess):
            asked.append(note("proposal.totals_differ", place=place, header=amount))
        elif len(group.guesses) == 1 or group.guesses[1].table != "order_lines":
            asked.append(note("proposal.ids_repeat", place=place))
    person = header_of(guess, "source_id")
    if person is not None and len(file.values[person]) < file.rows and _names_people(group):
        asked.append(note("proposal.guests", place=place))
    return asked


def _differs(group: Group, guess: Guess) -> bool:
    """Whether the order total of one order differs between its rows."""
    pairs = zip(*(_sample(group, guess, c) for c in ("order_id", "amount")), strict=True)
    totals: dict[str, set[str]] = {}
    for order, total in pairs:
        if order and total:
            totals.setdefault(order, set()).add(total)
    return any(len(different) > 1 for different in totals.values())


def _names_people(group: Group) -> bool:
    headers = group.file.values
    names = [header_of(guess, "phone") for guess in group.guesses]
    return any(names) or any("氏名" in h or "メール" in h or "mail" in h.lower() for h in headers)


def _point_questions(group: Group, guess: Guess) -> list[Note]:
    if header_of(guess, "kind") is None or header_of(guess, "points") is None:
        return []
    kinds, points = _sample(group, guess, "kind"), _sample(group, guess, "points")
    meant = meanings("point_entries", "kind", set(kinds) - {""})
    negative = {
        meant.get(kind, kind)
        for kind, number in zip(kinds, points, strict=True)
        if number.startswith(_MINUS)
    }
    if negative - _SIGNED - {None}:
        return [note("proposal.negative_points", place=group.pattern)]
    return []


def _sample(group: Group, guess: Guess, column: str) -> Sequence[str]:
    """The sample of a mapped column, empty cells included."""
    return group.file.columns[group.file.header.index(header_of(guess, column))]
