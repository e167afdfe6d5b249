import numpy as np
import pytest

from joren.contract import validate
from joren.engine import connect
from joren.ltv.accuracy import Measure
from joren.ltv.measures import distribution_rows, measure_table, measured


def test_the_distribution_is_held_against_what_chance_allows():
    below, up_to = np.array([0.0, 0.5]), np.array([0.5, 1.0])
    distance, chance, density = distribution_rows(below, up_to, np.array([200.0, 200.0]), 0.9)
    assert distance["value"] == pytest.approx(0, abs=1e-9)
    # Kolmogorov's distribution: 90 % lie below 1.2238
    assert chance["value"] == pytest.approx(1.2238 / 20, abs=1e-4)
    assert density["value"] == pytest.approx(np.log(0.5))
    assert {row["n"] for row in (distance, chance, density)} == {400}


def test_what_is_no_number_is_null_and_the_rest_has_ten_digits():
    rows = [
        measured("auc", "model", Measure(float("nan"), None, None, 3)),
        measured("total_value", "model", Measure(1 / 3, 0.1, 0.5, 3)),
    ]
    table = measure_table(rows)
    assert table["value"].to_pylist() == [None, 0.3333333333]
    validate(connect().create_table("backtest", table), "backtest")
