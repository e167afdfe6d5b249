"""Cells of features: nobody is lost, sums are those of the rows, cuts are few and known."""

import ibis
import numpy as np
import pandas as pd
import pytest

from joren.errors import JorenError
from joren.experiments import feature_cells as module
from joren.experiments.feature_cells import cut_points, feature_cells, with_codes


def _rows(n=400):
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "customer_id": [f"c{i:04}" for i in range(n)],
            "treated": rng.uniform(size=n) < 0.4,
            "outcome": rng.integers(0, 500, n),
            "age": rng.integers(18, 80, n),
            "channel": rng.choice(["web", "store", "call"], n, p=[0.6, 0.3, 0.1]),
        }
    )


def test_nobody_is_lost_and_sums_are_those_of_the_rows():
    rows = _rows()
    cells = feature_cells(ibis.memtable(rows), ["age", "channel"])
    treated = rows[rows.treated]

    assert cells.n.sum(1).tolist() == [len(rows) - len(treated), len(treated)]
    assert cells.y[1].sum() == treated.outcome.sum()
    assert cells.yy[1].sum() == (treated.outcome**2).sum()
    assert cells.share == pytest.approx(rows.treated.mean())
    means = rows.groupby("treated").outcome.mean()
    assert cells.effect == pytest.approx(means[True] - means[False])


def test_the_order_of_rows_does_not_matter():
    one = feature_cells(ibis.memtable(_rows()), ["age", "channel"])
    other = feature_cells(ibis.memtable(_rows()[::-1]), ["age", "channel"])

    assert one.cuts == other.cuts
    for part in ("codes", "fold", "n", "y", "yy"):
        assert np.array_equal(getattr(one, part), getattr(other, part))


def test_words_become_levels_by_frequency_and_what_is_missing_has_its_own():
    rows = pd.DataFrame({"word": ["b", "b", "b", "a", "a", "z", None], "x": [1.0] * 6 + [None]})
    table = ibis.memtable(rows)
    cuts = cut_points(table, ["word", "x"], 3)
    codes = with_codes(table, cuts).to_pandas()

    assert cuts["word"] == ("b", "a")
    assert codes.code_word.tolist() == [0, 0, 0, 1, 1, 2, -1]
    assert codes.code_x.tolist() == [0] * 6 + [-1]


def test_too_many_cells_are_cut_more_coarsely_before_they_are_refused(monkeypatch):
    fine = feature_cells(ibis.memtable(_rows()), ["age"])
    monkeypatch.setattr(module, "MAX_CELLS", 50)
    coarse = feature_cells(ibis.memtable(_rows()), ["age"])

    assert len(coarse.cuts["age"]) < len(fine.cuts["age"])
    assert coarse.n.sum() == 400
    monkeypatch.setattr(module, "MAX_CELLS", 5)
    with pytest.raises(JorenError, match="more than 5 cells"):
        feature_cells(ibis.memtable(_rows()), ["age"])


def test_an_arm_without_customers_is_refused():
    with pytest.raises(JorenError, match="one arm"):
        feature_cells(ibis.memtable(_rows().assign(treated=True)), ["age"])
