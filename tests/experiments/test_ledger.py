"""The ledger decides by the plan's rule, shrinks winners, and lets nothing of grade D count."""

from __future__ import annotations

from decimal import Decimal
from math import ceil

import pytest
from tests.experiments.ledgers import held, margin, plan, result, with_kpi

from joren.campaigns.coupons import Coupons
from joren.experiments.ledger import make_ledger
from joren.stats.power import size_for_rate


def ledger(plans, readout, quasi=(), value_per_point=1.0):
    return make_ledger(plans, readout, quasi, 0.9, value_per_point)


def test_decisions_follow_the_interval_and_the_plans_thresholds():
    sure, unsure, bad = plan(1), plan(2), plan(3)
    strict = with_kpi(plan(4), roll_out_from=0.08)
    rows = [
        result(sure, 0.06, 0.01), result(unsure, 0.02, 0.03), result(bad, -0.06, 0.01),
        result(strict, 0.06, 0.01),
    ]  # fmt: skip

    found = ledger([held(p) for p in (sure, unsure, bad, strict)], rows)

    decided = [entry.decided for entry in found.entries]
    assert decided == ["roll_out", "test_again", "stop", "test_again"]


def test_the_winner_is_drawn_towards_the_others():
    plans = [plan(n) for n in range(5)]
    rows = [result(p, 0.01, 0.02) for p in plans[:4]] + [result(plans[4], 0.08, 0.02)]

    found = ledger([held(p) for p in plans], rows)

    best = found.entries[4]
    assert best.shrunken.value < best.row["relative"]
    others = [entry.shrunken.value - entry.row["relative"] for entry in found.entries[:4]]
    assert min(others) > 0
    assert found.pooled.next.se > found.pooled.mean.se


def test_one_campaign_alone_has_nothing_to_be_pooled_with():
    only = plan(1)

    found = ledger([held(only)], [result(only, 0.05, 0.01)])

    assert found.pooled is None
    assert found.entries[0].shrunken is None
    assert found.entries[0].decided == "roll_out"


def test_before_and_after_decides_nothing_and_has_no_return_on_cost():
    alone = plan(1)
    weak = {"grade": "D", "method": "before_after", "n_control": 0}
    rows = [result(alone, 0.06, 0.01, **weak), margin(alone, 500.0, 10.0, **weak)]

    (entry,) = ledger([held(alone)], rows).entries

    assert entry.decided == "unproven"
    assert entry.cost == 80_000
    assert entry.roi is None


def test_a_quasi_experiment_with_passed_checks_stands_before_before_and_after():
    alone = plan(1)
    weak = result(alone, 0.06, 0.01, grade="D", method="before_after", n_control=0)
    designed = {
        "campaign_id": "C1", "arm": "treatment", "metric": "revenue", "segment": "all",
        "design": "did", "n": 800, "n_control": 900, "effect": 120.0, "lower": 20.0,
        "upper": 220.0, "relative": 0.1, "grade": "C", "method": "did",
    }  # fmt: skip

    (entry,) = ledger([held(alone)], [weak], [designed]).entries

    assert entry.row["design"] == "did"
    assert entry.decided == "unproven"


@pytest.mark.parametrize("status", ["edited", "withdrawn"])
def test_nothing_is_decided_on_a_plan_that_changed_once_results_were_seen(status):
    late = plan(1)

    (entry,) = ledger([held(late, status)], [result(late, 0.06, 0.01)]).entries

    assert entry.decided == "edited"
    assert entry.status == status


def test_return_on_cost_counts_contacts_points_and_fixed_cost():
    granted = plan(1, grants={"treatment": 50}, fixed_cost=20_000.0)
    rows = [result(granted, 0.06, 0.01), margin(granted, 300.0, 10.0)]

    (entry,) = ledger([held(granted)], rows, value_per_point=2.0).entries

    cost = 800 * (100 + 50 * 2) + 20_000
    assert entry.cost == cost
    assert entry.roi[0] == pytest.approx(800 * 300 / cost - 1)
    assert entry.roi[1] < entry.roi[0] < entry.roi[2]


def test_coupons_redeemed_are_cost_in_whole_and_what_margins_bear_of_them_is_given_back():
    only = plan(1)
    rows = [result(only, 0.06, 0.01), margin(only, 250.0, 10.0)]
    given = {("C1", "treatment"): Coupons(90, 3, Decimal("27000.1"), Decimal("8000"))}

    (plain,) = ledger([held(only)], rows).entries
    (entry,) = make_ledger([held(only)], rows, (), 0.9, 1.0, given).entries

    assert entry.cost == plain.cost + Decimal("27000.1") == Decimal("107000.1")
    assert entry.coupons.untold == 3
    assert entry.roi[0] == pytest.approx((250 * 800 + 8000) / 107000.1 - 1)
    assert plain.roi[0] == pytest.approx(250 * 800 / 80000 - 1)


def test_the_next_test_is_as_large_as_the_target_asks():
    aimed = with_kpi(plan(1), target=0.05)

    (entry,) = ledger([held(aimed)], [result(aimed, 0.02, 0.03)]).entries

    assert entry.next_hold_out == pytest.approx(0.2)
    assert entry.next_customers == ceil(size_for_rate(0.2, 0.05, 0.2).total)


def test_a_campaign_without_result_or_still_running_says_so():
    running, unread = plan(1), plan(2)

    found = ledger([held(running, opens=False), held(unread)], [])

    assert [entry.decided for entry in found.entries] == ["running", "unread"]


def test_of_several_arms_the_row_is_that_of_the_best_once_pooled():
    arms = plan(1)
    rows = [
        result(arms, 0.05, 0.01, arm="a"),
        result(arms, 0.06, 0.2, arm="b"),  # a little more, but hardly known
        result(plan(2), 0.0, 0.01),
    ]

    found = ledger([held(arms), held(plan(2))], rows)

    assert found.entries[0].row["arm"] == "a"
