import numpy as np
import pytest

from joren.churn.fit import fit, posterior
from joren.churn.hazard import coordinates
from joren.churn.tenure import CAUSES
from joren.params import Ltv


def test_laplace_is_good_enough_for_a_client_and_is_taken(client):
    for cause in CAUSES:
        found = client.fit.hazards[cause]
        assert found.method == "laplace"
        assert not found.problems()
        assert found.parameters == coordinates(cause, client.fit.cells.categories)


def test_nuts_on_the_pymc_model_agrees(client):
    asked = Ltv(inference="nuts", draws=500, chains=2)
    sampled = posterior("payment", client.fit.cells, asked, seed=5)

    fast = client.fit.hazards["payment"]
    assert sampled.method == "nuts"
    assert sampled.parameters == fast.parameters
    assert sampled.mean() == pytest.approx(fast.mean(), abs=0.15)
    assert sampled.sd() == pytest.approx(fast.sd(), rel=0.15)


def test_draws_are_equally_weighted_and_the_same_again(client):
    draws = client.fit.draws(200)

    assert {cause: d.shape[1] for cause, d in draws.items()} == dict.fromkeys(CAUSES, 200)
    again = fit(client.fit.cells, Ltv(), seed=1).draws(200)
    assert all(np.array_equal(draws[cause], again[cause]) for cause in CAUSES)
