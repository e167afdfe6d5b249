"""Headers to canonical columns, by name and never by position.

Names are compared as written first, then folded: systems change widths, brackets, case and
punctuation between versions (`氏名（姓）`, `氏名(姓)`, `Order ID`, `order_id`).
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from joren.contract import CANONICAL
from joren.errors import InputError
from joren.ingest.columns import required_columns
from joren.ingest.decode import detect_encoding, read_head
from joren.ingest.inputs import RawFile, TableInput
from joren.text import Note, note

MAX_COLUMNS = 5_000
DELIMITERS = (",", "\t", ";", "|")
_CARD_HEADER = re.compile(r"クレジットカード番号|creditcardn|cardnumber")


@dataclass(frozen=True)
class Layout:
    """Where the canonical columns of one file stand.

    `positions` maps canonical column → index of the field; with `fixed_width`, the index into
    `slices`, the (start, end) of each field in the line.
    """

    positions: dict[str, int]
    width: int
    delimiter: str = ","
    slices: tuple[tuple[int, int], ...] | None = None
    unused: tuple[str, ...] = ()
    warnings: tuple[Note, ...] = ()


@lru_cache(maxsize=1 << 16)
def folded(name: str) -> str:
    """A header without width, case, brackets, spaces and punctuation.

    >>> folded("Order ID"), folded("氏名（姓）")
    ('orderid', '氏名姓')
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def delimited_layout(lines: Sequence[str], source: TableInput, file: RawFile) -> Layout:
    """The layout of a delimited file from its header line.

    Parameters
    ----------
    lines : the header line first; further lines are not looked at
    source, file : what is read, for the mapping and for messages

    Raises
    ------
    InputError if the header is broken, a column is missing, or one stands there twice
    """
    candidates = [source.delimiter] if source.delimiter else DELIMITERS
    wanted = {folded(h) for h in [*source.columns.values(), *CANONICAL[source.table].column_names]}

    def recognised(delimiter: str) -> tuple[int, int]:
        names = split_header(lines[0], delimiter) or []
        return len(wanted & {folded(name) for name in names}), lines[0].count(delimiter)

    delimiter = max(candidates, key=recognised)
    header = split_header(lines[0], delimiter)
    if header is None or len(header) > MAX_COLUMNS:
        fault = "the header has a quote that is never closed"
        raise InputError(
            fault if header is None else f"the header has {len(header):,} columns",
            str(file.path),
            "correct the first line, or set `skip_rows` or `delimiter`",
        )
    return named_layout(header, source, file, delimiter)


def split_header(line: str, delimiter: str) -> list[str] | None:
    """The names in a header line, or None where its quoting is broken."""
    try:
        rows = list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return [name.strip() for name in rows[0]] if rows else []


def fixed_width_layout(source: TableInput, file: RawFile) -> Layout:
    """The layout of a file without header whose fields stand at fixed positions.

    Raises
    ------
    InputError if a required column has no position
    """
    fields = source.fixed_width or {}
    layout = named_layout(list(fields), source, file, ",")
    slices = tuple((first - 1, last) for first, last in fields.values())
    return Layout(layout.positions, layout.width, slices=slices, unused=layout.unused)


def named_layout(
    header: Sequence[str], source: TableInput, file: RawFile, delimiter: str = ","
) -> Layout:
    """Find every canonical column among the names of a header.

    Raises
    ------
    InputError naming the file, the column that is missing or stands there twice, and the nearest
    """
    positions: dict[str, int] = {}
    for column in CANONICAL[source.table].column_names:
        if column in source.constants:
            continue
        found = find(source.columns.get(column, column), header)
        if len(found) > 1 and header[found[0]] not in source.repeated_headers:
            raise InputError(
                f"header {header[found[0]]!r} stands there {len(found)} times",
                f"{file.path}, for {source.table}.{column}",
                "export the column once, or rename one of them",
            )
        if found:
            positions[column] = found[0]
        elif column in source.columns:
            raise column_missing(source.columns[column], column, header, source, file)
    for column in required_columns(source.table):
        if column not in positions and column not in source.constants:
            raise column_missing(column, column, header, source, file)
    if source.table == "outcomes" and not {"customer_id", "source_id"} & {*positions}:
        raise column_missing("customer_id", "customer_id", header, source, file)
    used = set(positions.values())
    return Layout(
        positions,
        len(header),
        delimiter,
        unused=tuple(name for n, name in enumerate(header) if n not in used and name),
        warnings=tuple(_warnings(header, positions, source, file)),
    )


def find(name: str, header: Sequence[str]) -> list[int]:
    """The columns that bear a name: as written, or else folded."""
    exact = [n for n, candidate in enumerate(header) if candidate == name]
    return exact or [
        n for n, candidate in enumerate(header) if folded(candidate) == folded(name) != ""
    ]


def column_missing(
    wanted: str, column: str, header: Sequence[str], source: TableInput, file: RawFile
) -> InputError:
    """The error for a column that is not there, with the nearest header."""
    what = f"column {wanted!r} is missing"
    near = difflib.get_close_matches(folded(wanted), [folded(h) for h in header], n=1, cutoff=0.5)
    nearest = next((h for h in header if near and folded(h) == near[0]), None)
    setting = f"{source.where}.columns.{column}"
    if nearest:
        remedy = f"the nearest header is {nearest!r}; if that is it, set `{setting}: {nearest}`"
    else:
        shown = ", ".join(repr(h) for h in header[:12])
        remedy = f"map it with `{setting}`; the file has {shown or 'no columns'}"
    return InputError(what, f"{file.path}, for {source.table}.{column}", remedy)


def _warnings(
    header: Sequence[str], positions: dict[str, int], source: TableInput, file: RawFile
) -> list[Note]:
    place = f"{source.source}/{file.name}"
    notes = []
    repeated = sorted({h for h in header if h and list(header).count(h) > 1})
    unused = [h for h in repeated if header.index(h) not in positions.values()]
    if unused:
        names = ", ".join(map(repr, unused))
        notes.append(note("ingest.note.repeated_header", place=place, names=names))
    if source.table == "orders" and "order_id" not in positions:
        near = difflib.get_close_matches("orderid", [folded(h) for h in header], n=1)
        if near:
            notes.append(note("ingest.note.order_id_near", place=place, near=repr(near[0])))
        else:
            notes.append(note("ingest.note.no_order_id", place=place))
    cards = [h for n, h in enumerate(header) if _CARD_HEADER.search(folded(h))]
    if any(header.index(h) not in positions.values() for h in cards):
        names = ", ".join(map(repr, cards))
        notes.append(note("ingest.note.cards", place=place, names=names))
    return notes


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its name."""
    return path.suffix == ".parquet"


def parquet_columns(path: Path) -> list[str]:
    """The column names of a Parquet file.

    Raises
    ------
    InputError if it is not Parquet
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(path).names
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise InputError(
            f"this is not a readable Parquet file: {reason}", str(path), "export it again"
        ) from None


def header_encodings(path: Path, declared: str | None) -> list[str]:
    """The encodings to try a file's header in, without reading the rest of it.

    Raises
    ------
    InputError if the file cannot be read, is empty or is plainly not text
    """
    head = read_head(path)
    if declared is not None or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return [detect_encoding(path, declared)]
    return ["utf-8", "cp932"]
