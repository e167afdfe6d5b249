import numpy as np
import pytest

from joren.errors import JorenError
from joren.stats.power import (
    chance_to_show,
    detectable_mean,
    detectable_rate,
    expected_chance,
    size_for_mean,
    size_for_rate,
)

BASE = 122 / 21306


@pytest.mark.parametrize(
    ("lift", "per_arm"), [(0.001, 97_123.17), (0.002, 26_214.66), (0.003, 12_508.71)]
)
def test_the_customers_needed_per_arm_are_the_published_ones(lift, per_arm):
    found = size_for_rate(BASE, lift)
    assert found.treated == pytest.approx(per_arm, abs=0.005)
    assert found.control == found.treated
    assert found.total == pytest.approx(2 * per_arm, abs=0.01)


def test_a_hold_out_of_a_tenth_needs_more_customers_and_a_smaller_control():
    half, tenth = size_for_rate(BASE, 0.002), size_for_rate(BASE, 0.002, holdout=0.1)
    p = BASE + 0.002
    variances = p * (1 - p), BASE * (1 - BASE)
    per_half = half.total / (2 * sum(variances))
    assert tenth.total == pytest.approx(per_half * (variances[0] / 0.9 + variances[1] / 0.1))
    assert tenth.control == pytest.approx(tenth.total / 10)
    assert tenth.control < half.control < half.total < tenth.total


@pytest.mark.parametrize("holdout", [0.5, 0.1])
@pytest.mark.parametrize("lift", [0.001, 0.003])
def test_the_detectable_effect_of_the_customers_needed_is_the_effect_itself(lift, holdout):
    total = size_for_rate(BASE, lift, holdout).total
    assert detectable_rate(BASE, total, holdout) == pytest.approx(lift, rel=1e-6)
    total = size_for_mean(30.0, lift, holdout).total
    assert detectable_mean(30.0, total, holdout) == pytest.approx(lift)


def test_too_few_customers_show_no_rate_at_all():
    assert detectable_rate(0.5, 4) is None


def test_the_mean_of_a_rate_needs_as_many_customers_as_the_rate():
    p, q = BASE, BASE + 0.002
    by_mean = size_for_mean((p * (1 - p)) ** 0.5, 0.002, sd_treated=(q * (1 - q)) ** 0.5)
    assert by_mean.total == pytest.approx(size_for_rate(BASE, 0.002).total)


def test_tests_of_the_size_asked_for_show_the_effect_as_often_as_asked():
    rng, n = np.random.default_rng(2), size_for_rate(0.05, 0.02)
    treated = rng.binomial(round(n.treated), 0.07, 4000) / n.treated
    control = rng.binomial(round(n.control), 0.05, 4000) / n.control
    se = np.sqrt(treated * (1 - treated) / n.treated + control * (1 - control) / n.control)
    assert (np.abs(treated - control) > 1.959964 * se).mean() == pytest.approx(0.8, abs=0.02)


def test_the_chance_to_show_nothing_is_alpha_and_that_of_a_large_effect_one():
    assert chance_to_show(0.0, 1.0, 0.1) == pytest.approx(0.1)
    assert chance_to_show(9.0, 1.0) == pytest.approx(1.0)
    assert chance_to_show(1.959964 + 0.841621, 1.0) == pytest.approx(0.8, abs=1e-4)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: size_for_rate(0.99, 0.02),
        lambda: size_for_rate(0.1, 0.0),
        lambda: size_for_mean(-1.0, 2.0),
        lambda: size_for_mean(1.0, 2.0, holdout=1.0),
        lambda: detectable_rate(0.0, 100),
    ],
)
def test_what_cannot_be_planned_is_an_error(wrong):
    with pytest.raises(JorenError):
        wrong()


def test_the_expected_chance_is_power_averaged_over_what_is_believed():
    rng = np.random.default_rng(1)
    lifts = rng.normal(0.1, 0.05, 400_000)
    shown = (rng.normal(lifts, 0.04) > 1.959964 * 0.04).mean()
    assert expected_chance(0.1, 0.05, 0.04) == pytest.approx(shown, abs=0.003)
    assert expected_chance(-0.1, 0.05, 0.04) == expected_chance(0.1, 0.05, 0.04)
    assert expected_chance(0.1, 1e-9, 0.04) == pytest.approx(chance_to_show(0.1, 0.04), abs=1e-4)
