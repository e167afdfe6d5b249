"""Lists read back by their own KPI."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
from tests.lists.handmade import plain

from joren.actions.kpi_readout import contract_ends, kpi_of, kpi_sums, with_kpis
from joren.actions.kpis import KPIS
from joren.actions.playbook import entries
from joren.campaigns.metrics import METRICS
from joren.contract import TABLES

DRAWN = {
    "list_id": "string", "campaign_id": "string", "customer_id": "string", "arm": "string",
    "assigned_at": "timestamp(6)", "planned_share": "float64", "first_day": "date",
    "last_day": "date",
}  # fmt: skip
FACTS = {
    "customer_id": "string", "ordered_at": "timestamp(6)", "day": "date", "is_purchase": "boolean",
    "revenue": "decimal(18, 4)", "margin": "decimal(18, 4)",
}  # fmt: skip
USES = {"customer_id": "string", "used_at": "timestamp(6)", "points": "int64"}
ENDS = {"customer_id": "string", "ended_at": "timestamp(6)"}
KPIS_OF = {name: entry["kpi"] for name, entry in entries().items()}


def drawn_of(con, action, *people):
    first, last = date(2026, 1, 1), date(2026, 1, 30)
    rows = [
        (f"{action}-20251231", action, who, arm, datetime(2026, 1, 1), 0.5, first, last)
        for who, arm in people
    ]
    return plain(con, f"drawn_{action}", DRAWN, rows)


def order(who, day, revenue, margin):
    at = datetime.combine(day, datetime.min.time())
    return (who, at, day, True, Decimal(revenue), Decimal(margin))


def sums_of(con, action, orders=(), uses=(), ends=()):
    people = [("a", "treat"), ("b", "treat"), ("c", "control")]
    facts = plain(con, "given_orders", FACTS, list(orders))
    used = plain(con, "given_uses", USES, list(uses))
    ended = plain(con, "given_ends", ENDS, list(ends))
    found = kpi_sums(drawn_of(con, action, *people), KPIS_OF, facts, used, ended)
    return found.set_index("arm")


def test_every_kpi_of_the_playbook_is_a_mean_a_customer():
    assert set(KPIS_OF.values()) <= set(KPIS)
    assert not any(METRICS[name].is_ratio for name in KPIS if name in METRICS)
    assert kpi_of("restock-20260331", KPIS_OF) == "orders"
    assert kpi_of("a_clients_own-20260331", KPIS_OF) == "response_rate"


def test_a_list_is_counted_by_its_kpi_within_its_days(con):
    orders = [
        order("a", date(2026, 1, 1), 1000, 400), order("a", date(2026, 1, 30), 500, 100),
        order("a", date(2026, 1, 31), 9000, 900), order("c", date(2025, 12, 31), 700, 70),
    ]  # fmt: skip
    margin = sums_of(con, "cross_sell", orders)
    assert (margin.kpi["treat"], margin.total["treat"], margin.n["treat"]) == ("margin", 500, 2)
    assert margin.squares["treat"] == 250_000
    assert (margin.total["control"], margin.n["control"]) == (0, 1)
    assert sums_of(con, "restock", orders).total["treat"] == 2
    uses = [("c", datetime(2026, 1, 5), 300), ("b", datetime(2026, 2, 5), 300)]
    assert sums_of(con, "use_points", (), uses).total.to_dict() == {"control": 1, "treat": 0}


def test_a_list_of_subscribers_is_judged_by_the_contracts_that_ended_in_its_days(con):
    ends = [
        ("a", datetime(2026, 1, 5)), ("a", datetime(2026, 1, 20)),  # both of hers: she counts once
        ("b", datetime(2025, 12, 31)), ("c", datetime(2026, 1, 30, 23)),
        ("x", datetime(2026, 1, 9)),
    ]  # fmt: skip
    orders = [order("a", date(2026, 1, 2), 1000, 400)]
    for action in ("cancel_watch", "payment_watch", "new_subscriber", "subscriber_care"):
        found = sums_of(con, action, orders, ends=ends)
        assert set(found.kpi) == {"end_rate"}
        assert found.total.to_dict() == {"control": 1, "treat": 1}
        assert found.n.to_dict() == {"control": 1, "treat": 2}
    assert sums_of(con, "cancel_watch").total.to_dict() == {"control": 0, "treat": 0}


def test_contracts_end_for_the_customer_who_holds_them(con):
    schema = TABLES["canonical/subscriptions"].ibis_schema()
    held = {"source": "shop", "product_id": "tea", "started_at": datetime(2025, 1, 1)}
    rows = [
        held | {"subscription_id": "S1", "source_id": "1", "ended_at": datetime(2026, 1, 5)},
        held | {"subscription_id": "S2", "source_id": "1", "ended_at": None},
        held | {"subscription_id": "S3", "source_id": "9", "ended_at": datetime(2026, 1, 5)},
    ]
    held_by = con.create_table(
        "held", pa.Table.from_pylist(rows, schema=schema.to_pyarrow()), overwrite=True
    )
    people = plain(con, "people", dict.fromkeys(("source", "source_id", "customer_id"), "string"),
                   [("shop", "1", "ann")])  # fmt: skip
    found = contract_ends(held_by, people).to_pyarrow().to_pylist()
    assert found == [{"customer_id": "ann", "ended_at": datetime(2026, 1, 5)}]


def test_an_effect_has_its_interval_once_the_list_is_read():
    sums = pd.DataFrame([
        {"list_id": name, "arm": arm, "kpi": "use_rate", "n": n, "total": Decimal(used),
         "squares": Decimal(used)}
        for name in ("use_points-20251231", "use_points-20260331")
        for arm, n, used in (("treat", 800, 200), ("control", 200, 30))
    ])  # fmt: skip
    results = sums[["list_id", "arm"]].assign(status=["read", "read", "open", "open"])
    found = with_kpis(results, sums, 0.9).set_index(["list_id", "arm"])
    row = found.loc[("use_points-20251231", "treat")]
    se = (0.25 * 0.75 / 800 + 0.15 * 0.85 / 200) ** 0.5
    assert (row.kpi_value, row.kpi_effect) == (0.25, pytest.approx(0.1))
    assert row.kpi_lower == pytest.approx(0.1 - 1.6449 * se, abs=1e-4)
    assert found.loc["use_points-20260331"].kpi_effect.isna().all()
    assert found.loc[("use_points-20260331", "control")].kpi_value == 0.15
