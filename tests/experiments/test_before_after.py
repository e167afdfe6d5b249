"""Before and after shows a change, calls it grade D, and is fooled by customers' own average."""

import numpy as np
import pytest

from joren.errors import JorenError
from joren.experiments.before_after import before_after
from joren.experiments.period_moments import of_matrix
from joren.stats.checks import Check


def test_the_change_is_the_mean_of_each_units_change():
    found = before_after(of_matrix(np.array([[10.0, 12.0], [20.0, 26.0]])), 1, 0.9)

    assert found.effect == pytest.approx(4.0)
    assert found.se == pytest.approx(2.0)
    assert found.counterfactual == pytest.approx(15.0)


def test_it_stays_grade_d_whatever_is_checked():
    found = before_after(of_matrix(np.array([[10.0, 12.0], [20.0, 26.0]])), 1, 0.9)

    assert found.with_checks(Check("srm", "passed", 0.0, 0.9, 4)).grade == "D"


def test_customers_chosen_for_a_bad_month_seem_to_gain_without_any_campaign():
    rng = np.random.default_rng(1)
    spend = 100 + rng.normal(0, 30, (5000, 2))
    chosen = spend[spend[:, 0] < 90]

    assert before_after(of_matrix(chosen), 1, 0.9).lower > 20


def test_one_unit_is_refused():
    with pytest.raises(JorenError, match="show no change"):
        before_after(of_matrix(np.ones((1, 2))), 1, 0.9)
