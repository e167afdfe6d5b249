"""Rows of text files as columns: the chosen fields of about a megabyte at a time.

Sound stretches of a file are parsed by Arrow; wherever its outcome could differ from that of
`rows` by a value, a line number or a fault, `rows` reads the stretch instead.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from joren.ingest.decode import (
    LINE_SAFE,
    MAX_LINE_BYTES,
    Fault,
    as_utf8,
    byte_blocks,
    codec_of,
    decode_lines,
    line_end,
)
from joren.ingest.headers import Layout
from joren.ingest.rows import (
    MAX_ROW_LINES,
    Batch,
    TextFile,
    looks_like_a_row,
    read_batches,
    rows_of,
)

PIECE_BYTES = 1 << 20
SMALL_BYTES = 1 << 18
GATHERED_ROWS = 50_000
GATHERED_BYTES = 1 << 23

_MAX_ROW_BYTES = 100_000  # below the field limit of the csv module, beyond which a row is a fault
_DELIMITERS = (",", "\t", ";", "|")
_NEWLINE, _RETURN, _QUOTE = b'\n\r"'


@dataclass(frozen=True)
class Block:
    """Some rows of one file, in order, and the faults met among them.

    Parameters
    ----------
    numbers : (n_rows,) int64, the physical line each row begins at, from 1
    columns : one array of (n_rows,) strings per position asked for; null throughout where the
        position was None. An empty field is an empty string.
    faults : (physical line, fault) of the lines that are no rows
    """

    numbers: pa.Array
    columns: list[pa.Array]
    faults: list[tuple[int, Fault]]


def read_blocks(file: TextFile, positions: Sequence[int | None]) -> Iterator[Block]:
    """The chosen fields of a text file's rows, in bounded blocks, in order.

    Rows and faults are exactly those of `rows.read_batches`.

    Parameters
    ----------
    file : the opened file
    positions : index of each field in the file's layout; None for a column it does not have
    """
    if _suits_arrow(file):
        yield from _gathered(_pieces(file, positions))
        return
    yield from _gathered(_block(batch, positions) for batch in read_batches(file))


def _suits_arrow(file: TextFile) -> bool:
    layout = file.layout
    if layout.slices is not None or layout.width < 2 or layout.delimiter not in _DELIMITERS:
        return False
    if codec_of(file.encoding) not in LINE_SAFE:
        return False
    return line_end(next(byte_blocks(file.path, file.encoding), b"")) == b"\n"


def _gathered(blocks: Iterator[Block]) -> Iterator[Block]:
    """The first block at once, as some only look at that; the others joined, to be few."""
    yield from islice(blocks, 1)
    waiting: list[Block] = []
    rows = size = 0
    for block in blocks:
        waiting.append(block)
        rows += len(block.numbers) + len(block.faults)
        size += sum(column.nbytes for column in block.columns)
        if rows >= GATHERED_ROWS or size >= GATHERED_BYTES:
            yield _joined(waiting)
            waiting, rows, size = [], 0, 0
    if rows:
        yield _joined(waiting)


def _joined(blocks: list[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    columns = zip(*(block.columns for block in blocks), strict=True)
    return Block(
        pa.concat_arrays([block.numbers for block in blocks]),
        [pa.concat_arrays(arrays) for arrays in columns],
        [fault for block in blocks for fault in block.faults],
    )


def _block(batch: Batch, positions: Sequence[int | None]) -> Block:
    rows = len(batch.rows)
    columns = [
        pa.nulls(rows, pa.string())
        if position is None
        else pa.array([row[position] for row in batch.rows], pa.string())
        for position in positions
    ]
    return Block(pa.array(batch.numbers, pa.int64()), columns, batch.faults)


def _pieces(file: TextFile, positions: Sequence[int | None]) -> Iterator[Block]:
    waiting, first, skip, size = b"", 1, file.skip, SMALL_BYTES
    for block in chain(byte_blocks(file.path, file.encoding), (b"",)):
        complete = not block
        waiting += block
        if complete and waiting and not waiting.endswith(b"\n"):
            waiting += b"\n"
        at = 0
        while skip and (end := waiting.find(b"\n", at) + 1):
            at, first, skip = end, first + 1, skip - 1
        while not skip and (piece := _whole_lines(waiting, at, size)):
            taken = _parsed(piece, first, file, positions)
            if taken is None and size > SMALL_BYTES:
                size = max(min(size, len(piece)) // 4, SMALL_BYTES)
                continue
            if taken is None:
                taken = _read(waiting, at, first, file, positions, complete)
            else:
                size = min(4 * size, PIECE_BYTES)
            if taken is None:
                break
            found, lines, used = taken
            yield found
            at, first = at + used, first + lines
        waiting = _bounded(waiting[at:])


def _whole_lines(waiting: bytes, at: int, size: int) -> bytes:
    """About `size` bytes of lines from a place on, at least one line; nothing if none ends."""
    end = waiting.rfind(b"\n", at, at + size) + 1 or waiting.find(b"\n", at + size) + 1
    return waiting[at:end]


def _bounded(waiting: bytes) -> bytes:
    """What is left, its last line cut off beyond the length at which it is a fault anyway."""
    return waiting[: waiting.rfind(b"\n") + 1 + MAX_LINE_BYTES + 1]


def _read(
    waiting: bytes,
    at: int,
    first: int,
    file: TextFile,
    positions: Sequence[int | None],
    complete: bool,
) -> tuple[Block, int, int] | None:
    """A block, its lines and its bytes as `rows` reads them; None where more must be waited for."""
    size = SMALL_BYTES
    while piece := _whole_lines(waiting, at, size):
        raw = piece.split(b"\n")[:-1]
        lines = decode_lines([line.removesuffix(b"\r") for line in raw], file.encoding)
        last = waiting.find(b"\n", at + len(piece)) < 0
        batch, used = rows_of(lines, first, file.layout, complete and last)
        if used:
            return _block(batch, positions), used, sum(len(line) + 1 for line in raw[:used])
        if last:
            return None
        size *= 4
    return None


def _parsed(
    piece: bytes, first: int, file: TextFile, positions: Sequence[int | None]
) -> tuple[Block, int, int] | None:
    """A block, its lines and its bytes as Arrow parses them; None where it must not be trusted."""
    used = _whole_rows(piece)
    text = as_utf8(piece[:used], file.encoding)
    if not text or text.startswith(codecs.BOM_UTF8):  # Arrow would drop the mark
        return None
    lines = _Lines.of(text)
    if lines is not None and lines.inside.any():
        text = text.replace(b"\r\n", b"\n")
        lines = _Lines.of(text)
    if lines is None or not lines.sound(file.layout):
        return None
    columns = _columns(text, lines, file.layout, positions)
    if columns is None:
        return None
    return Block(pa.array(first + lines.begins), columns, []), len(lines.ends), used


def _whole_rows(piece: bytes) -> int:
    """Length of the part of a piece that ends outside quotes; 0 where that is too far back."""
    end, quotes = len(piece), piece.count(b'"')
    for _ in range(MAX_ROW_LINES):
        if quotes % 2 == 0:
            return end
        start = piece.rfind(b"\n", 0, end - 1) + 1
        quotes -= piece.count(b'"', start, end)
        end = start
    return 0


@dataclass(frozen=True)
class _Lines:
    """Where lines end and quotes stand in a text; `inside` tells the ends within quotes."""

    text: bytes
    codes: np.ndarray
    ends: np.ndarray
    quotes: np.ndarray
    inside: np.ndarray

    @classmethod
    def of(cls, text: bytes) -> _Lines | None:
        """None where a carriage return stands elsewhere than before a line end."""
        codes = np.frombuffer(text, np.uint8)
        ends = np.flatnonzero(codes == _NEWLINE)
        returns = text.count(b"\r")
        if returns and returns != np.count_nonzero(codes[ends - 1] == _RETURN):
            return None
        quotes = np.flatnonzero(codes == _QUOTE) if b'"' in text else np.empty(0, np.int64)
        return cls(text, codes, ends, quotes, np.searchsorted(quotes, ends) % 2 == 1)

    @property
    def begins(self) -> np.ndarray:
        """Index of the line that each row begins at."""
        return np.concatenate(([0], np.flatnonzero(~self.inside)[:-1] + 1))

    def sound(self, layout: Layout) -> bool:
        """Whether every quote opens or closes a field, and no row is empty or suspiciously long."""
        rows = np.flatnonzero(~self.inside)
        starts = np.concatenate(([0], self.ends[rows[:-1]] + 1))
        if np.isin(self.codes[starts], (_NEWLINE, _RETURN)).any():
            return False
        if np.diff(self.ends[rows], prepend=-1).max() > _MAX_ROW_BYTES:
            return False
        if np.diff(rows, prepend=-1).max() > MAX_ROW_LINES:
            return False
        delimiter = ord(layout.delimiter)
        # the text ends with a line end, which therefore also stands before its first character
        before = np.isin(self.codes[self.quotes[0::2] - 1], (delimiter, _NEWLINE, _QUOTE))
        after = np.isin(self.codes[self.quotes[1::2] + 1], (delimiter, _NEWLINE, _RETURN, _QUOTE))
        return bool(before.all() and after.all()) and not self._hides_a_row(layout)

    def _hides_a_row(self, layout: Layout) -> bool:
        within = np.flatnonzero(self.inside)
        pairs = zip(self.ends[within] + 1, self.ends[within + 1], strict=True)
        return any(looks_like_a_row(self.text[a:b].decode("utf-8"), layout) for a, b in pairs)


def _columns(
    text: bytes, lines: _Lines, layout: Layout, positions: Sequence[int | None]
) -> list[pa.Array] | None:
    rows = len(lines.ends) - np.count_nonzero(lines.inside)
    width = _fields_of_first_row(text, lines, layout)
    # trailing delimiters on every row carry nothing; over several lines they are a broken quote
    if width < layout.width or (width > layout.width and rows != len(lines.ends)):
        return None
    surplus = range(layout.width, width)
    chosen = {p for p in positions if p is not None} | {*surplus} or {0}
    table = _arrow_table(text, layout.delimiter, width, sorted(chosen))
    if table is None or table.num_rows != rows:
        return None
    arrays = {int(name): table[name].combine_chunks() for name in table.column_names}
    if any(pc.max(pc.binary_length(arrays[extra])).as_py() for extra in surplus):
        return None
    return [pa.nulls(rows, pa.string()) if p is None else arrays[p] for p in positions]


def _fields_of_first_row(text: bytes, lines: _Lines, layout: Layout) -> int:
    end = lines.ends[np.flatnonzero(~lines.inside)[0]]
    row = text[:end].removesuffix(b"\r").decode("utf-8")
    return len(next(csv.reader([row], delimiter=layout.delimiter), []))


def _arrow_table(text: bytes, delimiter: str, width: int, chosen: list[int]) -> pa.Table | None:
    names = [str(n) for n in range(width)]
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(text),
            arrow_csv.ReadOptions(column_names=names, block_size=len(text) + 1),
            arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False
            ),
            arrow_csv.ConvertOptions(
                check_utf8=False,
                column_types={names[n]: pa.string() for n in chosen},
                include_columns=[names[n] for n in chosen],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:  # some row is not as wide as the others
        return None
