"""Customers who push themselves over the threshold are seen in how many there are."""

import numpy as np
from tests.experiments.quasi_worlds import threshold

from joren.experiments.checks.density import density, histogram
from joren.experiments.threshold_bins import of_rows


def _check(seed, **how):
    x, y, _treated, _past = threshold(seed, **how)
    return density(of_rows(x, y))


def test_customers_who_push_themselves_over_fail():
    found = [_check(seed, pushed=0.5) for seed in range(10)]

    assert [check.outcome for check in found] == ["failed"] * 10
    assert all(check.statistic > 0.3 for check in found)


def test_a_smooth_density_seldom_fails():
    failed = sum(_check(seed).outcome == "failed" for seed in range(100))

    assert failed <= 13  # binomial(100, .06): more in one of 500


def test_no_bin_straddles_the_threshold_and_empty_ones_count():
    x = np.concatenate([np.arange(-60.0, -21), np.arange(-9.0, 60)])
    counts, width = histogram(of_rows(x, np.zeros_like(x)))

    assert width == 7
    assert not (np.abs(counts.x) < width / 2).any()
    assert counts.y[counts.x == -17.5] == [0]
    assert counts.y[counts.x == 3.5] == [7]


def test_few_values_are_undecided():
    x = np.repeat(np.arange(-4.0, 4.0), 100)

    assert density(of_rows(x, x)).outcome == "undecided"
