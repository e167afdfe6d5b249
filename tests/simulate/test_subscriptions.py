"""Subscription lengths against the beta-discrete-Weibull, and their calendar."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaln

from joren.simulate.catalogue import COURSES
from joren.simulate.processes import Processes
from joren.simulate.season import HORIZON
from joren.simulate.subscriptions import (
    COMMITMENT_END,
    OTHER,
    PAYMENT,
    PAYMENT_FAILS,
    SHARE,
    draw_subscriptions,
    order_days,
)
from joren.simulate.world import World

N = 400_000


@pytest.fixture(scope="module")
def drawn():
    one = np.ones(N)
    processes = Processes(one, one, one, 0 * one, one)
    return draw_subscriptions(World(N, 3), 0, processes, np.full(N, float(HORIZON)))


@pytest.mark.parametrize("course", range(len(COURSES)))
def test_lengths_are_beta_discrete_weibull_with_payment_ends(drawn, course):
    c = COURSES[course]
    orders = drawn.orders[drawn.course == course]
    for t in (1, 2, 3, 6, 12):
        free = max(t - c.commitment_orders + 1, 0)
        survives = np.exp(betaln(c.a, c.b + free**c.c) - betaln(c.a, c.b)) if free else 1.0
        expected = survives * (1 - PAYMENT_FAILS) ** t
        error = np.sqrt(expected * (1 - expected) / len(orders))
        assert abs((orders > t).mean() - expected) < 4 * error


def test_only_payments_end_a_course_before_its_commitment(drawn):
    committed = np.array([c.commitment_orders for c in COURSES])[drawn.course]
    early = drawn.orders < committed
    assert early.any()
    assert (drawn.reason[early] == PAYMENT).all()
    at_end = drawn.reason == COMMITMENT_END
    assert (drawn.orders[at_end] == 3).all()
    assert (committed[at_end] == 3).all()


def test_share_of_subscribers(drawn):
    assert abs(len(drawn.person) / N - SHARE) < 4 * np.sqrt(SHARE / N)


def test_orders_come_every_cycle_until_the_end(drawn):
    position, sequence, day = order_days(drawn)
    cycle = np.array([c.cycle_days for c in COURSES])[drawn.course]
    np.testing.assert_allclose(day - drawn.started[position], (sequence - 1) * cycle[position])
    assert (day < drawn.ended[position]).all()
    count = np.bincount(position)
    over = drawn.ended < HORIZON
    np.testing.assert_array_equal(count[over], drawn.orders[over])
    last = drawn.started + (drawn.orders - 1) * cycle
    late = drawn.ended - last
    assert (late[over] <= cycle[over] + 1e-6).all()


def test_cutting_ends_subscriptions_for_another_reason_and_drops_those_not_begun(drawn):
    died = np.full(N, 200.0)
    cut = drawn.cut(died)
    assert len(cut.person) == (drawn.started < 200).sum()
    assert (cut.ended <= 200).all()
    begun = drawn.ended[drawn.started < 200]
    np.testing.assert_array_equal(cut.reason == OTHER, begun > 200)
    assert (order_days(cut)[2] < 200).all()
