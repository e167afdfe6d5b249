"""Made-up dates show an effect where trends diverge, and seldom where they do not."""

import numpy as np
from tests.experiments.quasi_worlds import customers

from joren.experiments.checks.placebo_dates import placebo_dates
from joren.experiments.period_moments import of_matrix


def test_diverging_trends_fail():
    found = [placebo_dates(*customers(s, drift=40.0), 5, seed=1).outcome for s in range(10)]

    assert found.count("failed") == 10


def test_quiet_dates_seldom_fail():
    found = [placebo_dates(*customers(s), 5, seed=1).outcome for s in range(100)]

    assert found.count("failed") <= 12  # binomial(100, .05): more in one of 700


def test_the_effect_after_the_true_start_is_not_looked_at():
    treated, control = customers(1)
    bumped = type(treated)(treated.n, treated.sums.copy(), treated.products.copy())
    bumped.sums[5:] *= 3

    before, after = (placebo_dates(g, control, 5, seed=1) for g in (treated, bumped))
    assert before.statistic == after.statistic


def test_one_date_is_too_few():
    pair = of_matrix(np.random.default_rng(1).normal(size=(30, 3)))

    assert placebo_dates(pair, pair, 2, seed=1).outcome == "undecided"
