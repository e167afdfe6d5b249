"""The proposed entry of one table whose files are exports of a known cart."""

from __future__ import annotations

from joren.ingest.grouping import Group
from joren.ingest.matching import Match, matches
from joren.ingest.proposal_lines import (
    Entry,
    card_questions,
    label,
    named,
    scalar,
    with_comment,
    word_lines,
)
from joren.ingest.recognise import Recognised
from joren.ingest.sniff import Sniffed
from joren.ingest.words import meanings, unknown_to_format
from joren.text import Note, note


def cart_entry(group: Group, table: str) -> Entry:
    """One table under a source with a cart's format.

    Parameters
    ----------
    group : exports of the cart
    table : the table they are listed under
    """
    lines = [f"    {table}:", f"      path: {scalar(group.pattern)}"]
    asked: list[Note] = []
    lines += [f"      # {line}" for line in _account(group)]
    pairs = list(zip(group.files, group.found, strict=True))
    lines += named("not recognised", _all(name for _, one in pairs for name in one.unknown))
    lines += named("optional headers missing", _all(n for _, one in pairs for n in _missed(one)))
    columns, unsure, complete = _by_hand(group)
    lines, asked = lines + columns, asked + unsure
    for (of, column), words in unknown_to_format(pairs).items():
        found = meanings(of, column, words)
        written, doubts = word_lines(group.pattern, of, column, found)
        # words of a table are mapped where that table is listed
        lines += written if of == table else [f"      # {of}: {line.strip()}" for line in written]
        asked += doubts
    asked += card_questions(group.pattern, group.file, group.file.header)
    return Entry(lines, asked, complete)


def _account(group: Group) -> list[str]:
    """One line for each kind of export in the group: title, encodings, score, files."""
    by_kind: dict[str, list[tuple[Sniffed, Recognised]]] = {}
    for file, found in zip(group.files, group.found, strict=True):
        by_kind.setdefault(found.kind.title, []).append((file, found))
    lines = []
    for title, pairs in by_kind.items():
        encodings = ", ".join(dict.fromkeys(file.encoding for file, _ in pairs))
        score = min(found.score for _, found in pairs)
        files = f", {len(pairs)} files" if len(pairs) > 1 else ""
        system = pairs[0][1].format.title
        lines.append(f"{system} {title}, {encodings}, score {score:.2f}{files}")
    return lines


def _all(names) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))


def _missed(found: Recognised) -> list[str]:
    """Headers that the file lacks and that some rule would rest on."""
    used = {cell.header for cell in found.kind.cells()}
    present = {name for name, _ in found.positions}
    return [name for name in found.missing if name in used and name not in present]


def _by_hand(group: Group) -> tuple[list[str], list[Note], bool]:
    """What the cart's export does not tell by itself, looked for among the other headers."""
    if not group.lacking:
        return [], [], True
    main = group.cart.kind.main
    likely: dict[str, Match] = {
        match.column: match
        for match in matches(group.file, main)
        if match.column in group.lacking and match.header in group.cart.unknown
    }
    lines, asked = ["      columns:"], []
    for column in group.lacking:
        texts = {"place": group.pattern, "column": column, "label": label(main, column)}
        match = likely.get(column)
        if match is None:
            lines.append(f"        # {column}: ?")
            asked.append(note("proposal.which_column", **texts))
        else:
            entry = f"        {column}: {scalar(match.header)}"
            lines.append(with_comment(entry, f"{match.confidence:.2f}  please confirm"))
            asked.append(note("proposal.confirm_column", header=match.header, **texts))
    return lines, asked, len(likely) == len(group.lacking)
