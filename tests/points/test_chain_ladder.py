import csv
import warnings
from pathlib import Path

import numpy as np
import pytest

from joren.points.chain_ladder import chain_ladder

RAA = Path(__file__).parents[1] / "data" / "points" / "raa.csv"
MACK_SE = [
    0,
    206.220,
    623.377,
    747.175,
    1469.457,
    2001.857,
    2209.242,
    5357.870,
    6333.166,
    24566.288,
]


@pytest.fixture(scope="module")
def raa() -> np.ndarray:
    triangle = np.full((10, 10), np.nan)
    with RAA.open() as stream:
        for row in csv.DictReader(stream):
            origin = int(row["origin"])
            triangle[origin - 1981, int(row["development"]) - origin] = float(row["values"])
    return triangle


def _by_chainladder(recent: int):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import chainladder as cl

        developed = cl.Development(sigma_interpolation="mack", n_periods=recent).fit_transform(
            cl.load_sample("raa")
        )
        model = cl.MackChainladder().fit(developed)
        summary = model.summary_.to_frame()
        return summary, float(np.asarray(model.total_mack_std_err_).ravel()[0])


def test_raa_gives_the_published_reserve_and_error(raa):
    found = chain_ladder(raa)

    assert found.ibnr.sum() == pytest.approx(52_135.228, abs=1e-3)
    assert found.total_se == pytest.approx(26_909.011, abs=1e-3)
    assert found.se == pytest.approx(MACK_SE, abs=1e-3)


@pytest.mark.parametrize("recent", [None, 5, 3])
def test_every_cohort_equals_the_package_chainladder(raa, recent):
    summary, total = _by_chainladder(recent or -1)
    found = chain_ladder(raa, recent=recent)

    for ours, theirs in ((found.ibnr, "IBNR"), (found.se, "Mack Std Err")):
        assert ours == pytest.approx(summary[theirs].fillna(0).to_numpy(float), rel=1e-6)
    assert found.total_se == pytest.approx(total, rel=1e-6)


def test_a_few_steps_ahead_are_part_of_the_whole_development(raa):
    near, whole = chain_ladder(raa, steps=1), chain_ladder(raa)

    assert near.ibnr[-1] == pytest.approx(2_063 * (whole.factors[0] - 1))
    assert near.total_se < whole.total_se
    steps = chain_ladder(raa, steps=9)
    assert steps.ultimate == pytest.approx(whole.ultimate)
    assert steps.total_se == pytest.approx(whole.total_se)


def test_one_step_of_one_cohort_has_macks_error_by_hand():
    """f = 9/6; σ² = (4 − 3)²/2 + (5 − 6)²/4; mse = 3·σ² + 3²·σ²/6."""
    found = chain_ladder(np.array([[2.0, 4.0], [4.0, 5.0], [3.0, np.nan]]))

    assert found.factors.tolist() == [1.5]
    assert found.se[-1] ** 2 == pytest.approx(3 * 0.75 + 9 * 0.75 / 6)


def test_cohorts_of_nothing_stay_nothing():
    found = chain_ladder(np.array([[0.0, 0, 0], [0, 0, np.nan], [0, np.nan, np.nan]]))

    assert found.ibnr.tolist() == [0, 0, 0]
    assert found.total_se == 0


def test_a_cohort_without_its_first_age_is_refused():
    with pytest.raises(ValueError, match="first age"):
        chain_ladder(np.array([[1.0, 2.0], [np.nan, np.nan]]))
