"""Synthetic control: exact weights, a planted effect inside its interval, and what is refused."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from tests.experiments.quasi_worlds import EFFECT, stores

from joren.errors import JorenError
from joren.experiments.synthetic_control import (
    Series,
    conformal_p,
    effect_of,
    mix,
    series,
    synthetic_control,
)


def _world(seed, start=40, **how):
    treated, donors = stores(seed, **how)
    return Series(treated, donors, tuple(f"store {j}" for j in range(donors.shape[1])), start)


def test_a_true_mix_is_found_again():
    donors = np.random.default_rng(1).normal(100, 20, (30, 5))
    weights = np.array([0.5, 0.0, 0.3, 0.2, 0.0])

    assert mix(donors @ weights, donors) == pytest.approx(weights, abs=1e-9)


@given(st.integers(0, 10_000), st.integers(2, 8))
@settings(max_examples=25, deadline=None)
def test_no_other_mix_is_closer(seed, donors):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0, 1, (15, donors)), rng.normal(0.5, 1, 15)
    found = mix(y, x)
    rival = minimize(
        lambda w: ((y - x @ w) ** 2).sum(),
        np.full(donors, 1 / donors),
        bounds=[(0, 1)] * donors,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        method="SLSQP",
    )

    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    assert ((y - x @ found) ** 2).sum() <= rival.fun + 1e-7


def test_a_planted_effect_lies_within_the_interval():
    found = [synthetic_control(_world(seed), 0.9) for seed in range(20)]

    assert sum(e.lower <= EFFECT <= e.upper for e in found) >= 15  # less: one in 400
    assert sum(e.lower > 0 for e in found) >= 15
    assert np.mean([e.effect for e in found]) == pytest.approx(EFFECT, abs=8)


def test_no_effect_is_seldom_claimed():
    found = [synthetic_control(_world(seed, effect=0.0), 0.9) for seed in range(40)]

    assert sum(not e.lower <= 0 <= e.upper for e in found) <= 9  # binomial(40, .1): one in 200


def test_the_interval_holds_the_effects_that_the_data_bear():
    world = _world(5)
    found = synthetic_control(world, 0.9)

    assert conformal_p(world, found.upper + 1) <= 0.1
    assert conformal_p(world, found.lower - 1) <= 0.1
    assert conformal_p(world, found.effect) > 0.1
    assert found.counterfactual == pytest.approx(world.treated[40:].mean() - effect_of(world))


def test_series_are_added_up_in_the_engine_whatever_the_order_of_rows():
    rows = [(u, p, 10 * i + p) for i, u in enumerate("abcde") for p in range(12)]
    rows += [("a", 3, 1000), ("b", 99, 5)]
    table = pd.DataFrame(rows, columns=["unit", "period", "value"])

    made = series(ibis.memtable(table), ["a"], 12, 10)
    turned = series(ibis.memtable(table[::-1]), ["a"], 12, 10)

    assert made.names == ("b", "c", "d", "e")
    assert made.treated[3] == 1003
    assert made.donors[4].tolist() == [14, 24, 34, 44]
    assert np.array_equal(made.donors, turned.donors)


def test_too_little_to_compare_with_is_refused():
    with pytest.raises(JorenError, match="periods lie before"):
        synthetic_control(_world(1, start=5), 0.9)
    with pytest.raises(JorenError, match="left to compare"):
        synthetic_control(_world(1, donors=2), 0.9)
    with pytest.raises(JorenError, match="cannot give an interval"):
        synthetic_control(_world(1), 0.99)
