"""The target list: who is worth a contact, scores no bolder than the test bears out."""

import ibis
import numpy as np
import pytest
from tests.experiments.quasi_worlds import uplift_test

from joren.experiments.feature_cells import feature_cells
from joren.experiments.targets import Calibration, calibration, expected_gains, target_list
from joren.experiments.uplift import fit_uplift


@pytest.fixture(scope="module")
def learned():
    rows, true = uplift_test(4, customers=20_000)
    cells = feature_cells(ibis.memtable(rows), ["a", "b", "c"])
    return rows, true, cells, fit_uplift(cells, "dr", 1)


def test_the_slope_equals_a_regression_on_rows():
    import statsmodels.api as sm

    rows, _true = uplift_test(5, customers=3000)
    cells = feature_cells(ibis.memtable(rows), ["a"])
    scores = cells.codes[:, 0] * 0.1
    found = calibration(cells, scores, 0.9)

    n, y = cells.n.ravel().astype(int), cells.y.ravel()
    score, arm = np.repeat(np.tile(scores, 2), n), np.repeat(np.repeat([0, 1], len(scores)), n)
    outcome = np.concatenate([np.arange(k) < s for k, s in zip(n, y, strict=True)]).astype(float)
    away, centred = arm - cells.share, score - score.mean()
    design = np.column_stack([np.ones(len(arm)), centred, away, away * centred])
    fit = sm.OLS(outcome, design).fit(cov_type="HC0")
    assert found.slope == pytest.approx(fit.params[3])
    assert found.upper - found.slope == pytest.approx(1.6448536 * fit.bse[3])


def test_effects_are_drawn_towards_the_mean_where_scores_say_nothing():
    scores = np.array([0.0, 0.2])

    assert Calibration(0.05, -0.3, -1, 1, 0.1).effect(scores).tolist() == [0.05, 0.05]
    assert Calibration(0.05, 1.7, 1, 2, 0.1).effect(scores) == pytest.approx([-0.05, 0.15])


def test_everybody_is_scored_and_those_listed_gain_more(learned):
    rows, true, cells, model = learned
    by = calibration(cells, model.scores, 0.9)
    gains = expected_gains(
        ibis.memtable(rows.drop(columns=["treated", "outcome"])), cells, model, by, 1000, 50
    )
    listed = target_list(gains, 5000).to_pandas()
    truth = dict(zip(rows.customer_id, true, strict=True))

    assert gains.count().to_pandas() == len(rows)
    assert listed.place.tolist() == list(range(1, 5001))
    assert listed.gain.is_monotonic_decreasing
    assert np.mean([truth[c] for c in listed.customer_id]) > true.mean() + 0.05
    assert listed.uplift.mean() == pytest.approx(
        np.mean([truth[c] for c in listed.customer_id]), abs=0.05
    )


def test_nobody_is_listed_at_a_cost_above_every_gain(learned):
    rows, _true, cells, model = learned
    by = calibration(cells, model.scores, 0.9)

    gains = expected_gains(ibis.memtable(rows), cells, model, by, 1000, 10_000)
    assert target_list(gains).count().to_pandas() == 0
