"""A series whose trend bends by itself fails; a straight one seldom does."""

import pandas as pd
from tests.experiments.quasi_worlds import daily

from joren.experiments.checks.placebo_in_time import placebo_in_time


def _check(seed, **how):
    sales = daily(seed, **how)
    values = pd.Series(sales, pd.date_range("2024-01-01", periods=len(sales)))
    return placebo_in_time(values, values.index[how.get("before", 200)].date())


def test_a_trend_that_bends_by_itself_fails():
    assert sum(_check(seed, bend=2.0).outcome == "failed" for seed in range(15)) >= 13


def test_a_straight_trend_seldom_fails():
    failed = sum(_check(seed).outcome == "failed" for seed in range(300, 360))

    assert failed <= 10  # binomial(60, .06): more in one of 1000


def test_the_effect_itself_is_not_looked_at():
    assert _check(1, effect=40.0) == _check(1, effect=4000.0)


def test_a_short_past_is_undecided():
    assert _check(1, before=40).outcome == "undecided"
