"""A covariate that jumps at the threshold fails; smooth ones seldom do."""

import numpy as np
from tests.experiments.quasi_worlds import threshold

from joren.experiments.checks.continuity import continuity
from joren.experiments.threshold_bins import of_rows


def _covariates(seed, jump):
    x, _y, _treated, past = threshold(seed)
    other = np.random.default_rng(seed + 1000).normal(0, 1, len(x))
    return {"past": of_rows(x, past + jump * (x >= 0)), "other": of_rows(x, other)}


def test_a_jump_of_what_was_before_fails():
    assert all(continuity(_covariates(seed, 40.0)).outcome == "failed" for seed in range(8))


def test_smooth_covariates_seldom_fail():
    failed = sum(continuity(_covariates(seed, 0.0)).outcome == "failed" for seed in range(60))

    assert failed <= 9  # binomial(60, .05): more in one of 1000


def test_without_covariates_or_near_customers_it_is_undecided():
    x = np.arange(-10.0, 10.0)

    assert continuity({}).outcome == "undecided"
    assert continuity({"past": of_rows(x, x)}).outcome == "undecided"
