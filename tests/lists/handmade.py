"""A few customers, what they said and what was sent to them, as the tables lists are drawn from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.contract import TABLES

MOMENT = datetime(2026, 4, 1)


def rows_of(con: Backend, name: str, rows: list[dict[str, Any]], kind: str) -> ir.Table:
    """Rows as a table of the engine, in the columns of a contract."""
    schema = TABLES[kind].ibis_schema().to_pyarrow()
    columns = {field.name: field.type for field in schema}
    filled = [{column: row.get(column) for column in columns} for row in rows]
    typed = pa.schema(list(columns.items()))
    return con.create_table(name, pa.Table.from_pylist(filled, schema=typed), overwrite=True)


def mapped(con: Backend, *pairs: tuple[str, str, str]) -> ir.Table:
    """identity_map from (source, source_id, customer_id)."""
    rows = [
        {"source": source, "source_id": source_id, "customer_id": customer,
         "household_id": customer, "match_rule": "single"}
        for source, source_id, customer in pairs
    ]  # fmt: skip
    return rows_of(con, "identity_map_given", rows, "identity_map")


def plain(con: Backend, name: str, columns: dict[str, str], rows: list[tuple]) -> ir.Table:
    """A table of named columns with Ibis types, from tuples."""
    import ibis

    schema = ibis.schema(columns).to_pyarrow()
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    return con.create_table(name, pa.Table.from_pylist(named, schema=schema), overwrite=True)
