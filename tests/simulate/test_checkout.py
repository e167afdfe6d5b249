"""Charges, discounts and what becomes of orders."""

from __future__ import annotations

import numpy as np

from joren.simulate.catalogue import COURSES
from joren.simulate.checkout import (
    CANCELLED,
    CANCELLED_SHARE,
    DISCOUNTS,
    PENDING,
    PENDING_SHARE,
    RETURNED,
    RETURNED_SHARE,
    VALID,
    charge,
    decide_statuses,
    refund_days,
)
from joren.simulate.habits import MALL, POS, TEIKI, WEB
from joren.simulate.visits import make_visits
from joren.simulate.world import DAYS

N = 40_000


def _visits(system, day=10.0, **other):
    person, day = np.zeros(N, dtype=int), np.full(N, day)
    return make_visits(person, day, np.full(N, system, dtype=np.int8), **other)


def _share_is(flags, expected):
    return abs(flags.mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / len(flags))


def test_small_online_orders_pay_shipping_and_shops_do_not():
    rng = np.random.default_rng(1)
    goods = np.tile([5_499, 5_500], N // 2)
    nobody = np.full(N, -1)
    for system in (WEB, MALL):
        charges = charge(rng, _visits(system), goods, nobody)
        assert (charges.shipping == np.tile([550, 0], N // 2)).all()
    assert not charge(rng, _visits(POS), goods, nobody).shipping.any()


def test_discounts_come_at_their_share_and_malls_pay_their_own():
    rng = np.random.default_rng(1)
    for system, (share, yen, least) in DISCOUNTS.items():
        enough = charge(rng, _visits(system), np.full(N, least), np.full(N, -1))
        assert _share_is(enough.discount > 0, share)
        assert set(enough.discount) == {0, *yen}
        assert enough.mall_discount.any() == (system == MALL)
        little = charge(rng, _visits(system), np.full(N, least - 1), np.full(N, -1))
        assert not little.discount.any()


def test_the_first_parcel_has_its_courses_discount():
    sequence = np.tile([1, 2], N // 2)
    visits = _visits(TEIKI, sequence=sequence)
    charges = charge(np.random.default_rng(1), visits, np.full(N, 5_480), np.full(N, 1))
    assert (charges.discount == np.where(sequence == 1, COURSES[1].first_discount, 0)).all()


def test_statuses_come_at_their_shares():
    status = decide_statuses(np.random.default_rng(1), _visits(WEB), np.zeros(N, dtype=bool))
    assert _share_is(status == CANCELLED, CANCELLED_SHARE)
    assert _share_is(status == RETURNED, RETURNED_SHARE)
    assert not (status == PENDING).any()


def test_first_and_extra_orders_and_subscriptions_are_spared():
    rng = np.random.default_rng(1)
    assert (decide_statuses(rng, _visits(WEB), np.ones(N, dtype=bool)) == VALID).all()
    extra = _visits(WEB, campaign=np.zeros(N, dtype=int))
    assert (decide_statuses(rng, extra, np.zeros(N, dtype=bool)) == VALID).all()
    parcels = decide_statuses(rng, _visits(TEIKI, DAYS - 1.0), np.zeros(N, dtype=bool))
    assert set(parcels) == {VALID, RETURNED}


def test_online_orders_of_the_last_days_may_be_unpaid():
    rng = np.random.default_rng(1)
    first = np.ones(N, dtype=bool)
    assert _share_is(
        decide_statuses(rng, _visits(WEB, DAYS - 1.0), first) == PENDING, PENDING_SHARE
    )
    assert not (decide_statuses(rng, _visits(POS, DAYS - 1.0), first) == PENDING).any()
    assert not (decide_statuses(rng, _visits(WEB, DAYS + 1.0), first) == PENDING).any()


def test_till_returns_are_refunded_within_days_if_the_customer_is_still_there():
    rng = np.random.default_rng(1)
    visits = _visits(POS)
    status = np.tile([RETURNED, VALID], N // 2)
    day, refunded = refund_days(rng, visits, status, np.full(N, 16.0))
    assert not refunded[status == VALID].any()
    assert set(day - 10.0) == set(range(1, 11))
    assert (refunded[status == RETURNED] == (day[status == RETURNED] < 16)).all()
