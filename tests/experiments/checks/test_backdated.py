"""A unit that drifts away by itself is seen before the start; a steady one seldom fails."""

from tests.experiments.quasi_worlds import stores

from joren.experiments.checks.backdated import backdated
from joren.experiments.synthetic_control import Series


def _check(seed, start=40, **how):
    treated, donors = stores(seed, **how)
    return backdated(Series(treated, donors, tuple(map(str, range(donors.shape[1]))), start))


def test_a_unit_that_drifts_before_the_start_fails():
    assert sum(_check(seed, late_drift=8.0).outcome == "failed" for seed in range(20)) >= 17


def test_a_steady_unit_seldom_fails():
    failed = sum(_check(seed).outcome == "failed" for seed in range(100))

    assert failed <= 12  # binomial(100, .05): more in one of 700


def test_a_short_past_is_undecided():
    assert _check(1, start=14).outcome == "undecided"
    assert _check(1, donors=4).outcome == "undecided"
