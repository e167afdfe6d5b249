"""Balance fails where a hold-out was chosen by the outcome's past, and seldom where by chance."""

import numpy as np

from joren.experiments.checks.balance import CovariateMoments, balance


def _moments(treated, control):
    return CovariateMoments(treated.sum(), (treated**2).sum(), control.sum(), (control**2).sum())


def _groups(seed, shift, n=2000):
    rng = np.random.default_rng(seed)
    covariates = {}
    for name in ("orders", "spend", "days"):
        x = rng.gamma(2, 50, 2 * n)
        covariates[name] = _moments(x[:n] + shift * x.std() * (name == "spend"), x[n:])
    return n, n, covariates


def test_a_hold_out_of_smaller_spenders_fails():
    assert all(balance(*_groups(s, 0.2)).outcome == "failed" for s in range(10))


def test_a_chance_hold_out_seldom_fails():
    failed = sum(balance(*_groups(s, 0.0)).outcome == "failed" for s in range(200))

    assert failed <= 20  # binomial(200, .05): more in one of 600


def test_groups_too_small_to_rule_a_difference_out_are_undecided():
    assert balance(*_groups(1, 0.0, n=100)).outcome == "undecided"


def test_covariates_that_do_not_vary_say_nothing():
    ones = np.ones(50)

    assert balance(50, 50, {"x": _moments(ones, ones)}).outcome == "undecided"
