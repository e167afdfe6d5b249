import numpy as np
import pytest
from tests.points.triangles import simulated

from joren.params import Ltv
from joren.points.breakage import cells_of, design_of
from joren.points.hazards import hazard_posterior, nested_laplace


@pytest.fixture(scope="module")
def cells():
    return cells_of({"<=12m": simulated(np.random.default_rng(7), months=10, ahead=0)})


def test_nested_laplace_is_good_enough_and_is_taken(cells):
    found = hazard_posterior(cells, Ltv(draws=1_000, chains=4), seed=1)

    assert found.method == "laplace"
    assert not found.problems()
    assert found.parameters == design_of(cells).coordinates


def test_nuts_on_the_pymc_model_agrees(cells):
    sampled = hazard_posterior(cells, Ltv(inference="nuts", draws=500, chains=2), seed=2)
    fast = nested_laplace(cells, 4_000, seed=3)

    assert sampled.method == "nuts"
    assert fast.mean() == pytest.approx(sampled.mean(), abs=0.2)
    assert fast.sd() == pytest.approx(sampled.sd(), rel=0.2)


def test_the_same_seed_gives_the_same_draws(cells):
    first, second = (nested_laplace(cells, 400, seed=4) for _turn in range(2))
    assert np.array_equal(first.draws, second.draws)
    assert np.array_equal(first.weights, second.weights)
