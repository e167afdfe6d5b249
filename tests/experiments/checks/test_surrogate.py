"""A campaign that only pulled orders forward is seen when the extrapolated time passes."""

import numpy as np

from joren.experiments.checks.surrogate import surrogate
from joren.experiments.period_moments import GroupMoments


def _arms(seed, kept=1.0, n=2000):
    rng = np.random.default_rng(seed)
    arms = []
    for treated in (1, 0):
        expected = rng.gamma(1.5, 100, n)
        # the model is a fifth too high in both arms
        mean = 0.8 * expected * (kept if treated else 1.0)
        both = np.column_stack([rng.poisson(mean / 50) * 50.0, expected])
        arms.append(GroupMoments(n, both.sum(0), both.T @ both))
    return arms


def test_orders_pulled_forward_fail():
    assert all(surrogate(*_arms(seed, kept=0.8)).outcome == "failed" for seed in range(10))


def test_a_model_off_in_both_arms_alike_seldom_fails():
    failed = sum(surrogate(*_arms(seed)).outcome == "failed" for seed in range(200))

    assert failed <= 20  # binomial(200, .05): more in one of 600


def test_few_customers_are_undecided():
    assert surrogate(*_arms(1, n=50)).outcome == "undecided"
