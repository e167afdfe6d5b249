"""Lists read back by their own KPI."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pytest
from tests.lists.handmade import plain

from joren.actions.kpi_readout import kpi_of, kpi_sums, with_kpis
from joren.actions.playbook import KPIS, entries
from joren.campaigns.metrics import METRICS

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


def sums_of(con, action, orders=(), uses=()):
    people = [("a", "treat"), ("b", "treat"), ("c", "control")]
    facts = plain(con, "given_orders", FACTS, list(orders))
    used = plain(con, "given_uses", USES, list(uses))
    found = kpi_sums(drawn_of(con, action, *people), KPIS_OF, facts, used)
    return found.set_index("arm")


def test_every_kpi_of_the_playbook_is_a_mean_a_customer():
    assert set(KPIS_OF.values()) <= set(KPIS)
    assert not any(METRICS[name].is_ratio for name in KPIS)
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
    assert sums_of(con, "subscriber_care", orders).total.to_dict() == {"control": 1, "treat": 1}
    uses = [("c", datetime(2026, 1, 5), 300), ("b", datetime(2026, 2, 5), 300)]
    assert sums_of(con, "use_points", (), uses).total.to_dict() == {"control": 1, "treat": 0}


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
