from decimal import Decimal

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.campaigns.handmade import plan

from joren.campaigns.metrics import METRICS
from joren.campaigns.outcomes import window_of
from joren.campaigns.plan import house_kpi
from joren.campaigns.readings import Reading
from joren.campaigns.statistics import by_cell, cross_products, moments_of
from joren.contract import MONEY
from joren.engine import connect

READOUT = window_of(plan(), house_kpi("orders"))


def table(rows: list[dict]) -> ibis.Table:
    """Outcomes with what a test does not care about at zero."""
    money = ("revenue", "margin", "ltv", "revenue_before")
    counts = ("orders", "purchase_days", "points_used", "responded", "repeated", "lapsed",
              "used_points", "orders_before", "points_before")  # fmt: skip
    words = ("campaign_id", "arm", "window", "stratum", "channel")
    default = {"campaign_id": "C1", "arm": "control", "window": "readout", "stratum": None,
               "channel": "channel:web"}  # fmt: skip
    complete = [dict.fromkeys((*money, *counts), 0) | default | row for row in rows]
    types = {name: pa.string() for name in words}
    types |= {name: pa.int64() for name in counts} | {name: pa.decimal128(18, 4) for name in money}
    made = pa.Table.from_pylist(
        [{n: Decimal(str(r[n])) if n in money else r[n] for n in types} for r in complete],
        schema=pa.schema(types),
    )
    return connect().create_table("outcomes", made)


def reading(metric: str) -> Reading:
    return Reading("C1", METRICS[metric], READOUT)


def test_sums_of_a_cell_are_exact():
    cells = by_cell(
        table(
            [
                {"orders": 2, "revenue": "1000.25", "orders_before": 1, "revenue_before": "10.5"},
                {"orders": 0, "revenue": "0", "orders_before": 3},
            ]
        )
    )
    row = cells.row(reading("orders"), "control", "all")
    assert row["n"] == 2
    assert (row["orders__total"], row["orders__squares"], row["orders__product"]) == (2, 4, 2)
    assert row["revenue__squares"] == Decimal("1000500.0625")
    assert row["revenue__product"] == Decimal("10502.625")
    assert row["revenue__orders"] == Decimal("2000.5")


def test_moments_are_those_of_the_customers():
    cells = by_cell(table([{"revenue": value} for value in (100, 0, 200)]))
    revenue = moments_of(cells.row(reading("revenue"), "control", "all"), METRICS["revenue"])
    assert (revenue.n, revenue.mean(), revenue.variance()) == (3, 100, 10000)
    assert (revenue.positive, revenue.positive_total) == (2, 300)
    assert revenue.log_total == pytest.approx(9.903488, abs=1e-6)


def test_a_ratio_carries_its_denominator():
    cells = by_cell(table([{"orders": 2, "revenue": 100}, {"orders": 1, "revenue": 80}]))
    basket = METRICS["average_basket"]
    moments = moments_of(cells.row(reading("average_basket"), "control", "all"), basket)
    assert (moments.total, moments.covariate, moments.product) == (180, 3, 280)
    assert cross_products() == [("revenue", "orders")]


def test_segments_of_a_kind_add_up_to_everybody():
    rows = [
        {"stratum": name, "channel": f"channel:{channel}", "orders": i}
        for i, (name, channel) in enumerate([("new", "web"), ("new", "pos"), ("old", "web")])
    ]
    cells = by_cell(table(rows))
    kinds = cells.segments(reading("orders"))
    assert kinds == {
        "all": ["all"], "channel": ["channel:pos", "channel:web"], "stratum": ["new", "old"],
    }  # fmt: skip
    for names in kinds.values():
        own = [cells.row(reading("orders"), "control", name) for name in names]
        assert sum(row["orders__total"] for row in own) == 3
        assert sum(row["n"] for row in own) == 3
    assert cells.row(reading("orders"), "treatment", "all") is None


@settings(max_examples=3, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_rows_changes_nothing(order):
    rows = [
        {"revenue": f"{1234.56 * i:.4f}", "orders": i % 3, "stratum": "xyz"[i % 3],
         "arm": "control" if i % 2 else "treatment"}
        for i in range(12)
    ]  # fmt: skip
    first, other = by_cell(table(rows)), by_cell(table([rows[i] for i in order]))
    assert first == other


def test_amounts_as_large_as_they_come_do_not_overflow():
    cells = by_cell(table([{"revenue": "99999999999999.9999", "revenue_before": "1"}]))
    squares = cells.row(reading("revenue"), "control", "all")["revenue__squares"]
    assert float(squares) == pytest.approx(1e28)
    assert MONEY == "decimal(18, 4)"
