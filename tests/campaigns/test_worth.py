from dataclasses import replace
from decimal import Decimal

import pytest
from tests.campaigns.handmade import plan
from tests.campaigns.test_verdicts import row, said

from joren.campaigns.arms import Arms
from joren.campaigns.coupons import Coupons
from joren.campaigns.worth import margin_rows, worth_of, worth_sentences
from joren.stats.effects import Estimate

ARMS = Arms("C1", {"control": 200, "treatment": 800}, 0, None)


def margin(value: float, se: float = 10.0):
    found = row(value, value - 1.645 * se, value + 1.645 * se, "margin")
    absolute = Estimate(value, value - 1.645 * se, value + 1.645 * se, se)
    return replace(found, effect=replace(found.effect, absolute=absolute))


def test_the_gain_is_margin_less_contacts_of_everybody_assigned():
    found = worth_of(margin(100), plan(unit_cost=85.0, fixed_cost=500.0), ARMS, 0.9)
    assert found.expected_gain == pytest.approx(1000 * (100 - 85) - 500)
    assert found.upper - found.lower == pytest.approx(2 * 1.645 * 1000 * 10, rel=1e-3)
    assert 0 < found.p_loss < 0.5


def test_coupons_cost_what_margins_do_not_bear_of_them_already():
    redeemed = Coupons(20, 0, Decimal(9000), Decimal(3600))
    own, campaign = margin(100), plan(unit_cost=85.0)
    found = worth_of(own, campaign, ARMS, 0.9, redeemed)
    each = (9000 - 3600) / own.n
    assert found.expected_gain == pytest.approx(1000 * (100 - 85 - each))
    (with_them,) = worth_sentences(
        [own], {"C1": campaign}, {"C1": ARMS}, 0.9, {("C1", own.arm): redeemed}
    )
    assert with_them[1]["value"] == pytest.approx(found.expected_gain)


@pytest.mark.parametrize(
    ("value", "verdict"), [(200, "pays"), (10, "does not pay"), (90, "is not decided")]
)
def test_whether_it_pays_is_said_only_where_the_interval_says_so(value, verdict):
    (sentence,) = worth_sentences([margin(value)], {"C1": plan(unit_cost=85.0)}, {"C1": ARMS}, 0.9)
    assert verdict in said(sentence)
    assert "all 1,000 customers" in said(sentence)


def test_points_and_weak_evidence_are_left_out():
    rows = [
        margin(1), replace(margin(1), grade="D"), replace(margin(1), segment="new"),
        replace(margin(1), effect=None), row(0.1, 0, 0.2),
    ]  # fmt: skip
    plans = {"C1": plan()}
    assert margin_rows(rows, plans, lambda one: False) == rows[:1]
    assert margin_rows(rows, plans, lambda one: True) == []
