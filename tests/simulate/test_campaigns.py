"""Campaigns: assignment by lot, stated effects, a placebo."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from joren.simulate.campaigns import (
    CAMPAIGNS,
    CONTROL,
    SEGMENTS,
    SILENT_DAYS,
    campaign_table,
    run_campaigns,
)
from joren.simulate.habits import POS, WEB, Habits
from joren.simulate.season import HORIZON
from joren.simulate.visits import make_visits
from joren.simulate.world import CHUNK, DAYS, World

WORLD = World(CHUNK, seed=5)


@pytest.fixture(scope="module")
def ran():
    """Everybody stays for ever, is a LINE friend and buys twice, in shop or web store."""
    rng = np.random.default_rng(1)
    person = np.arange(CHUNK)
    first = rng.random(CHUNK) * 600
    again = first + rng.random(CHUNK) * 300
    visits = make_visits(
        np.concatenate([person, person]),
        np.concatenate([first, again]),
        rng.choice(np.array([POS, WEB], dtype=np.int8), 2 * CHUNK),
    )
    shares = np.tile([0.5, 0.5, 0.0], (CHUNK, 1))
    habits = Habits(shares, np.zeros(CHUNK, dtype=int), np.zeros(CHUNK, dtype=int))
    died = np.full(CHUNK, float(HORIZON))
    return visits, *run_campaigns(WORLD, 0, habits, visits, first, died)


def test_arms_are_drawn_by_their_shares_within_segments(ran):
    _, assignments, _ = ran
    for assigned, campaign in zip(assignments, CAMPAIGNS, strict=True):
        for segment in range(len(SEGMENTS)):
            arms = assigned.arm[assigned.segment == segment]
            assert len(arms) > 100
            for position, arm in enumerate(campaign.arms):
                share = campaign.shares[arm]
                error = np.sqrt(share * (1 - share) / len(arms))
                assert abs((arms == position).mean() - share) < 4 * error


def test_treatments_add_orders_at_the_stated_rate_of_the_segment(ran):
    _, assignments, extras = ran
    for number, (assigned, campaign) in enumerate(zip(assignments, CAMPAIGNS, strict=True)):
        for arm, treatment in enumerate(campaign.arms[1:], start=1):
            mine = (extras.campaign == number) & (extras.arm == arm)
            counts = np.bincount(extras.person[mine], minlength=CHUNK)[assigned.person]
            for segment, rate in enumerate(campaign.effects[treatment]):
                n = (assigned.segment == segment).sum()
                added = counts[assigned.segment == segment].sum()
                assert abs(added - rate * n) <= 4 * np.sqrt(rate * n)


def test_one_campaign_is_a_placebo(ran):
    _, _, extras = ran
    nothing = [
        number
        for number, campaign in enumerate(CAMPAIGNS)
        if not any(rate for rates in campaign.effects.values() for rate in rates)
    ]
    assert len(nothing) == 1
    assert not (extras.campaign == nothing[0]).any()


def test_extra_orders_lie_in_the_window_and_happen_to_the_treated_only(ran):
    _, assignments, extras = ran
    for number, (assigned, campaign) in enumerate(zip(assignments, CAMPAIGNS, strict=True)):
        mine = extras.take(extras.campaign == number)
        assert ((mine.day >= campaign.first_day) & (mine.day < campaign.after)).all()
        given = np.zeros(CHUNK, dtype=int)
        given[assigned.person] = assigned.arm
        np.testing.assert_array_equal(mine.real, given[mine.person] == mine.arm)


def test_segments_are_what_the_retailer_knows_the_day_before(ran):
    visits, assignments, _ = ran
    day = CAMPAIGNS[0].first_day - 1
    assigned = assignments[0]
    before = visits.take(visits.day < day)
    orders = np.bincount(before.person, minlength=CHUNK)
    np.testing.assert_array_equal(assigned.person, np.flatnonzero(orders))
    last = np.zeros(CHUNK)
    np.maximum.at(last, before.person, before.day)
    silent = last[assigned.person] < day - SILENT_DAYS
    np.testing.assert_array_equal(assigned.segment == 2, silent)
    new = orders[assigned.person] == 1
    np.testing.assert_array_equal(assigned.segment == 0, new & ~silent)


def test_an_extra_order_of_an_earlier_campaign_makes_a_customer_active_again(ran):
    visits, assignments, extras = ran
    later = assignments[1]
    cut = CAMPAIGNS[1].first_day - 1 - SILENT_DAYS
    came = extras.person[(extras.campaign == 0) & extras.real & (extras.day > cut)]
    own = np.zeros(CHUNK)
    known = visits.take(visits.day < CAMPAIGNS[1].first_day - 1)
    np.maximum.at(own, known.person, known.day)
    awakened = np.isin(later.person, came) & (own[later.person] < cut)
    assert awakened.sum() > 20
    assert not (later.segment[awakened] == 2).any()


def test_windows_lie_in_the_observed_time_and_do_not_overlap():
    assert all(0 < c.first_day < c.after <= DAYS for c in CAMPAIGNS)
    assert all(a.after <= b.first_day - 1 for a, b in pairwise(CAMPAIGNS))
    assert all(0.1 <= c.shares[CONTROL] <= 0.3 for c in CAMPAIGNS)
    assert all(abs(sum(c.shares.values()) - 1) < 1e-9 for c in CAMPAIGNS)
    assert campaign_table().num_rows == len(CAMPAIGNS)
