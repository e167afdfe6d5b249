"""The engine behind every table: Ibis over DuckDB.

Rows stay here; only sufficient statistics cross into Python.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend


def _give_duckdb_2_the_names_ibis_12_calls() -> None:
    # DuckDB 2 renamed two result methods; without the old names Ibis 12's list_tables, sql and
    # to_pyarrow_batches raise AttributeError.
    connection = duckdb.DuckDBPyConnection
    if not hasattr(connection, "fetch_arrow_table"):
        connection.fetch_arrow_table = lambda self: self.to_arrow_table()
    if not hasattr(connection, "fetch_record_batch"):
        connection.fetch_record_batch = lambda self, rows_per_batch=1_000_000: self.to_arrow_reader(
            rows_per_batch
        )


_give_duckdb_2_the_names_ibis_12_calls()
# Ibis reads schemas through that path; the extra copy is a handful of rows.
warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)


def connect(memory_gb: float | None = None, scratch: Path | None = None) -> Backend:
    """An embedded DuckDB behind Ibis.

    Parameters
    ----------
    memory_gb : memory the engine may take before it spills to disk; None leaves DuckDB's default
    scratch : folder for spilled data; None is a new one below the system's temporary folder,
        which the engine makes when it spills and removes when it ends
    """
    backend = ibis.duckdb.connect()
    backend.raw_sql("SET enable_progress_bar = false")  # it would end up in notebooks and logs
    if memory_gb is not None:
        backend.raw_sql(f"SET memory_limit = '{memory_gb}GB'")
    spill = scratch or Path(tempfile.gettempdir()) / f"joren-{os.getpid()}-{token_hex(4)}"
    backend.raw_sql(f"SET temp_directory = '{_quoted(spill)}'")
    return backend


def keep(backend: Backend, name: str, table: ir.Table | pa.Table) -> ir.Table:
    """The rows as a temporary table, worked out once; it replaces one of that name."""
    return backend.create_table(name, table, temp=True, overwrite=True)


def append(backend: Backend, name: str, rows: pa.Table) -> None:
    """Add rows to a table that `keep` made of the same columns."""
    backend.con.register("appended_rows", rows)
    backend.raw_sql(f'INSERT INTO "{name}" FROM appended_rows')
    backend.con.unregister("appended_rows")


def read_parquet(backend: Backend, path: Path) -> ir.Table:
    """The table in a Parquet file."""
    return backend.read_parquet(str(path))


def write_parquet(table: ir.Table, path: Path, order_by: Sequence[str] = ()) -> None:
    """Write a table whole or not at all, rows ordered by `order_by`.

    The order makes the bytes a function of the rows, so that a step that finds the same result
    writes the same file and nothing that reads it need run again.
    """
    backend = table.get_backend()
    ordered = table.order_by(list(order_by)) if order_by else table
    partial = path.with_name(f".{path.name}.partial")
    # `to_parquet` would do both, and breaks on an apostrophe in the path
    backend._run_pre_execute_hooks(ordered)
    rows = backend.compile(ordered)
    backend.raw_sql(f"COPY ({rows}) TO '{_quoted(partial)}' (FORMAT PARQUET, COMPRESSION ZSTD)")
    partial.replace(path)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
