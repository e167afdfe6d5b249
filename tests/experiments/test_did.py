"""Difference in differences: exact on small tables, and right as often as it says."""

import numpy as np
import pytest
from tests.experiments.quasi_worlds import EFFECT, customers

from joren.errors import JorenError
from joren.experiments.did import contrast, difference_in_differences, event_study
from joren.experiments.period_moments import of_matrix


def test_the_effect_is_the_difference_of_the_changes():
    treated = of_matrix(np.array([[10.0, 12.0], [20.0, 26.0], [30.0, 31.0]]))
    control = of_matrix(np.array([[5.0, 6.0], [7.0, 8.0], [9.0, 9.5]]))

    found = difference_in_differences(treated, control, 1, 0.9)

    changes, others = np.array([2.0, 6.0, 1.0]), np.array([1.0, 1.0, 0.5])
    assert found.effect == pytest.approx(changes.mean() - others.mean())
    assert found.se == pytest.approx(np.sqrt(changes.var(ddof=1) / 3 + others.var(ddof=1) / 3))
    assert found.counterfactual == pytest.approx(23.0 - found.effect)
    assert (found.n, found.n_control) == (3, 3)


def test_it_equals_a_regression_with_errors_clustered_by_unit():
    import statsmodels.api as sm

    rng = np.random.default_rng(4)
    y = rng.gamma(2.0, 100.0, (60, 4))
    treated, unit = np.arange(60) < 25, np.repeat(np.arange(60), 4)
    after = np.tile(np.arange(4) >= 2, 60)
    design = np.column_stack([np.ones(240), treated[unit], after, treated[unit] & after])
    fit = sm.OLS(y.ravel(), design.astype(float)).fit(
        cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False}
    )

    found = difference_in_differences(of_matrix(y[treated]), of_matrix(y[~treated]), 2, 0.9)

    assert found.effect == pytest.approx(fit.params[3], rel=1e-9)
    # the sandwich divides by n where the covariance between units divides by n − 1
    assert found.se == pytest.approx(fit.bse[3], rel=0.03)


def test_a_planted_effect_is_covered_about_as_often_as_the_interval_says():
    inside = 0
    for seed in range(60):
        found = difference_in_differences(*customers(seed), 5, 0.9)
        inside += found.lower <= EFFECT <= found.upper

    assert 47 <= inside <= 60  # binomial(60, .9): below 47 in one of 700 correct intervals


def test_the_event_study_is_zero_at_its_base_and_rises_at_the_start():
    study = event_study(*customers(3), 5)

    assert study.estimate[4] == 0
    assert study.se[4] == 0
    assert study.estimate[5:].mean() > study.estimate[:4].mean() + EFFECT / 2


def test_money_in_another_unit_leaves_the_relative_effect():
    treated, control = customers(3)
    yen = [type(g)(g.n, g.sums * 150, g.products * 150**2) for g in (treated, control)]

    assert difference_in_differences(*yen, 5, 0.9).relative == pytest.approx(
        difference_in_differences(treated, control, 5, 0.9).relative
    )


def test_too_few_units_or_periods_are_refused():
    lone = of_matrix(np.ones((1, 3)))
    pair = of_matrix(np.arange(6.0).reshape(2, 3))

    with pytest.raises(JorenError, match="fewer than two units"):
        contrast(lone, pair, np.eye(3))
    with pytest.raises(JorenError, match="no period lies"):
        difference_in_differences(pair, pair, 0, 0.9)
