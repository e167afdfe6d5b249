"""The check of parallel trends fails where the groups drift apart, and seldom where they do not."""

import numpy as np
from tests.experiments.quasi_worlds import customers

from joren.experiments.checks.pre_trend import pre_trend
from joren.experiments.period_moments import of_matrix


def test_diverging_trends_fail():
    failed = sum(pre_trend(*customers(s, drift=40.0), 5).outcome == "failed" for s in range(10))

    assert failed == 10


def test_parallel_trends_seldom_fail():
    failed = sum(pre_trend(*customers(s), 5).outcome == "failed" for s in range(100))

    assert failed <= 12  # binomial(100, .05): more in one of 700


def test_it_says_which_drift_it_would_have_seen():
    check = pre_trend(*customers(1), 5)

    assert check.facts["drift_seen"] > 2 * check.facts["drift_se"]


def test_two_periods_show_no_trend():
    pair = of_matrix(np.random.default_rng(1).normal(size=(30, 3)))

    assert pre_trend(pair, pair, 2).outcome == "undecided"
