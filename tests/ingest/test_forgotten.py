"""Rows of people who asked to be forgotten."""

from __future__ import annotations

import ibis
import pytest

from joren.contract import CANONICAL
from joren.engine import connect
from joren.ingest.forgotten import leave_out_forgotten


@pytest.fixture
def con():
    backend = connect()
    for table, rows in {
        "orders": "('web','o1','ann'), ('web','o2','bob'), ('pos','o1','ann')",
        "order_lines": "('web','o1',1), ('web','o2',1), ('pos','o1',1)",
        "products": "('web','p1',0)",
    }.items():
        names = {"orders": "source_id", "order_lines": "line_no", "products": "n"}[table]
        key = "product_id" if table == "products" else "order_id"
        backend.raw_sql(
            f"CREATE TEMP TABLE ingest_{table} AS SELECT *, NULL::VARCHAR AS reason "
            f"FROM (VALUES {rows}) t(source, {key}, {names})"
        )
    return backend


def _left(con, table):
    rows = con.table(f"ingest_{table}").filter(ibis._.reason.isnull()).to_pyarrow().to_pylist()
    return sorted((row["source"], row.get("order_id") or row.get("product_id")) for row in rows)


def test_orders_and_their_lines_go_and_the_same_id_elsewhere_stays(con):
    forgotten = ibis.memtable({"source": ["web"], "source_id": ["ann"]})
    for table in ("orders", "order_lines", "products"):
        assert table in CANONICAL
        leave_out_forgotten(con, f"ingest_{table}", "ingest_orders", table, forgotten)
    assert _left(con, "orders") == [("pos", "o1"), ("web", "o2")]
    assert _left(con, "order_lines") == [("pos", "o1"), ("web", "o2")]
    assert _left(con, "products") == [("web", "p1")]


def test_nobody_asked_and_nothing_is_touched(con):
    leave_out_forgotten(con, "ingest_orders", "ingest_orders", "orders", None)
    assert len(_left(con, "orders")) == 3
