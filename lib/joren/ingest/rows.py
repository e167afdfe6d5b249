"""Physical lines to rows: quoting, width, and the faults that keep a line from being a row.

A quote that is never closed must not swallow what follows: a quoted field may run over several
lines only if together they make one row of the right width and none of them looks like a row of
its own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from joren.errors import InputError
from joren.ingest.decode import Fault, decode_lines, detect_encoding, line_blocks, shape
from joren.ingest.headers import Layout, delimited_layout, fixed_width_layout
from joren.ingest.inputs import RawFile, TableInput

MAX_ROW_LINES = 50
_CHUNK_LINES = 1_000
_BLANK = "\x1a\r\n\t 　"


@dataclass
class Batch:
    """Rows of one file: for each, its physical line (from 1) and its fields in layout order."""

    numbers: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    faults: list[tuple[int, Fault]] = field(default_factory=list)


@dataclass(frozen=True)
class TextFile:
    """A text file opened for reading: its encoding and where its columns stand."""

    path: Path
    encoding: str
    skip: int
    layout: Layout


def open_text(source: TableInput, file: RawFile) -> TextFile:
    """Detect encoding and layout of a delimited or fixed-width file; rows are not read.

    Raises
    ------
    InputError if it is empty or not text, or its header does not fit
    """
    encoding = detect_encoding(file.path, source.encoding)
    if source.fixed_width is not None:
        return TextFile(file.path, encoding, source.skip_rows, fixed_width_layout(source, file))
    header = header_line(file, encoding, source.skip_rows)
    layout = delimited_layout([header], source, file)
    return TextFile(file.path, encoding, source.skip_rows + 1, layout)


def header_line(file: RawFile, encoding: str, skip: int) -> str:
    """The header of a text file, after `skip` physical lines.

    Raises
    ------
    InputError if the file ends before it, or it does not decode
    """
    lines = chain.from_iterable(line_blocks(file.path, encoding))
    for number, line in enumerate(lines):
        if number < skip:
            continue
        text = decode_lines([line], encoding)[0]
        if isinstance(text, Fault):
            raise InputError(
                f"the header cannot be read as {encoding}: {text.reason}",
                f"{file.path}, line {number + 1}",
                "declare `encoding`, or save the file as UTF-8",
            )
        return text
    raise InputError(
        f"the file ends before its header (skip_rows is {skip})",
        str(file.path),
        "export it again, or correct `skip_rows`",
    )


def read_batches(file: TextFile) -> Iterator[Batch]:
    """The rows and faults of a text file, in bounded batches, in order.

    Empty lines are no rows; every other line below the header is in exactly one row or fault.
    """
    waiting: list[str | Fault] = []
    first = 1
    skip = file.skip
    for block in line_blocks(file.path, file.encoding):
        lines = block[skip:]
        first += len(block) - len(lines)
        skip = max(0, skip - len(block))
        waiting += decode_lines(lines, file.encoding)
        batch, used = rows_of(waiting, first, file.layout, complete=False)
        yield batch
        waiting, first = waiting[used:], first + used
    yield rows_of(waiting, first, file.layout, complete=True)[0]


def rows_of(
    lines: list[str | Fault], first: int, layout: Layout, complete: bool
) -> tuple[Batch, int]:
    """The rows and faults at the beginning of some lines, and how many lines they take.

    Parameters
    ----------
    lines : decoded lines, the first of which begins a row
    first : the physical line of the first, from 1
    layout : of the file
    complete : whether the file ends with these lines; else up to `MAX_ROW_LINES` are left over
    """
    batch = Batch()
    at = 0
    while at < len(lines):
        chunk = lines[at : at + _CHUNK_LINES]
        rows = _sound_rows(chunk, layout)
        if rows is not None:
            batch.numbers += range(first + at, first + at + len(rows))
            batch.rows += rows
            at += len(rows)
            continue
        end = at + len(chunk)
        while at < end:
            if not complete and at + MAX_ROW_LINES > len(lines):
                return batch, at
            at += _add_row(batch, lines, at, first, layout)
    return batch, at


def _sound_rows(chunk: list[str | Fault], layout: Layout) -> list[list[str]] | None:
    """The rows of lines that are one whole row each; None where any of them is not."""
    if layout.slices is not None or layout.width == 1:  # one field alone may be an empty line
        return None
    try:
        rows = list(csv.reader(chunk, delimiter=layout.delimiter, strict=True))
    except csv.Error:  # also where a fault stands among the lines
        return None
    width = layout.width
    if len(rows) != len(chunk) or any(len(row) != width for row in rows):
        return None
    return rows


def _add_row(batch: Batch, lines: list[str | Fault], at: int, first: int, layout: Layout) -> int:
    """Put the row or fault that begins at a line into the batch; how many lines it takes."""
    line, used = lines[at], 1
    if isinstance(line, Fault):
        batch.faults.append((first + at, line))
        return 1
    if not line.strip(_BLANK.replace(layout.delimiter, "")):
        return 1
    if layout.slices is not None:
        fields: list[str] | None = [line[start:end] for start, end in layout.slices]
    elif '"' not in line:
        fields = line.split(layout.delimiter)
    else:
        fields, used = _quoted(lines, at, layout)
    if fields is not None and len(fields) > layout.width:
        # a trailing delimiter on every row but not on the header carries nothing
        extra = "".join(fields[layout.width :]).strip()
        fields = fields if extra else fields[: layout.width]
    if fields is None or len(fields) != layout.width:
        reason = "broken_quote" if fields is None else "ragged_row"
        batch.faults.append((first + at, Fault(reason, shape(line))))
        return 1
    batch.numbers.append(first + at)
    batch.rows.append(fields)
    return used


def _quoted(lines: list[str | Fault], at: int, layout: Layout) -> tuple[list[str] | None, int]:
    """The fields of the row that begins at a line with quotes, and how many lines it takes."""
    text = ""
    for used, line in enumerate(lines[at : at + MAX_ROW_LINES], start=1):
        if isinstance(line, Fault) or (used > 1 and looks_like_a_row(line, layout)):
            return None, 1
        text = f"{text}\n{line}" if used > 1 else line
        try:
            fields = next(csv.reader([text], delimiter=layout.delimiter, strict=True))
        except csv.Error:
            if text.count('"') % 2 == 0:
                return None, 1
            continue
        if used > 1 and len(fields) != layout.width:
            return None, 1
        return fields, used
    return None, 1


def looks_like_a_row(line: str, layout: Layout) -> bool:
    """Whether a line that stands inside quotes would be a row if the quote were a stray one."""
    inside = line.split('"', 1)[0]
    return line.count(layout.delimiter) >= layout.width - 1 and layout.delimiter in inside
