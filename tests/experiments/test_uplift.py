"""Learners find whom a campaign moves, from cells, the same on every run."""

import ibis
import numpy as np
import pytest
from tests.experiments.quasi_worlds import uplift_test

from joren.errors import JorenError
from joren.experiments.feature_cells import Cells, feature_cells
from joren.experiments.uplift import fit_uplift


def _cells(seed=1, **how):
    return feature_cells(ibis.memtable(uplift_test(seed, **how)[0]), ["a", "b", "c"])


@pytest.mark.parametrize("learner", ["t", "dr"])
def test_customers_with_a_larger_effect_score_higher(learner):
    cells = _cells()
    scores = fit_uplift(cells, learner, seed=1).scores
    high, low = cells.codes[:, 0] >= 6, cells.codes[:, 0] <= 1

    def mean(of):
        return np.average(scores[of], weights=cells.customers[of])

    assert mean(high) - mean(low) > 0.08  # truly .20 for those above .5 and below −.5


def test_the_same_seed_gives_the_same_scores():
    cells = _cells()

    assert np.array_equal(fit_uplift(cells, "dr", 3).scores, fit_uplift(cells, "dr", 3).scores)


def test_a_cells_score_does_not_depend_on_its_own_outcomes():
    cells = _cells()
    own = cells.fold == 0
    y = cells.y.copy()
    y[1, own] *= 5
    spoiled = Cells(cells.cuts, cells.codes, cells.fold, cells.n, y, cells.yy)

    for learner in ("t", "dr"):
        assert np.array_equal(
            fit_uplift(cells, learner, 1).scores[own], fit_uplift(spoiled, learner, 1).scores[own]
        )


def test_cells_nobody_was_tested_in_are_scored_too():
    learned = fit_uplift(_cells(), "t", 1)

    assert np.isfinite(learned.predict(np.array([[7.0, -1.0, 2.0], [0.0, 0.0, 0.0]]))).all()


def test_a_small_arm_is_refused():
    with pytest.raises(JorenError, match="an arm has only"):
        fit_uplift(_cells(customers=1500), "t", 1)
