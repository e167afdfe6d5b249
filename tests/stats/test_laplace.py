import numpy as np
import pymc as pm
import pytest

from joren.stats.laplace import density_of, importance_draws, laplace_draws


def test_weights_turn_a_wrong_proposal_into_the_target():
    def log_density(points):
        return -(((points - [1.0, -2.0]) / [0.5, 2.0]) ** 2).sum(1) / 2

    points, weights, k_hat = importance_draws(
        log_density, np.array([0.8, -1.5]), np.diag([0.3, 5.0]), 4000, seed=1
    )
    mean = weights @ points
    assert k_hat < 0.7
    assert mean == pytest.approx([1, -2], abs=0.1)
    assert np.sqrt(weights @ (points - mean) ** 2) == pytest.approx([0.5, 2.0], rel=0.05)


def test_a_compiled_model_follows_its_data_and_vectors_become_columns():
    with pm.Model() as model:
        data = pm.Data("data", np.zeros(3))
        centre = pm.Normal("centre", 0, 10, shape=3)
        pm.Deterministic("twice", 2 * centre)
        pm.Normal("seen", centre, 0.1, observed=data)
    density = density_of(model, ["centre", "twice"])
    with model:
        pm.set_data({"data": np.array([1.0, 2.0, 3.0])})
    found = laplace_draws(density, 2000, seed=1)
    assert found.parameters == ("centre[0]", "centre[1]", "centre[2]", "twice[0]", "twice[1]",
                                "twice[2]")  # fmt: skip
    assert found.mean() == pytest.approx([1, 2, 3, 2, 4, 6], abs=0.02)


def test_a_density_without_a_mode_gives_nothing():
    with pm.Model() as flat:
        pm.Flat("value")
    assert laplace_draws(density_of(flat, ["value"]), 100, seed=1) is None
