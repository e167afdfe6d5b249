import pytest
from tests.points.test_dose import doses

from joren.points.cap import Choice, choices_of, under_cap
from joren.points.dose import fit_dose_response
from joren.stats.effects import Estimate

PAYS = Choice(500, Estimate(40, 10, 70))
SMALL = Choice(100, Estimate(15, 5, 25))
LOSES = Choice(500, Estimate(-20, -60, 20))


def test_with_room_for_everybody_the_most_profitable_grant_is_made_to_all():
    found = under_cap([PAYS, SMALL], cap=1e9, owed_already=0, audience=1000, value_per_point=1,
                      redemption=0.5)  # fmt: skip
    assert (found.points, found.customers, found.owed) == (500, 1000, 250_000)
    assert (found.profit.value, found.profit.lower) == (40_000, 10_000)


def test_under_a_tight_cap_a_smaller_grant_to_more_customers_earns_more():
    found = under_cap([PAYS, SMALL], cap=60_000, owed_already=10_000, audience=1000,
                      value_per_point=1, redemption=0.5)  # fmt: skip
    # 50,000 is room for 200 customers at 250 each, or for 1,000 at 50
    assert (found.room, found.points, found.customers) == (50_000, 100, 1000)
    assert found.profit.value == 15_000


def test_what_is_owed_already_may_fill_the_cap():
    found = under_cap([PAYS], 1000, 2000, 100, 1, 0.5)
    assert (found.room, found.customers, found.profit.value) == (0, 0, 0)


def test_a_grant_that_does_not_pay_is_not_made_however_much_room_there_is():
    assert under_cap([LOSES], 1e9, 0, 100, 1, 0.5).customers == 0


def test_choices_come_from_the_curve_where_there_is_one():
    curve = fit_dose_response(doses(100, 300), seed=1)
    found = choices_of([], curve, 1.0, 0.1, 0.0, 0.9)
    assert found[-1].points == pytest.approx(curve.largest)
    assert all(c.profit.lower <= c.profit.value <= c.profit.upper for c in found)
    assert choices_of([], None, 1.0, 0.1, 0.0, 0.9) == []
