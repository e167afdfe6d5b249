"""Rows of raw files into the engine, as strings, with the file and line each came from.

Every row gets `_at`, an integer that orders all rows of a table by source, file name and line:
"the last occurrence" is the greatest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from joren.contract import CANONICAL
from joren.errors import InputError
from joren.ingest.check import is_parquet, parquet_columns
from joren.ingest.headers import Layout, named_layout
from joren.ingest.inputs import RawFile, TableInput
from joren.ingest.rows import Batch, open_text, read_batches
from joren.text import Note, note

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_ROW_BITS, _FILE_BITS = 34, 14


@dataclass(frozen=True)
class FileRead:
    """What was found in one raw file; `columns` are the canonical ones it has values for."""

    source: str
    table: str
    file: str
    encoding: str
    rows: int
    columns: frozenset[str]
    warnings: tuple[Note, ...] = ()


def load(con: Backend, source: TableInput, name: str, number: int) -> list[FileRead]:
    """Load all files of an input into the table `name` of string columns.

    Parameters
    ----------
    con : the engine
    source : what to read
    name : table to create: `_at`, `_row`, `_file`, `_fault`, `_shape` and the canonical columns
    number : position of the input among those of its table, from 0

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
    if len(source.files) >= 1 << _FILE_BITS:
        raise InputError(
            f"{len(source.files):,} files are too many", source.where, "join some of them"
        )
    repeated = _repeated_files(source.files)
    reads = []
    for order, file in enumerate(source.files):
        start = (number << (_ROW_BITS + _FILE_BITS)) | (order << _ROW_BITS)
        again = "duplicate" if file in repeated else None
        read = _load_parquet if is_parquet(file.path) else _load_text
        encoding, layout, shown = read(con, source, file, name, start, again)
        rows = con.raw_sql(
            f'SELECT count(*) FROM "{name}" WHERE _at >> {_ROW_BITS} = {start >> _ROW_BITS}'
        ).fetchall()[0][0]
        notes = list(layout.warnings)
        place = f"{source.source}/{file.name}"
        if rows == 0:
            notes.append(note("ingest.note.no_rows", place=place))
        elif again:
            notes.append(note("ingest.note.same_file", place=place, other=repeated[file]))
        held = frozenset({*layout.positions, *source.constants})
        made = {"order_id"} if source.table == "orders" else set()
        reads.append(
            FileRead(source.source, source.table, shown, encoding, rows, held | made, (*notes,))
        )
    return reads


def _load_text(
    con: Backend, source: TableInput, file: RawFile, name: str, start: int, again: str | None
) -> tuple[str, Layout, str]:
    opened = open_text(source, file)
    columns = CANONICAL[source.table].column_names
    shown = _shown(file, opened.layout, source)
    positions = [opened.layout.positions.get(column) for column in columns]
    for batch in read_batches(opened):
        table = _arrow(batch, columns, positions, source, shown, start, again)
        if table.num_rows:
            con.con.register("_batch", table)
            con.raw_sql(f'INSERT INTO "{name}" SELECT * FROM _batch')
            con.con.unregister("_batch")
    return opened.encoding, opened.layout, shown


def _shown(file: RawFile, layout: Layout, source: TableInput) -> str:
    """The file's name in tables: below its source's, where rows may bear another source's name."""
    foreign = "source" in layout.positions or "source" in source.constants
    return f"{source.source}/{file.name}" if foreign else file.name


def _arrow(
    batch: Batch,
    columns: Sequence[str],
    positions: Sequence[int | None],
    source: TableInput,
    file: str,
    start: int,
    again: str | None,
) -> pa.Table:
    n, bad = len(batch.rows), len(batch.faults)
    fields = list(zip(*batch.rows, strict=True)) if n else []
    numbers = batch.numbers + [number for number, _ in batch.faults]
    arrays = {
        "_at": pa.array([start + number for number in numbers], pa.int64()),
        "_row": pa.array(numbers, pa.int64()),
        "_file": pa.array([file] * (n + bad), pa.string()),
        "_fault": pa.array([again] * n + [f.reason for _, f in batch.faults], pa.string()),
        "_shape": pa.array([None] * n + [f.shape for _, f in batch.faults], pa.string()),
    }
    for column, position in zip(columns, positions, strict=True):
        if position is not None and n:
            values: Iterable[str | None] = (*fields[position], *[None] * bad)
        elif column == "order_id" and source.table == "orders" and column not in source.constants:
            values = [*(f"{file}:{number}" for number in batch.numbers), *[None] * bad]
        else:
            values = [None] * (n + bad)
        arrays[column] = pa.array(values, pa.string())
    return pa.table(arrays)


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
            f'INSERT INTO "{name}" SELECT {start} + file_row_number + 1, file_row_number + 1,'
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


def _repeated_files(files: Sequence[RawFile]) -> dict[RawFile, str]:
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
