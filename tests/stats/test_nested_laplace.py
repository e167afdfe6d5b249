import numpy as np
import pytest
from scipy.special import expit
from tests.stats.hillstrom import table

from joren.stats.hierarchical_model import PRIORS, Part, mean_part, rate_part, size_part
from joren.stats.nested_laplace import Draws, nested_laplace


def mean(draws: Draws) -> np.ndarray:
    return np.einsum("d,dsk->sk", draws.weights, draws.eta)


@pytest.mark.parametrize("kind", [rate_part, size_part, mean_part])
def test_the_same_seed_gives_the_same_draws_and_another_seed_the_same_posterior(kind):
    part = kind(table("spend"))
    one, same, other = (nested_laplace(part, 4000, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.eta, same.eta)
    assert (one.eta != other.eta).any()
    assert (np.abs(mean(one) - mean(other)) / one.eta.std(axis=0)).max() < 0.08
    assert one.k_hat < 0.7
    assert one.weights.sum() == pytest.approx(1)


def test_one_segment_with_two_arms_is_the_posterior_by_brute_force():
    part = Part("rate", np.array([[400.0, 400]]), np.array([[8.0, 21]]), np.zeros((1, 2)))
    found, prior, rng = nested_laplace(part, 8000, 1), PRIORS["rate"], np.random.default_rng(1)
    n = 400_000
    sigma, tau = (np.abs(rng.normal(0, s, n)) for s in (prior.between, prior.effect))
    base = rng.normal(prior.centre, prior.spread, n) + sigma * rng.standard_normal(n)
    effect = rng.normal(0, prior.arm, n) + tau * rng.standard_normal(n)
    p, q = expit(base), expit(base + effect)
    logs = 8 * np.log(p) + 392 * np.log1p(-p) + 21 * np.log(q) + 379 * np.log1p(-q)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    drawn = found.eta[:, 0, 1] - found.eta[:, 0, 0]
    truth = weights @ effect
    sd = np.sqrt(weights @ (effect - truth) ** 2)
    assert found.weights @ drawn == pytest.approx(truth, abs=0.05 * sd)
    assert np.sqrt(found.weights @ (drawn - truth) ** 2) == pytest.approx(sd, rel=0.05)
    assert found.weights @ found.tau == pytest.approx(weights @ tau, rel=0.05)


def test_segments_that_differ_for_certain_are_found_to_differ_as_much():
    spread = np.linspace(-1.5, 1.5, 40)
    n = np.full((40, 2), 100_000.0)
    rates = expit(np.stack([-2 + spread, -2 + spread + 0.4 + 0.3 * np.sin(7 * spread)], axis=1))
    found = nested_laplace(Part("rate", n, np.round(n * rates), np.zeros_like(n)), 2000, 1)
    np.testing.assert_allclose(expit(mean(found)), rates, rtol=0.05)
    assert found.weights @ found.tau == pytest.approx(0.3 * np.sin(7 * spread).std(), rel=0.15)


@pytest.mark.parametrize("buyers", [0.0, 1.0])
def test_spend_of_nobody_or_one_buyer_a_cell_leaves_what_was_believed_before(buyers):
    n = np.full((3, 2), buyers)
    found = nested_laplace(Part("size", n, n, np.zeros_like(n)), 4000, 1)
    effects = found.eta[..., 1] - found.eta[..., 0]
    assert np.isfinite(found.eta).all()
    assert np.abs(found.weights @ effects).max() < 0.1
    assert found.k_hat < 0.7
