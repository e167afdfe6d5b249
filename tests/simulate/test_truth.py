"""True effects from both potential outcomes."""

from __future__ import annotations

import duckdb
import pytest

from joren.simulate.touchpoints import COMPLAINT_ENDS, LINE_FACTOR
from joren.simulate.truth import campaign_effects, route_effects


def test_effects_are_means_over_everybody_assigned_by_segment_and_in_all():
    con = duckdb.connect()
    con.execute("""CREATE TABLE outcomes AS FROM (VALUES
        ('c', 'treatment', 'new', 1, 900, 0, 0), ('c', 'treatment', 'new', 0, 0, 0, 0),
        ('c', 'treatment', 'silent', 2, 300, 1, 50), ('c', 'treatment', 'silent', 0, 0, 2, 70))
        AS t(campaign_id, arm, segment, extra_orders, extra_amount, base_orders, base_amount)""")
    found = {
        (row["segment"], row["metric"]): (row["effect"], row["n"])
        for row in campaign_effects(con).to_pylist()
    }
    assert found == {
        ("all", "orders"): (0.75, 4), ("all", "response_rate"): (0.25, 4),
        ("all", "revenue"): (300.0, 4), ("new", "orders"): (0.5, 2),
        ("new", "response_rate"): (0.5, 2), ("new", "revenue"): (450.0, 2),
        ("silent", "orders"): (1.0, 2), ("silent", "response_rate"): (0.0, 2),
        ("silent", "revenue"): (150.0, 2),
    }  # fmt: skip


def test_route_effects_are_the_stated_ones_and_the_churn_they_brought():
    con = duckdb.connect()
    con.execute("""CREATE TABLE exposures AS FROM (VALUES
        ('complaint', TIMESTAMP '2025-01-01', TIMESTAMP '2025-01-20', NULL::TIMESTAMP),
        ('complaint', TIMESTAMP '2025-01-01', TIMESTAMP '2025-03-15', TIMESTAMP '2025-03-15'))
        AS t(touchpoint, occurred_at, died_at, died_at_without)""")
    found = {
        (row["touchpoint"], row["what"]): (row["effect"], row["n"])
        for row in route_effects(con).to_pylist()
    }
    assert found["complaint", "ends_within_30d"] == (COMPLAINT_ENDS, None)
    assert found["line_add", "remaining_lifetime_factor"] == (LINE_FACTOR, None)
    assert found["site_visit", "lifetime_factor"] == (1.0, None)
    churn = {what: effect for (_, what), (effect, n) in found.items() if n == 2}
    assert churn == {f"churn_{days}d": 0.5 for days in (30, 90, 180, 365)}


def test_a_whole_chunk_has_effects_for_every_campaign_and_cause(lived):
    effects = campaign_effects(lived).to_pylist()
    assert all(row["effect"] == 0 for row in effects if row["campaign_id"] == "C2505")
    in_all = {
        (row["campaign_id"], row["arm"]): row["effect"]
        for row in effects
        if row["segment"] == "all" and row["metric"] == "orders"
    }
    assert in_all["C2511", "coupon_500"] > in_all["C2511", "coupon_300"] > 0
    churn = {
        row["touchpoint"]: row["effect"]
        for row in route_effects(lived).to_pylist()
        if row["what"] == "churn_90d"
    }
    assert churn["complaint"] > 0.3
    assert churn["event_checkin"] > 0.05
    assert churn["line_add"] == pytest.approx(-0.07, abs=0.05)
