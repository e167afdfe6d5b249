"""Rows of raw files into the engine, as strings, with the file and line each came from.

Every row gets `_at`, an integer that orders all rows of a table by source, file name and line:
"the last occurrence" is the greatest.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from joren.contract import CANONICAL
from joren.errors import InputError
from joren.ingest.blocks import Block, read_blocks
from joren.ingest.headers import Layout, is_parquet, named_layout, parquet_columns
from joren.ingest.inputs import RawFile, TableInput
from joren.ingest.places import FILE_SHIFT, PART_BITS, check_files, check_rows, file_start
from joren.ingest.pour import Columns, create, pour
from joren.ingest.rows import TextFile, open_text
from joren.ingest.values import SPACES
from joren.text import Note, note

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


@dataclass(frozen=True)
class FileRead:
    """What was found in one raw file for one table.

    `rows` counts physical rows, broken ones included, `rows_folded` those that belong to a record
    which an earlier row of the file began. `columns` are the canonical ones it has values for.
    """

    source: str
    table: str
    file: str
    encoding: str
    rows: int
    columns: frozenset[str]
    warnings: tuple[Note, ...] = ()
    rows_folded: int = 0


def load(con: Backend, source: TableInput, name: str, number: int) -> list[FileRead]:
    """Load all files of an input into the table `name` of string columns.

    Parameters
    ----------
    con : the engine
    source : what to read
    name : table to create: `_at`, `_row`, `_file`, `_fault`, `_shape` and the canonical columns
    number : position of the input among all that are read, from 0

    Raises
    ------
    InputError if a file is empty, not text, or its header does not fit
    """
    check_files(len(source.files), source.where)
    repeated = repeated_files(source.files)
    opened = [
        _open(source, file, file_start(number, order), file in repeated)
        for order, file in enumerate(source.files)
    ]
    columns = CANONICAL[source.table].column_names
    create(con, name, columns)
    pour(con, name, columns, _blocks(source, [one for one in opened if one.text is not None]))
    for one in opened:
        if one.text is None:
            _load_parquet(con, source, one, name)
    counted = _counted(con, name)
    reads = []
    for one in opened:
        rows = counted[one.start]
        place = f"{source.source}/{one.file.name}"
        notes = [*one.layout.warnings, *notes_on_rows(place, rows, repeated.get(one.file))]
        held = frozenset({*one.layout.positions, *source.constants})
        made = {"order_id"} if source.table == "orders" else set()
        encoding = "parquet" if one.text is None else one.text.encoding
        reads.append(
            FileRead(source.source, source.table, one.shown, encoding, rows, held | made, (*notes,))
        )
    return reads


@dataclass(frozen=True)
class _Opened:
    """A file before its rows are read; `text` is None for Parquet.

    `start` is what its `_at` begin with, `shown` its name in tables, `again` the reason to doubt
    every row, if there is one.
    """

    file: RawFile
    layout: Layout
    text: TextFile | None
    shown: str
    start: int
    again: str | None


def _open(source: TableInput, file: RawFile, start: int, repeated: bool) -> _Opened:
    if is_parquet(file.path):
        text, layout = None, named_layout(parquet_columns(file.path), source, file)
    else:
        text = open_text(source, file)
        layout = text.layout
    shown = _shown(file, layout, source)
    return _Opened(file, layout, text, shown, start, "duplicate" if repeated else None)


def _counted(con: Backend, name: str) -> Counter[int]:
    """Rows by what the `_at` of their file begins with."""
    rows = con.raw_sql(
        f'SELECT (_at >> {FILE_SHIFT}) << {FILE_SHIFT}, count(*) FROM "{name}" GROUP BY ALL'
    ).fetchall()
    return Counter(dict(rows))


def notes_on_rows(place: str, rows: int, original: str | None) -> list[Note]:
    """What is to be said of a file without rows, or of one whose bytes are another's."""
    if rows == 0:
        return [note("ingest.note.no_rows", place=place)]
    if original is not None:
        return [note("ingest.note.same_file", place=place, other=original)]
    return []


def _shown(file: RawFile, layout: Layout, source: TableInput) -> str:
    """The file's name in tables: below its source's, where rows may bear another source's name."""
    foreign = "source" in layout.positions or "source" in source.constants
    return f"{source.source}/{file.name}" if foreign else file.name


