"""Value at stake and measured gains: sums, intervals, costs."""

from __future__ import annotations

from datetime import datetime
from math import sqrt

import pytest
from tests.actions.handmade import drawn_of, facts_of, play, reach
from tests.lists.handmade import plain, rows_of

from joren.actions.worth import ChannelEffect, channel_effects, list_worth, order_chances
from joren.params_actions import UnitCosts


def two_listed(con):
    facts = facts_of(con, *(
        {"customer_id": c, "status": "at_risk", "ltv_365d": v, "ltv_365d_sd": 30.0,
         "ltv_365d_lower": v / 2, "ltv_365d_upper": v * 2}
        for c, v in [("a", 1000.0), ("b", 500.0)]
    ))  # fmt: skip
    plays = [play("mail", offer_cost=10.0)]
    return plays, drawn_of(con, plays, facts, reach(con, ("a", "email"), ("b", "line")))


def test_customers_of_a_list_add_up_as_independent_and_cost_what_they_cost(con):
    plays, _drawn = two_listed(con)
    facts = facts_of(con, *(
        {"customer_id": c, "status": "at_risk", "ltv_365d": v, "ltv_365d_sd": 30.0}
        for c, v in [("a", 1000.0), ("b", 500.0)]
    ))  # fmt: skip
    drawn = drawn_of(con, plays, facts, reach(con, ("a", "email"), ("b", "email")))
    row = list_worth(drawn, plays, {}, UnitCosts(email=2), 0.9).iloc[0]
    assert (row.listed, row.at_stake, row.cost) == (2, 1500.0, 24.0)
    half = 1.6448536 * 30 * sqrt(2)
    assert row.at_stake_upper == pytest.approx(1500 + half)
    assert row.at_stake_lower == pytest.approx(1500 - half)
    assert row.gain != row.gain  # nothing measured, nothing gained


def test_a_measured_effect_is_taken_over_with_its_interval_after_costs(con):
    plays, drawn = two_listed(con)  # b cannot be mailed
    effects = {"email": ChannelEffect("email", "C1", 100.0, 40.0, 170.0, 900)}
    row = list_worth(drawn, plays, effects, UnitCosts(email=2), 0.9).iloc[0]
    assert row.listed == 1
    assert (row.gain, row.gain_lower, row.gain_upper) == pytest.approx((88, 28, 158))
    assert row.experiments == "C1"


def test_only_a_randomised_campaign_of_one_arm_without_a_gift_tells_of_a_channel(con):
    readout = plain(
        con,
        "readout",
        {"campaign_id": "string", "arm": "string", "metric": "string", "segment": "string",
         "n": "int64", "n_control": "int64", "effect": "float64", "lower": "float64",
         "upper": "float64", "grade": "string"},
        [
            (c, arm, "margin", "all", 80, 20, e, e - 1, e + 1, grade)
            for c, arm, e, grade in [
                ("old", "t", 1.0, "A"), ("new", "t", 2.0, "A"), ("weak", "t", 3.0, "D"),
                ("two", "t", 4.0, "A"), ("two", "u", 5.0, "A"), ("gift", "t", 6.0, "A"),
            ]
        ],
    )  # fmt: skip
    campaigns = rows_of(con, "campaigns", [
        {"source": "crm", "campaign_id": c, "name": c, "kind": kind,
         "starts_on": datetime(2025, m, 1), "ends_on": datetime(2025, m, 20)}
        for c, kind, m in [("old", "dm", 1), ("new", "dm", 2), ("weak", "dm", 3),
                           ("two", "line", 4), ("gift", "points", 5)]
    ], "canonical/campaigns")  # fmt: skip
    assert channel_effects(readout, campaigns) == {
        "dm": ChannelEffect("dm", "new", 2.0, 1.0, 3.0, 100)
    }


def test_the_share_that_orders_anyway_is_the_models(con):
    _plays, drawn = two_listed(con)
    columns = {"customer_id": "string", "p_order_60d": "float64", "p_order_90d": "float64"}
    ltv = plain(con, "chances", columns, [("a", 0.2, 0.3), ("b", 0.9, 0.9)])
    assert order_chances(drawn, ltv, 60) == pytest.approx({"mail": 0.2})
    assert order_chances(drawn, ltv, 61) == pytest.approx({"mail": 0.3})
