from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.stats.hillstrom import ARMS, CONTROL, MEN, arm, moments

from joren.stats.cuped import adjusted_effect, explain
from joren.stats.effects import mean_effect
from joren.stats.moments import Moments


def test_hillstroms_past_spend_explains_nothing_of_the_spend_that_followed():
    arms = {name: arm(name, "spend", "history") for name in ARMS}
    found = explain(list(arms.values()), 0.9)
    assert not found.gain
    assert found.reduction.upper < 0.001
    adjusted = adjusted_effect(arms[MEN], arms[CONTROL], found, 0.9)
    assert adjusted == mean_effect(arms[MEN], arms[CONTROL], 0.9)


def simulated(effect: float, n: int, rng: np.random.Generator) -> tuple[Moments, Moments]:
    before = rng.gamma(2, 50, (2, n))
    after = 0.8 * before + rng.normal(0, 40, (2, n)) + np.array([[effect], [0.0]])
    return tuple(moments(pd.Series(x), pd.Series(y)) for x, y in zip(after, before, strict=True))


def test_a_covariate_that_explains_shortens_the_interval_as_said():
    treated, control = simulated(5.0, 4000, np.random.default_rng(1))
    found = explain([treated, control], 0.9)
    plain = mean_effect(treated, control, 0.9)
    adjusted = adjusted_effect(treated, control, found, 0.9)
    truth = 0.8**2 * 5000 / (0.8**2 * 5000 + 1600)
    assert found.gain
    assert found.theta == pytest.approx(0.8, abs=0.02)
    assert found.reduction.lower < truth < found.reduction.upper
    shorter = 1 - (adjusted.absolute.se / plain.absolute.se) ** 2
    assert shorter == pytest.approx(found.reduction.value, abs=0.01)
    assert adjusted.method == "cuped"
    assert adjusted.absolute.lower < 5.0 < adjusted.absolute.upper


def test_adjusted_intervals_hold_the_truth_as_often_as_they_say():
    rng, held = np.random.default_rng(4), 0
    for _ in range(200):
        arms = simulated(5.0, 400, rng)
        interval = adjusted_effect(*arms, explain(arms, 0.9), 0.9).absolute
        held += interval.lower < 5.0 < interval.upper
    assert 0.85 <= held / 200 <= 0.95


def test_chance_differences_of_the_covariate_between_arms_are_taken_off():
    rows = pd.Series([10.0, 20.0, 30.0, 40.0, 50.0]), pd.Series([1.0, 2.0, 3.0, 4.0, 5.0])
    control, treated = moments(*rows), moments(rows[0] + 10, rows[1] + 1)
    found = explain([control, treated], 0.9)
    assert adjusted_effect(treated, control, found, 0.9).absolute.value == pytest.approx(0.0)


def test_money_in_yen_leaves_reduction_and_relative_effect_unchanged():
    treated, control = simulated(5.0, 500, np.random.default_rng(2))

    def yen(m: Moments) -> Moments:
        return replace(
            m,
            total=m.total * 150,
            squares=m.squares * 150**2,
            positive_total=m.positive_total * 150,
            product=m.product * 150,
        )

    some, same = explain([treated, control], 0.9), explain([yen(treated), yen(control)], 0.9)
    assert same.reduction.value == pytest.approx(some.reduction.value)
    one = adjusted_effect(treated, control, some, 0.9).relative
    other = adjusted_effect(yen(treated), yen(control), same, 0.9).relative
    assert other.lower == pytest.approx(one.lower)
    assert other.upper == pytest.approx(one.upper)


@pytest.mark.parametrize("arms", [[], [Moments(1, 5, 25)], [Moments(9, 4, 4), Moments(9, 3, 3)]])
def test_without_rows_or_without_a_covariate_nothing_is_gained(arms):
    assert not explain(arms, 0.9).gain
