"""Receipts: what visits come to."""

from __future__ import annotations

import numpy as np
import pytest

from joren.simulate.catalogue import COURSES
from joren.simulate.checkout import RETURNED, VALID
from joren.simulate.habits import POS, TEIKI, WEB, Habits
from joren.simulate.processes import Processes
from joren.simulate.receipts import Receipts, ring_up
from joren.simulate.subscriptions import Subscriptions
from joren.simulate.visits import join_visits, make_visits, subscription_visits
from joren.simulate.world import DAYS, World

N = 4_000
SPEND = 3_000.0


def _receipts(days: np.ndarray, system: int, seed: int = 5) -> Receipts:
    """Each of N people visits on each of the days; person 0 also subscribes on day 3."""
    one = np.ones(N)
    processes = Processes(one, one, SPEND * one, 0 * one, one)
    habits = Habits(np.tile([1.0, 0, 0], (N, 1)), np.zeros(N, dtype=int), np.zeros(N, dtype=int))
    course = Subscriptions(*(np.array([v]) for v in (0, 1, 2, 3.5, 4, 110.0, 0)))
    person = np.repeat(np.arange(N), len(days))
    visits = make_visits(person, np.tile(days, N), np.full(len(person), system, dtype=np.int8))
    visits = join_visits([visits, subscription_visits(course)])
    died = np.full(N, float(DAYS + 100))
    return ring_up(World(N, seed), 0, visits, processes, habits, course, died)


@pytest.fixture(scope="module")
def till() -> Receipts:
    return _receipts(np.array([2.5, 40.5, 400.5, DAYS - 1.5, DAYS + 50.5]), POS)


def test_goods_follow_the_spend_process_and_are_the_sum_of_the_lines(till):
    goods = till.goods_8 + till.goods_10
    np.testing.assert_array_equal(goods, np.bincount(till.lines.order, till.lines.amount))
    bought = goods[till.visits.system == POS]
    assert abs(bought.mean() / SPEND - 1) < 4 * 0.5 / np.sqrt(len(bought)) + 0.005
    assert bought.std() / bought.mean() == pytest.approx(0.5, rel=0.03)


def test_amounts_are_goods_and_charges_less_the_shops_discount():
    web = _receipts(np.array([2.5, 40.5]), WEB)
    c = web.charges
    assert c.discount.any()
    np.testing.assert_array_equal(
        web.amount, web.goods_8 + web.goods_10 + c.shipping + c.fee - c.discount
    )
    assert web.amount.min() > 0


def test_subscription_orders_are_their_courses_product(till):
    parcels = till.visits.system == TEIKI
    assert parcels.sum() == 4
    assert (till.goods_10[parcels] == 2 * COURSES[1].price).all()
    first = COURSES[1].first_discount
    assert till.charges.discount[parcels].tolist() == [first, 0, 0, 0]


def test_returned_till_sales_stay_valid_with_a_refund_inside_the_window(till):
    at_till = till.visits.system == POS
    inside = till.visits.day < DAYS
    assert not (till.status[at_till & inside] == RETURNED).any()
    assert (till.status[~inside] == RETURNED).any()
    assert till.refunded.any()
    assert (till.status[till.refunded] == VALID).all()
    assert (till.refund_second[till.refunded] > till.second[till.refunded]).all()
    assert (till.refund_second[till.refunded] < DAYS * 86_400).all()


def test_the_same_world_rings_up_the_same():
    one, two = (_receipts(np.array([2.5]), POS) for _ in range(2))
    np.testing.assert_array_equal(one.amount, two.amount)
    assert (one.amount != _receipts(np.array([2.5]), POS, seed=6).amount).any()
