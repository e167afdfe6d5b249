"""Qini: exact on a small table, positive for a good ranking, around zero for one by lot."""

import ibis
import numpy as np
import pytest
from tests.experiments.quasi_worlds import uplift_test

from joren.experiments.feature_cells import Cells, feature_cells
from joren.experiments.qini import Ranked, qini, ranked, top_effect
from joren.experiments.uplift import fit_uplift


def _cells(n, y, yy=None):
    n, y = np.array(n, float), np.array(y, float)
    k = n.shape[1]
    squares = y if yy is None else np.array(yy, float)
    return Cells({}, np.zeros((k, 1)), np.zeros(k), n, y, squares)


def test_the_coefficient_of_two_groups_by_hand():
    # first half: 10 of 20 treated, 4 of 20 control; second half: 6 and 6
    order = Ranked(*(np.array(x, float) for x in ([[20, 20], [20, 20]], [[4, 6], [10, 6]],
                                                  [[4, 6], [10, 6]])))  # fmt: skip
    found = qini(order, 0.9, seed=1)

    # gains per treated customer: 0, 6/40, 6/40; the line ends at 6/40
    area = 0.5 * (0.15 / 2) + 0.5 * 0.15 - 0.15 / 2
    assert found.coefficient == pytest.approx(area)
    assert found.curve.gain.tolist() == pytest.approx([0, 0.15, 0.15])
    assert found.n == 80


def test_equal_scores_stay_together_and_the_highest_come_first():
    cells = _cells([[5, 5, 5, 5], [5, 5, 5, 5]], [[1, 2, 3, 4], [0, 0, 0, 0]])
    order = ranked(cells, np.array([0.1, 0.3, 0.3, 0.2]))

    assert order.y[0].tolist() == [5, 4, 1]
    assert order.n.sum() == 40


@pytest.mark.parametrize("money", [False, True])
def test_a_learned_ranking_is_better_than_one_by_lot(money):
    rows, _true = uplift_test(2, money=money)
    cells = feature_cells(ibis.memtable(rows), ["a", "b", "c"])
    found = qini(ranked(cells, fit_uplift(cells, "dr", 1).scores), 0.9, seed=1)

    assert 0 < found.lower < found.coefficient < found.upper


def test_a_ranking_by_lot_is_seldom_called_better():
    rows, _true = uplift_test(3)
    cells = feature_cells(ibis.memtable(rows), ["a", "b", "c"])
    rng = np.random.default_rng(1)
    found = [qini(ranked(cells, rng.uniform(size=len(cells.fold))), 0.9, s, 300) for s in range(60)]

    assert sum(q.lower > 0 or q.upper < 0 for q in found) <= 13  # binomial(60, .1)


def test_the_bootstrap_spreads_as_other_samples_would():
    rng = np.random.default_rng(5)
    n = np.full((2, 40), 100.0)
    chance = np.stack([np.full(40, 0.2), np.linspace(0.4, 0.2, 40)])
    worlds = []
    for _world in range(300):
        y = rng.binomial(100, chance).astype(float)
        worlds.append(qini(Ranked(n, y, y), 0.9, seed=1, draws=2).coefficient)
    one = qini(Ranked(n, y, y), 0.9, seed=1)

    assert one.upper - one.lower == pytest.approx(2 * 1.645 * np.std(worlds), rel=0.2)


def test_the_effect_among_the_top_share():
    order = Ranked(*(np.array(x, float) for x in ([[20, 20], [20, 20]], [[4, 6], [10, 6]],
                                                  [[4, 6], [10, 6]])))  # fmt: skip
    effect, lower, upper, n = top_effect(order, 0.5, 0.9)

    assert effect == pytest.approx(0.3)
    assert n == 40
    # binomial variances with n − 1: .2·.8/19 + .5·.5/19
    assert upper - lower == pytest.approx(2 * 1.6448536 * np.sqrt((0.16 + 0.25) / 19))
