"""Where people buy."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from joren.simulate.habits import AWAY_SHARE, PROFILES, draw_habits
from joren.simulate.world import AREAS, CHUNK, STORES, World

WORLD = World(CHUNK, seed=5)
PEOPLE = pa.table({"area": [AREAS[i % len(AREAS)] for i in range(CHUNK)]})


def test_everybodys_shop_is_in_their_area_and_all_shops_are_somebodys():
    habits = draw_habits(WORLD, 0, PEOPLE)
    areas = np.array([store.area for store in STORES])
    assert (areas[habits.store] == np.array(PEOPLE["area"].to_pylist())).all()
    assert set(habits.store) == set(range(len(STORES)))


def test_orders_go_to_the_systems_by_each_persons_shares():
    habits = draw_habits(WORLD, 0, PEOPLE)
    np.testing.assert_allclose(habits.shares.sum(axis=1), 1)
    pos_only = (habits.shares[:, 0] == 1).mean()
    assert abs(pos_only - PROFILES[0][0]) < 4 * np.sqrt(0.25 / CHUNK)
    person = np.repeat(np.arange(200), 2_000)
    system = habits.choose_systems(np.random.default_rng(2), person).reshape(200, 2_000)
    for position in range(3):
        chosen = (system == position).mean(axis=1)
        assert np.abs(chosen - habits.shares[:200, position]).max() < 0.06


def test_most_till_visits_are_at_home():
    habits = draw_habits(WORLD, 0, PEOPLE)
    person = np.arange(CHUNK)
    away = habits.choose_stores(np.random.default_rng(2), person) != habits.store
    expected = AWAY_SHARE * (1 - 1 / len(STORES))
    assert abs(away.mean() - expected) < 4 * np.sqrt(expected / CHUNK)
