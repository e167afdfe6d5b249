"""Rows of people who asked to be forgotten: not used, and nothing of them is shown."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.contract import CANONICAL
from joren.engine import keep

FORGOTTEN = "forgotten"
_LISTED = "ingest_forgotten"


def leave_out_forgotten(
    con: Backend, stage: str, orders: str, table: str, forgotten: ir.Table | None
) -> None:
    """Give the rows of forgotten people the reason `forgotten`, lines with their order.

    Parameters
    ----------
    stage, orders : stages of the table and of orders
    table : canonical name
    forgotten : source, source_id; None where nobody asked
    """
    if forgotten is None:
        return
    columns = CANONICAL[table].column_names
    if table == "order_lines":
        of_whom = (
            f'(source, order_id) IN (SELECT (source, order_id) FROM "{orders}" '
            f"WHERE reason = '{FORGOTTEN}')"
        )
    elif "source_id" in columns:
        keep(con, _LISTED, forgotten.select("source", "source_id").distinct())
        of_whom = f'(source, source_id) IN (SELECT (source, source_id) FROM "{_LISTED}")'
    else:
        return
    con.raw_sql(f"UPDATE \"{stage}\" SET reason = '{FORGOTTEN}' WHERE {of_whom}")
