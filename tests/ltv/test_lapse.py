from datetime import date

import ibis
import pyarrow as pa
import pytest

from joren.contract import MONEY, validate
from joren.engine import connect
from joren.ltv.lapse import (
    chances_by_model,
    chances_by_rule,
    churn_table,
    lapse_bands,
    lapse_table,
)

AS_OF = date(2026, 3, 31)


def frame(rows: list[dict]) -> ibis.Table:
    return connect().create_table("rows", ibis.memtable(rows).to_pyarrow())


def test_the_models_lapse_is_the_complement_of_its_order_and_its_interval_turns_round():
    ltv = frame(
        [{"customer_id": "ann", "p_order_90d": 0.3, "p_order_90d_lower": 0.2,
          "p_order_90d_upper": 0.45}]
    )  # fmt: skip
    row = chances_by_model(ltv).to_pyarrow().to_pylist()[0]
    assert (row["p_end_90d"], row["lower"], row["upper"]) == pytest.approx((0.7, 0.55, 0.8))


@pytest.fixture(scope="module")
def orders() -> ibis.Table:
    """200 customers last seen 10 days before the window, of whom half came back; 200 seen 300 days
    before, of whom none did."""
    rows = []
    for i in range(200):
        rows.append((f"new{i}", "2025-12-21"))
        rows.append((f"old{i}", "2025-03-06"))
        if i % 2:
            rows.append((f"new{i}", "2026-02-01"))
    table = frame(
        [
            {"customer_id": c, "source": "web", "source_id": c, "order_id": str(i), "at": at,
             "value": 10, "status": "valid"}
            for i, (c, at) in enumerate(rows)
        ]
    )  # fmt: skip
    return table.mutate(
        ordered_at=table["at"].cast("timestamp(6)"),
        day=table["at"].cast("date"),
        value=table.value.cast(MONEY),
    )


def test_a_rule_gives_what_befell_customers_of_the_same_rank(orders):
    summary = frame(
        [
            {"customer_id": "fresh", "frequency": 1, "recency": 90, "T": 100},
            {"customer_id": "gone", "frequency": 1, "recency": 0, "T": 600},
        ]
    )
    found = chances_by_rule(summary, orders, AS_OF, "recency", 0.9).to_pyarrow()
    chances = {row["customer_id"]: row for row in found.to_pylist()}
    assert chances["fresh"]["p_end_90d"] == pytest.approx(0.5)
    assert chances["fresh"]["lower"] < 0.5 < chances["fresh"]["upper"]
    assert chances["gone"]["p_end_90d"] == 1
    assert chances["gone"]["lower"] > 0.95


def test_lapses_never_fall_as_the_rank_falls(orders):
    rows = [{"customer_id": str(i), "frequency": 0, "recency": 0, "T": i} for i in range(0, 700, 7)]
    found = chances_by_rule(frame(rows), orders, AS_OF, "recency", 0.9).to_pandas()
    by_silence = found.assign(silence=found.customer_id.astype(int)).sort_values("silence")
    assert by_silence.p_end_90d.is_monotonic_increasing


def test_rows_satisfy_the_contract_say_why_and_join_those_of_subscriptions():
    con = connect()
    customers = con.create_table(
        "customers",
        ibis.memtable(
            [
                {"customer_id": "ann", "frequency": 0, "overdue_ratio": 3.0},
                {"customer_id": "bob", "frequency": 4, "overdue_ratio": None},
            ]
        ).to_pyarrow(),
    )
    chance = customers.frequency.cast("float64") / 8
    chances = customers.select("customer_id", p_end_90d=chance, lower=chance, upper=chance)
    table = con.create_table("lapse", lapse_table(customers, chances))
    validate(table, "lapse")
    reasons = {row["customer_id"]: row["reasons"] for row in table.to_pyarrow().to_pylist()}
    assert reasons == {"ann": ["bought_once", "overdue"], "bob": []}
    running = con.create_table(
        "running",
        pa.table(
            {
                "source": ["teiki"], "subscription_id": ["s1"], "customer_id": ["ann"],
                "kind": ["contractual"], "hazard_next": [0.1], "p_end_90d": [0.2],
                "lower": [0.1], "upper": [0.3], "reasons": [["order:3"]], "orders": [3],
            }
        ),
    )  # fmt: skip
    both = con.create_table("churn", churn_table(running, table))
    validate(both, "churn")
    found = both.order_by("customer_id", "kind").to_pyarrow().to_pylist()
    assert [(r["kind"], r["orders"]) for r in found] == [
        ("contractual", 3), ("lapse", None), ("lapse", None),
    ]  # fmt: skip


def test_customers_are_counted_in_bands_of_their_chance_with_what_they_are_worth():
    chances = (("a", 0.05, []), ("b", 0.19, ["overdue"]), ("c", 0.2, []), ("d", 1.0, ["overdue"]))
    lapse = pa.Table.from_pylist([
        {"customer_id": c, "p_end_90d": p, "lower": p / 2, "upper": min(1.0, 2 * p),
         "reasons": reasons or ["bought_once"]}
        for c, p, reasons in chances
    ])  # fmt: skip
    ltv = pa.Table.from_pylist([{"customer_id": c, "ltv_365d": 10.0} for c in "abcd"])
    con = connect()
    bands = lapse_bands(con.create_table("lapse", lapse), con.create_table("ltv", ltv))

    assert bands.label.tolist() == [f"ltv.lapse_band.from_{low}" for low in (80, 20, 0)]
    assert bands.customers.tolist() == [1, 1, 2]
    assert bands.share.tolist() == [0.25, 0.25, 0.5]
    assert bands.chance.tolist() == pytest.approx([1.0, 0.2, 0.12])
    assert bands.overdue.tolist() == [1, 0, 1]
    assert bands.ltv.tolist() == [10, 10, 20]
