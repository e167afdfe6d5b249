"""Rows of raw files into the engine, as strings, with the file and line each came from.

Every row gets `_at`, an integer that orders all rows of a table by source, file name and line:
"the last occurrence" is the greatest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
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
from joren.ingest.rows import open_text
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
    columns = CANONICAL[source.table].column_names
    declared = ", ".join(f'"{column}" VARCHAR' for column in columns)
    con.raw_sql(
        f'CREATE OR REPLACE TEMP TABLE "{name}" (_at BIGINT, _row BIGINT, _file VARCHAR,'
        f" _fault VARCHAR, _shape VARCHAR, {declared})"
    )
    check_files(len(source.files), source.where)
    repeated = repeated_files(source.files)
    reads = []
    for order, file in enumerate(source.files):
        start = file_start(number, order)
        again = "duplicate" if file in repeated else None
        read = _load_parquet if is_parquet(file.path) else _load_text
        encoding, layout, shown = read(con, source, file, name, start, again)
        rows = con.raw_sql(
            f'SELECT count(*) FROM "{name}" WHERE _at >> {FILE_SHIFT} = {start >> FILE_SHIFT}'
        ).fetchall()[0][0]
        notes = list(layout.warnings)
        place = f"{source.source}/{file.name}"
        notes += notes_on_rows(place, rows, repeated.get(file))
        held = frozenset({*layout.positions, *source.constants})
        made = {"order_id"} if source.table == "orders" else set()
        reads.append(
            FileRead(source.source, source.table, shown, encoding, rows, held | made, (*notes,))
        )
    return reads


def notes_on_rows(place: str, rows: int, original: str | None) -> list[Note]:
    """What is to be said of a file without rows, or of one whose bytes are another's."""
    if rows == 0:
        return [note("ingest.note.no_rows", place=place)]
    if original is not None:
        return [note("ingest.note.same_file", place=place, other=original)]
    return []


def _load_text(
    con: Backend, source: TableInput, file: RawFile, name: str, start: int, again: str | None
) -> tuple[str, Layout, str]:
    opened = open_text(source, file)
    columns = CANONICAL[source.table].column_names
    shown = _shown(file, opened.layout, source)
    positions = [opened.layout.positions.get(column) for column in columns]
    for block in read_blocks(opened, positions):
        con.con.register("_block", _arrow(block, columns, positions, source, shown, start, again))
        con.raw_sql(f'INSERT INTO "{name}" SELECT * FROM _block')
        con.con.unregister("_block")
    return opened.encoding, opened.layout, shown


def _shown(file: RawFile, layout: Layout, source: TableInput) -> str:
    """The file's name in tables: below its source's, where rows may bear another source's name."""
    foreign = "source" in layout.positions or "source" in source.constants
    return f"{source.source}/{file.name}" if foreign else file.name


def _arrow(
    block: Block,
    columns: Sequence[str],
    positions: Sequence[int | None],
    source: TableInput,
    file: str,
    start: int,
    again: str | None,
) -> pa.Table:
    arrays = place_columns(block, file, start, again)
    missing = pa.nulls(len(block.faults), pa.string())
    for column, position, values in zip(columns, positions, block.columns, strict=True):
        made = column == "order_id" and source.table == "orders"
        if position is None and made and column not in source.constants:
            values = pc.binary_join_element_wise(f"{file}:", block.numbers.cast(pa.string()), "")
        arrays[column] = pa.chunked_array([values, missing])
    return pa.table(arrays)


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


def _load_parquet(
    con: Backend, source: TableInput, file: RawFile, name: str, start: int, again: str | None
) -> tuple[str, Layout, str]:
    header = parquet_columns(file.path)
    layout = named_layout(header, source, file)
    shown = _shown(file, layout, source)
    fault = "NULL" if again is None else _literal(again)
    chosen = []
    for column in CANONICAL[source.table].column_names:
        if column in layout.positions:
            quoted = header[layout.positions[column]].replace('"', '""')
            chosen.append(f'CAST("{quoted}" AS VARCHAR)')
        elif column == "order_id" and source.table == "orders" and column not in source.constants:
            chosen.append(f"{_literal(shown)} || ':' || (file_row_number + 1)")
        else:
            chosen.append("NULL")
    import duckdb

    try:
        con.raw_sql(
            f'INSERT INTO "{name}" SELECT {start} + ((file_row_number + 1) << {PART_BITS}),'
            " file_row_number + 1,"
            f" {_literal(shown)}, {fault}, NULL, {', '.join(chosen)}"
            f" FROM read_parquet({_literal(str(file.path))}, file_row_number = true)"
        )
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"this Parquet file cannot be read: {reason}", str(file.path), "export it again"
        ) from None
    return "parquet", layout, shown


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