def _blocks(source: TableInput, files: Sequence[_Opened]) -> Iterator[Columns]:
    names = CANONICAL[source.table].column_names
    for one in files:
        positions = [one.layout.positions.get(column) for column in names]
        for block in read_blocks(one.text, positions):
            columns = place_columns(block, one.shown, one.start, one.again)
            missing = pa.nulls(len(block.faults), pa.string())
            for column, position, values in zip(names, positions, block.columns, strict=True):
                if position is None and _is_made(column, source):
                    written = block.numbers.cast(pa.string())
                    values = pc.binary_join_element_wise(f"{one.shown}:", written, "")
                columns[column] = pa.chunked_array([values, missing])
            yield columns


def _is_made(column: str, source: TableInput) -> bool:
    """Whether a column that no file has is made of the row's place."""
    return (source.table, column) == ("orders", "order_id") and column not in source.constants


def place_columns(
    block: Block, file: str, start: int, again: str | None
) -> dict[str, pa.ChunkedArray]:
    """`_at`, `_row`, `_file`, `_fault` and `_shape` of a block: its rows first, then its faults.

    Parameters
    ----------
    block : rows and faults of one file
    file : its name in tables
    start : what the file's `_at` begin with
    again : the reason to doubt every row, if there is one
    """
    n, bad = len(block.numbers), len(block.faults)
    faulty = pa.array([number for number, _ in block.faults], pa.int64())
    numbers = pa.chunked_array([block.numbers, faulty])
    check_rows(pc.max(numbers).as_py() or 0, file)
    return {
        "_at": pc.add(pc.shift_left(numbers, PART_BITS), start),
        "_row": numbers,
        "_file": pa.chunked_array([pa.repeat(pa.scalar(file), n + bad)]),
        "_fault": _chunks(
            pa.repeat(pa.scalar(again, pa.string()), n), [f.reason for _, f in block.faults]
        ),
        "_shape": _chunks(pa.nulls(n, pa.string()), [f.shape for _, f in block.faults]),
    }


def _chunks(rows: pa.Array, faults: list[str]) -> pa.ChunkedArray:
    return pa.chunked_array([rows, pa.array(faults, pa.string())])


def _load_parquet(con: Backend, source: TableInput, one: _Opened, name: str) -> None:
    header = parquet_columns(one.file.path)
    fault = "NULL" if one.again is None else _literal(one.again)
    chosen = []
    for column in CANONICAL[source.table].column_names:
        if column in one.layout.positions:
            quoted = header[one.layout.positions[column]].replace('"', '""')
            chosen.append(f"""nullif(trim(CAST("{quoted}" AS VARCHAR), {_literal(SPACES)}), '')""")
        elif _is_made(column, source):
            chosen.append(f"{_literal(one.shown)} || ':' || (file_row_number + 1)")
        else:
            chosen.append("NULL")
    import duckdb

    try:
        con.raw_sql(
            f'INSERT INTO "{name}" SELECT {one.start} + ((file_row_number + 1) << {PART_BITS}),'
            " file_row_number + 1,"
            f" {_literal(one.shown)}, {fault}, NULL, {', '.join(chosen)}"
            f" FROM read_parquet({_literal(str(one.file.path))}, file_row_number = true)"
        )
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"this Parquet file cannot be read: {reason}", str(one.file.path), "export it again"
        ) from None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def repeated_files(files: Sequence[RawFile]) -> dict[RawFile, str]:
    """Files whose bytes are those of another; the original is the one with the shortest name.

    Without order IDs a second download would otherwise be counted as real purchases, and copies
    are named `orders (1).csv` or `orders - コピー.csv`.
    """
    by_size: dict[int, list[RawFile]] = {}
    for file in files:
        by_size.setdefault(file.path.stat().st_size, []).append(file)
    originals: dict[str, str] = {}
    repeated: dict[RawFile, str] = {}
    for same_size in by_size.values():
        if len(same_size) == 1:
            continue
        for file in sorted(same_size, key=lambda f: (len(f.name), f.name)):
            digest = _digest(file.path)
            if digest in originals:
                repeated[file] = originals[digest]
            else:
                originals[digest] = file.name
    return repeated


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
