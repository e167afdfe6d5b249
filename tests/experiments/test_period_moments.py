"""Moments by group come out of the engine as they would from the matrix of all units."""

import ibis
import numpy as np
import pandas as pd
import pytest

from joren.errors import JorenError
from joren.experiments.period_moments import of_matrix, period_moments


def _tables(order):
    units = pd.DataFrame({"unit": ["a", "b", "c", "d"], "group": ["t", "t", "t", "c"]})
    outcomes = pd.DataFrame(
        [("a", 0, 100), ("a", 0, 20), ("a", 2, 5), ("b", 1, 70), ("d", 2, -30), ("x", 1, 9999)],
        columns=["unit", "period", "value"],
    )
    return ibis.memtable(units.iloc[::order]), ibis.memtable(outcomes.iloc[::order])


def test_rows_add_up_by_unit_and_silent_units_count_with_zeros():
    found = period_moments(*_tables(1), 3)["value"]

    treated = of_matrix(np.array([[120.0, 0, 5], [0, 70, 0], [0, 0, 0]]))
    assert found["t"].n == 3
    assert np.array_equal(found["t"].sums, treated.sums)
    assert np.array_equal(found["t"].products, treated.products)
    assert np.array_equal(found["c"].sums, [0, 0, -30])


def test_measures_of_one_pass_are_those_of_a_pass_each():
    units, outcomes = _tables(1)
    both = outcomes.mutate(orders=(outcomes.value > 0).cast("int64"))
    found = period_moments(units, both, 3, ("value", "orders"))

    alone = period_moments(units, outcomes, 3)["value"]
    counted = of_matrix(np.array([[2.0, 0, 1], [0, 1, 0], [0, 0, 0]]))
    assert np.array_equal(found["value"]["t"].products, alone["t"].products)
    assert np.array_equal(found["orders"]["t"].sums, counted.sums)
    assert np.array_equal(found["orders"]["t"].products, counted.products)


def test_the_order_of_rows_does_not_matter():
    one, other = (period_moments(*_tables(way), 3)["value"]["t"] for way in (1, -1))

    assert np.array_equal(one.products, other.products)


def test_mean_and_covariance_are_those_between_units():
    y = np.random.default_rng(1).normal(5, 2, (40, 3))
    moments = of_matrix(y)

    assert np.allclose(moments.mean, y.mean(0))
    assert np.allclose(moments.covariance, np.cov(y.T))


def test_more_periods_than_cross_products_can_be_kept_of_are_refused():
    with pytest.raises(JorenError, match="cannot be compared"):
        period_moments(*_tables(1), 61)
