"""A unit outside the others is seen before the start; one among them passes."""

import numpy as np
from tests.experiments.quasi_worlds import stores

from joren.experiments.checks.pre_fit import pre_fit
from joren.experiments.synthetic_control import Series


def _check(seed, **how):
    treated, donors = stores(seed, **how)
    return pre_fit(Series(treated, donors, tuple(map(str, range(donors.shape[1]))), 40))


def test_a_unit_outside_the_others_fails():
    assert all(_check(seed, outside=1.5).outcome == "failed" for seed in range(10))


def test_a_unit_among_the_others_seldom_fails():
    assert sum(_check(seed).outcome == "failed" for seed in range(40)) <= 6


def test_four_donors_are_too_few_to_say():
    assert _check(1, donors=4).outcome == "undecided"


def test_a_perfect_fit_passes():
    donors = np.random.default_rng(1).normal(0, 1, (20, 6))
    assert pre_fit(Series(donors.mean(1), donors, tuple("abcdef"), 15)).passed
