"""Regression discontinuity: sharp and fuzzy jumps found again, the same from sums as from rows."""

import numpy as np
import pytest
from tests.experiments.quasi_worlds import EFFECT, threshold

from joren.errors import JorenError
from joren.experiments.regression_discontinuity import (
    fieller,
    jump,
    regression_discontinuity,
    robust_bandwidth,
)
from joren.experiments.threshold_bins import of_rows


def test_sums_by_value_give_the_regression_on_rows():
    import statsmodels.api as sm

    x, y, _treated, _past = threshold(3)
    near = np.abs(x) < 1500
    fits = []
    for side in (near & (x < 0), near & (x >= 0)):
        design = np.column_stack([np.ones(side.sum()), x[side], x[side] ** 2])
        # statsmodels' weights stand for precisions; HC1 makes the variance robust to that
        fit = sm.WLS(y[side], design, weights=1 - np.abs(x[side]) / 1500).fit(cov_type="HC1")
        fits.append((fit.params[0], fit.bse[0]))

    found = jump(of_rows(x, y), 1500, order=2)

    assert found.outcome == pytest.approx(fits[1][0] - fits[0][0], rel=1e-9)
    assert found.se == pytest.approx(np.hypot(fits[0][1], fits[1][1]), rel=1e-9)


def test_a_planted_sharp_effect_is_covered():
    inside = 0
    for seed in range(60):
        x, y, _treated, _past = threshold(seed)
        found = regression_discontinuity(of_rows(x, y), 0.9)
        inside += found.lower <= EFFECT <= found.upper

    assert 47 <= inside <= 60  # binomial(60, .9)


def test_a_planted_fuzzy_effect_is_covered_and_the_sharp_one_is_diluted():
    inside, sharp = 0, []
    for seed in range(40):
        x, y, treated, _past = threshold(seed, follow=0.6)
        bins = of_rows(x, y, treated)
        found = regression_discontinuity(bins, 0.9, fuzzy=True)
        inside += found.lower <= EFFECT <= found.upper
        sharp.append(regression_discontinuity(bins, 0.9).effect)

    assert 30 <= inside <= 40
    assert np.mean(sharp) == pytest.approx(0.54 * EFFECT, abs=6)


def test_fiellers_interval_holds_the_ratios_that_fit():
    x, y, treated, _past = threshold(1, follow=0.6)
    found = jump(of_rows(x, y, treated), 2000, order=2)
    effect, lower, upper = fieller(found, 0.9)

    def score(ratio):
        (yy, dy), (_dy, dd) = found.covariance
        spread = np.sqrt(yy - 2 * ratio * dy + ratio**2 * dd)
        return abs(found.outcome - ratio * found.treated) / spread

    assert lower < effect < upper
    assert score(lower) == pytest.approx(1.6448536)
    assert score(upper) == pytest.approx(1.6448536)


def test_a_threshold_nobody_follows_is_refused():
    x, y, _treated, _past = threshold(1)
    coin = (np.random.default_rng(1).uniform(size=len(x)) < 0.5).astype(float)

    with pytest.raises(JorenError, match="clearly enough"):
        regression_discontinuity(of_rows(x, y, coin), 0.9, fuzzy=True)


def test_too_little_near_the_threshold_is_refused():
    x = np.arange(-30.0, 30.0)

    with pytest.raises(JorenError, match="near it"):
        regression_discontinuity(of_rows(x, x), 0.9)
    with pytest.raises(JorenError, match="on one side"):
        robust_bandwidth(of_rows(x[:31], x[:31]))


def test_money_in_another_unit_leaves_the_relative_effect():
    x, y, _treated, _past = threshold(2)

    assert regression_discontinuity(of_rows(x, y * 150), 0.9).relative == pytest.approx(
        regression_discontinuity(of_rows(x, y), 0.9).relative
    )
