"""Visits: how they are joined, timed and sent to systems."""

from __future__ import annotations

import numpy as np

from joren.simulate.habits import MALL, POS, TEIKI, WEB, Habits
from joren.simulate.visits import (
    PASSERS_BY,
    first_systems,
    free_visits,
    join_visits,
    make_visits,
    passers_by,
)
from joren.simulate.world import DAYS, World

WORLD = World(500, seed=5)


def _visits(person, day, system, **other):
    return make_visits(np.array(person), np.array(day), np.array(system, dtype=np.int8), **other)


def test_joined_visits_are_in_order_of_person_and_day():
    joined = join_visits([_visits([1, 0], [5.0, 9.0], [POS, WEB]), _visits([0], [2.0], [MALL])])
    assert joined.person.tolist() == [0, 0, 1]
    assert joined.day.tolist() == [2.0, 9.0, 5.0]
    assert joined.system.tolist() == [MALL, WEB, POS]


def test_each_system_keeps_its_hours():
    sequence = np.array([0, 0, 1, 2])
    visits = _visits([0] * 4, [3.001] * 4, [POS, WEB, TEIKI, TEIKI], sequence=sequence)
    hours = (visits.seconds() - 3 * 86_400) / 3_600
    assert hours.astype(int).tolist() == [10, 0, 0, 4]


def test_first_purchases_keep_their_system_and_their_day():
    n = 2_000
    shares = np.tile([0.5, 0.5, 0.0], (n, 1))
    habits = Habits(shares, np.zeros(n, dtype=int), np.zeros(n, dtype=int))
    first = first_systems(WORLD, 0, habits)
    assert abs((first == POS).mean() - 0.5) < 4 * 0.5 / np.sqrt(n)
    person = np.repeat(np.arange(n), 3)
    day = np.tile([10.5, 20.5, 30.5], n)
    visits = free_visits(WORLD, 0, habits, first, (person, day), np.full(n, float(DAYS)))
    np.testing.assert_array_equal(visits.system[::3], first)
    assert (visits.day[::3] == 10.5).all()
    assert ((visits.store >= 0) == (visits.system == POS)).all()
    moved = visits.day - day
    assert set(moved) == {0.0, 1.0}
    assert (visits.system[moved > 0] == POS).all()


def test_passers_by_are_nobody_at_a_till_and_one_comes_on_the_last_day():
    visits = passers_by(WORLD, 0, 20_000)
    expected = PASSERS_BY * 20_000
    assert abs(len(visits) - expected) < 4 * np.sqrt(expected)
    assert (visits.person == -1).all()
    assert (visits.system == POS).all()
    assert DAYS - 1 < visits.day.max() < DAYS
