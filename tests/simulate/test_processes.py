"""The true processes against the distributions they state."""

from __future__ import annotations

import numpy as np
import pytest

from joren.simulate.processes import (
    DROPOUT_DAYS,
    DROPOUT_SHAPE,
    GROWTH,
    RATE_MEAN,
    RATE_SHAPE,
    REGULAR_SHARE,
    REGULARITY,
    SPEND_MIX,
    SPEND_SCALE,
    SPEND_SHAPE,
    Processes,
    draw_goods,
    draw_processes,
    purchase_days,
)
from joren.simulate.season import HORIZON, to_operational
from joren.simulate.world import CHUNK, DAYS, World

WORLD = World(CHUNK, seed=5)
SIGMAS = 4


@pytest.fixture(scope="module")
def drawn() -> Processes:
    return draw_processes(WORLD, 0)


def _within(share: float, expected: float, n: int) -> bool:
    return abs(share - expected) < SIGMAS * np.sqrt(expected * (1 - expected) / n)


def test_lifetimes_are_pareto(drawn):
    lifetime = drawn.ends - drawn.acquired
    for days in (30, 90, 365, 1_000):
        expected = (DROPOUT_DAYS / (DROPOUT_DAYS + days)) ** DROPOUT_SHAPE
        assert _within((lifetime > days).mean(), expected, CHUNK)


def test_rates_and_kinds_are_as_stated(drawn):
    standard_error = RATE_MEAN / np.sqrt(RATE_SHAPE * CHUNK)
    assert abs(drawn.rate.mean() - RATE_MEAN) < SIGMAS * standard_error
    assert set(drawn.k) == {1, REGULARITY}
    assert _within((drawn.k == REGULARITY).mean(), REGULAR_SHARE, CHUNK)


def test_first_orders_come_with_growth_inside_the_window(drawn):
    assert drawn.acquired.min() >= 0
    assert drawn.acquired.max() < DAYS
    half = to_operational(drawn.acquired) < DAYS / 2
    assert _within(half.mean(), (0.5 + GROWTH / 8) / (1 + GROWTH / 2), CHUNK)


@pytest.mark.parametrize("k", [1, REGULARITY])
def test_gaps_are_erlang_on_the_seasons_clock(k):
    n, rate = 500, 0.15
    one = np.ones(n)
    processes = Processes((k * one).astype(int), rate * one, one, 0 * one, one)
    person, day = purchase_days(np.random.default_rng(3), processes, np.full(n, HORIZON))
    gaps = np.diff(to_operational(day))[np.diff(person) == 0] * rate
    assert len(gaps) > 90_000
    assert abs(gaps.mean() - 1) < SIGMAS / np.sqrt(k * len(gaps)) + 0.01  # the last gap is cut
    assert gaps.var() == pytest.approx(1 / k, rel=0.05)


def test_orders_start_with_the_first_and_stop_before_the_end(drawn):
    died = np.minimum(np.ceil(drawn.ends), HORIZON)
    person, day = purchase_days(np.random.default_rng(4), drawn, died)
    first = np.diff(person, prepend=-1) != 0
    np.testing.assert_allclose(day[first], drawn.acquired, atol=1e-9)
    assert (day < died[person]).all()
    assert (np.diff(day)[~first[1:]] >= 0).all()
    poisson = drawn.k == 1
    expected = drawn.rate * (to_operational(died) - to_operational(drawn.acquired))
    repeats = np.bincount(person, minlength=CHUNK) - 1
    deviation = repeats[poisson].sum() - expected[poisson].sum()
    assert abs(deviation) < SIGMAS * np.sqrt(expected[poisson].sum())


def test_spend_is_gamma_around_a_mean_that_is_inverse_gamma(drawn):
    mean = SPEND_SHAPE * SPEND_SCALE / (SPEND_MIX - 1)
    spread = mean / np.sqrt(SPEND_MIX - 2)
    assert abs(drawn.spend_mean.mean() - mean) < SIGMAS * spread / np.sqrt(CHUNK)
    goods = draw_goods(np.random.default_rng(1), np.full(50_000, 3_000.0))
    assert goods.mean() == pytest.approx(3_000, rel=0.01)
    assert goods.std() / goods.mean() == pytest.approx(1 / np.sqrt(SPEND_SHAPE), rel=0.02)
