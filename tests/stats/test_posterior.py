import numpy as np

from joren.stats.posterior import Posterior, as_columns


def posterior(**changed) -> Posterior:
    draws = np.column_stack([np.arange(1000.0), np.arange(1000.0) % 7])
    weights = np.linspace(1, 2, 1000)
    facts = {"method": "laplace", "ess_bulk": np.array([900.0, 500.0])} | changed
    return Posterior(("x", "y"), draws, weights / weights.sum(), **facts)


def test_resampled_draws_keep_the_weighted_mean():
    whole = posterior()
    resampled = whole.equally_weighted(1000)
    assert resampled.shape == (1000, 2)
    assert (np.abs(resampled.mean(0) - whole.mean()) < 0.02 * whole.sd()).all()
    assert whole.quantile(0.5)[0] > 500


def test_missed_thresholds_are_named():
    draws, weights = np.zeros((2, 1)), np.full(2, 0.5)
    poor = Posterior(("x",), draws, weights, "nuts", np.array([399.0]), np.array([1.02]), 1)
    assert poor.problems() == ["r_hat", "ess", "divergences"]
    assert posterior(k_hat=0.71).problems() == ["k_hat"]
    assert posterior(k_hat=float("nan")).problems() == ["k_hat"]
    assert posterior(k_hat=0.3).problems() == []


def test_some_parameters_may_stand_alone_under_names_of_their_own():
    part = posterior(r_hat=np.array([1.0, 1.1])).columns([1], ["z"])
    assert part.parameters == ("z",)
    assert part.draws.shape == (1000, 1)
    assert (part.ess_bulk.tolist(), part.r_hat.tolist()) == ([500.0], [1.1])


def test_a_vector_becomes_one_column_for_each_of_its_elements():
    names, columns = as_columns(["a", "v"], [np.arange(3.0), np.arange(6.0).reshape(3, 2)])
    assert names == ("a", "v[0]", "v[1]")
    assert columns.tolist() == [[0, 0, 1], [1, 2, 3], [2, 4, 5]]
