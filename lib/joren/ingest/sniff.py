"""A first look into an unknown file: encoding, delimiter, header and a sample of its values."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from joren.errors import InputError
from joren.ingest.check import is_parquet, parquet_columns
from joren.ingest.decode import decode_lines, detect_encoding, line_blocks
from joren.ingest.headers import split_header

_SAMPLE_LINES = 2_000
_DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True, eq=False)
class Sniffed:
    """What a file looks like; `columns` holds a sample of each column, aligned with `header`."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]

    @cached_property
    def values(self) -> dict[str, list[str]]:
        """The non-empty sample under each header (under the first of those that repeat)."""
        first = {name: self.columns[self.header.index(name)] for name in self.header}
        return {name: [value for value in column if value] for name, column in first.items()}

    @property
    def rows(self) -> int:
        """How many rows the sample has."""
        return len(self.columns[0]) if self.columns else 0


def sniff(path: Path) -> Sniffed:
    """Look at the beginning of a CSV or Parquet file.

    Raises
    ------
    InputError if it is not there, empty, or no such file
    """
    if not path.is_file():
        raise InputError("there is no such file", str(path), "check the path")
    if is_parquet(path):
        return _sniff_parquet(path)
    encoding = detect_encoding(path)
    blocks = (decode_lines(block, encoding) for block in line_blocks(path, encoding))
    texts = (line for block in blocks for line in block if isinstance(line, str) and line.strip())
    lines = list(islice(texts, _SAMPLE_LINES))
    if not lines:
        raise InputError("no line of the file can be read", str(path), "export it as UTF-8")
    delimiter = max(_DELIMITERS, key=lambda d: _steadiness(lines[:50], d))
    header = split_header(lines[0], delimiter)
    if header is None:
        raise InputError("the header has a quote that is never closed", str(path), "correct it")
    rows = [row for row in _rows(lines[1:], delimiter) if len(row) == len(header)]
    return Sniffed(path, encoding, delimiter, tuple(header), _columns(header, rows))


def _sniff_parquet(path: Path) -> Sniffed:
    import pyarrow.parquet as pq

    header = parquet_columns(path)
    batch = next(pq.ParquetFile(path).iter_batches(_SAMPLE_LINES), None)
    rows = [] if batch is None else zip(*(c.to_pylist() for c in batch.columns), strict=True)
    texts = [["" if value is None else str(value) for value in row] for row in rows]
    return Sniffed(path, "parquet", ",", tuple(header), _columns(header, texts))


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row[n].strip() for row in rows) for n in range(len(header)))


def _steadiness(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    """How many lines have as many delimiters as the first, and how many that has."""
    expected = lines[0].count(delimiter)
    same = sum(line.count(delimiter) == expected for line in lines) if expected else 0
    return (1 if expected else 0) * same, expected


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    rows = []
    for line in lines:
        try:
            rows += list(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error:  # a row over several lines is no loss to a sample
            continue
    return rows
