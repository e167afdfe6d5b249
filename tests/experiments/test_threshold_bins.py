"""Sums by value of the running variable are those of the rows; no bin straddles the threshold."""

import ibis
import numpy as np
import pandas as pd
import pytest

from joren.errors import JorenError
from joren.experiments import threshold_bins as module
from joren.experiments.threshold_bins import of_rows, threshold_bins


def _rows():
    rng = np.random.default_rng(1)
    points = rng.integers(0, 40, 500)
    return pd.DataFrame(
        {
            "running": points,
            "outcome": rng.integers(-50, 500, 500),
            "treated": rng.uniform(size=500) < 0.5,
        }
    )


def test_the_engine_adds_up_what_the_rows_say():
    rows = _rows()
    found = threshold_bins(ibis.memtable(rows), 20)
    expected = of_rows(
        rows.running.to_numpy(float) - 20, rows.outcome.to_numpy(float),
        rows.treated.to_numpy(float),
    )  # fmt: skip

    for part in ("x", "n", "y", "yy", "d", "dy"):
        assert np.array_equal(getattr(found, part), getattr(expected, part)), part


def test_without_a_column_everybody_at_the_threshold_and_above_is_treated():
    found = threshold_bins(ibis.memtable(_rows().drop(columns="treated")), 20)

    assert np.array_equal(found.d, np.where(found.x >= 0, found.n, 0))


def test_wide_bins_count_from_the_threshold():
    found = threshold_bins(ibis.memtable(_rows()), 20, width=10)

    assert found.x.tolist() == [-15.5, -5.5, 4.5, 14.5]
    assert found.n.sum() == 500


def test_a_missing_running_variable_is_not_looked_at_and_a_missing_outcome_is_nothing():
    rows = pd.DataFrame({"running": [1, 1, None], "outcome": [5, None, 9]})
    found = threshold_bins(ibis.memtable(rows), 1)

    assert (found.n.tolist(), found.y.tolist()) == ([2], [5])


def test_too_many_values_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_VALUES", 30)

    with pytest.raises(JorenError, match="more than 30 values"):
        threshold_bins(ibis.memtable(_rows()), 20)
