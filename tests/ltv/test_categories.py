from datetime import date

import ibis
import pandas as pd
import pytest

from joren.contract import MONEY
from joren.engine import connect
from joren.ltv.categories import with_categories
from joren.ltv.summary import purchase_summary
from joren.purchases import counted_orders, identified_orders

AS_OF = date(2026, 12, 31)
_CATEGORIES = ("first_channel", "cohort", "first_category")


@pytest.fixture(scope="module")
def tables():
    con = connect()
    frame = pd.DataFrame(
        [
            ("ann", "2", "2026-06-30 10:00", "web", "valid"),
            ("ann", "1", "2026-06-30 10:00", "shop", "valid"),
            ("ann", "3", "2026-07-20 10:00", "web", "valid"),
            ("bob", "4", "2026-06-01 10:00", "web", "cancelled"),
            ("bob", "5", "2026-07-01 00:00", None, "valid"),
        ],
        columns=["source_id", "order_id", "at", "channel", "status"],
    )
    raw = con.create_table("raw", frame)
    orders = raw.select(
        "order_id", "source_id", "status",
        channel=raw.channel.cast("string"),
        source=ibis.literal("shop"),
        ordered_at=raw["at"].cast("timestamp(6)"),
        amount=ibis.literal(100).cast(MONEY),
        amount_excluding_tax=ibis.null(MONEY),
    )  # fmt: skip
    lines = con.create_table(
        "lines",
        pd.DataFrame(
            [("1", 2, "tea"), ("1", 1, None), ("1", 3, "rice"), ("3", 1, "soap")],
            columns=["order_id", "line_no", "category"],
        ),
    ).mutate(source=ibis.literal("shop"))
    people = orders.select("source", "source_id", customer_id=orders.source_id).distinct()
    counted = counted_orders(identified_orders(orders, people), AS_OF)
    return purchase_summary(counted, AS_OF), counted, orders, lines


def _by_customer(table: ibis.Table) -> dict[str, list]:
    rows = table.to_pyarrow().to_pylist()
    return {r["customer_id"]: [r.get(name) for name in _CATEGORIES] for r in rows}


def test_the_first_valid_order_gives_channel_half_year_and_category(tables):
    found = _by_customer(with_categories(*tables))
    assert found == {"ann": ["shop", "2026H1", "tea"], "bob": [None, "2026H2", None]}


def test_without_order_lines_there_is_no_category(tables):
    table = with_categories(*tables[:3])
    assert "first_category" not in table.columns
    assert _by_customer(table)["ann"][:2] == ["shop", "2026H1"]


def test_every_customer_stays_one_row(tables):
    summary = tables[0]
    table = with_categories(*tables)
    assert set(summary.columns) < set(table.columns)
    assert table.count().to_pyarrow().as_py() == summary.count().to_pyarrow().as_py() == 2
