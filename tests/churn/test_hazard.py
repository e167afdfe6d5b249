import numpy as np
import pytest

from joren.churn.bdw import log_odds as bdw_log_odds
from joren.churn.hazard import (
    baseline,
    build_model,
    coordinates,
    factor_effects,
    log_odds,
    log_posterior,
    shapes,
    told_factors,
)  # fmt: skip
from joren.churn.risk import Categories, Places
from joren.churn.tenure import CAUSES

ONE = Categories(("tea",), {"first_channel": ("ec", "pos"), "cohort": ("0",), "cycle": ("usual",)})


def _places(decision: list[float], waived: float = 0.0, channel: int = 0) -> Places:
    zeros = np.zeros(len(decision), int)
    level = {"first_channel": zeros + channel, "cohort": zeros, "cycle": zeros}
    return Places(zeros, level, zeros + waived, np.array(decision))


@pytest.mark.parametrize("cause", CAUSES)
def test_the_pymc_model_and_the_numbers_are_one_density(client, cause):
    cells = client.fit.cells
    points = np.random.default_rng(3).normal(size=(4, len(coordinates(cause, cells.categories))))

    compiled = build_model(cause, cells).compile_logp(mode="FAST_COMPILE")
    by_model = np.array([float(compiled({"theta": point})) for point in points])

    by_numbers = log_posterior(cause, cells, points)
    assert np.diff(by_numbers) == pytest.approx(np.diff(by_model), rel=1e-8)


def test_leaving_follows_beta_discrete_weibull_from_the_end_of_the_commitment():
    names = coordinates("voluntary", ONE)
    theta = np.zeros((len(names), 1))
    theta[names.index("mean")] = -1.0
    odds = log_odds("voluntary", theta, _places([3, 4, 5], waived=2), ONE)[:, 0]

    mean = 1 / (1 + np.exp(-(np.log(0.15 / 0.85) - 1.2)))
    assert odds == pytest.approx(bdw_log_odds([1, 2, 3], 5 * mean, 5 * (1 - mean)))


def test_a_level_moves_the_odds_alike_at_every_decision():
    names = coordinates("voluntary", ONE)
    theta = np.zeros((len(names), 2))
    theta[names.index("first_channel:pos")] = [0.0, 2.0]

    moved = log_odds("voluntary", theta, _places([1, 2, 9], channel=1), ONE)
    assert np.diff(moved)[:, 0] == pytest.approx([1.0, 1.0, 1.0])
    assert factor_effects("voluntary", theta, "first_channel", ONE)[:, 1].tolist() == [0.0, 1.0]
    assert told_factors(ONE) == ["first_channel"]


def test_failing_payments_have_a_level_and_a_step_at_the_first_renewal():
    names = coordinates("payment", ONE)
    theta = np.zeros((len(names), 1))
    theta[names.index("first")] = 2.0

    odds = baseline("payment", theta, _places([1, 2, 3]), ONE)[:, 0]
    assert odds == pytest.approx(np.log(0.02) + np.array([1.0, 0.0, 0.0]))


def test_one_course_has_no_coordinates_of_its_own():
    assert coordinates("other", ONE) == (*shapes("other"), "first_channel:ec", "first_channel:pos")
