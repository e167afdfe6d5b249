from pathlib import Path

import numpy as np
import pandas as pd
import pymc as pm
import pytest

from joren.errors import JorenError
from joren.ltv import bg_nbd, gamma_gamma
from joren.ltv.inference import Posterior, sample
from joren.ltv.statistics import PurchaseStatistics, purchase_statistics, spend_statistics

DATA = Path(__file__).parents[1] / "data" / "ltv"


@pytest.fixture(scope="module")
def purchases() -> PurchaseStatistics:
    c = pd.read_csv(DATA / "cdnow_customers_summary.csv")
    return purchase_statistics(c.frequency, c.recency * 7, c["T"] * 7)


@pytest.fixture(scope="module")
def laplace(purchases) -> Posterior:
    return sample(bg_nbd.build_model(purchases), bg_nbd.PARAMETERS, "laplace", 1000, 4, seed=1)


def test_the_posterior_of_cdnow_agrees_with_the_published_estimates(laplace):
    published = np.array([0.243, 4.414 * 7, 0.793, 2.426])
    assert (np.abs(laplace.mean() - published) < laplace.sd()).all()
    assert laplace.k_hat < 0.5
    assert laplace.problems() == []


def test_the_spend_posterior_of_cdnow_agrees_with_the_published_estimates():
    c = pd.read_csv(DATA / "cdnow_customers_summary_with_transactions.csv")
    model = gamma_gamma.build_model(spend_statistics(c.x, c.zbar))
    posterior = sample(model, gamma_gamma.PARAMETERS, "laplace", 1000, 4, seed=1)
    assert (np.abs(posterior.mean() - [6.25, 3.74, 15.44]) < posterior.sd()).all()
    assert posterior.problems() == []


def test_nuts_and_laplace_sample_one_posterior(purchases, laplace):
    nuts = sample(bg_nbd.build_model(purchases), bg_nbd.PARAMETERS, "nuts", 1000, 4, seed=1)
    assert nuts.problems() == []
    assert (np.abs(nuts.mean() - laplace.mean()) < 0.12 * laplace.sd()).all()
    np.testing.assert_allclose(nuts.sd(), laplace.sd(), rtol=0.1)


def test_the_same_seed_gives_the_same_draws_and_another_seed_others(purchases, laplace):
    model = bg_nbd.build_model(purchases)
    same = sample(model, bg_nbd.PARAMETERS, "laplace", 1000, 4, seed=1)
    other = sample(model, bg_nbd.PARAMETERS, "laplace", 1000, 4, seed=2)
    np.testing.assert_array_equal(laplace.draws, same.draws)
    assert (np.abs(other.mean() - laplace.mean()) < 0.1 * laplace.sd()).all()
    assert (other.draws != laplace.draws).any()


def test_weeks_and_days_give_the_same_posterior_once_rescaled(laplace):
    c = pd.read_csv(DATA / "cdnow_customers_summary.csv")
    weeks = purchase_statistics(c.frequency, c.recency, c["T"])
    in_weeks = sample(bg_nbd.build_model(weeks), bg_nbd.PARAMETERS, "laplace", 1000, 4, seed=1)
    np.testing.assert_allclose(in_weeks.mean() * [1, 7, 1, 1], laplace.mean(), rtol=1e-3)


def test_dollars_and_yen_give_the_same_posterior_once_rescaled():
    c = pd.read_csv(DATA / "cdnow_customers_summary_with_transactions.csv")

    def posterior(rate: float) -> np.ndarray:
        model = gamma_gamma.build_model(spend_statistics(c.x, c.zbar * rate))
        return sample(model, gamma_gamma.PARAMETERS, "laplace", 500, 4, seed=1).mean()

    np.testing.assert_allclose(posterior(150) / [1, 1, 150], posterior(1), rtol=1e-3)


def test_simulated_customers_give_back_the_parameters_they_were_made_with():
    truth, n, rng = np.array([0.6, 60.0, 0.9, 2.5]), 6000, np.random.default_rng(11)
    r, alpha, a, b = truth
    age = rng.integers(30, 700, n)
    rate, drop = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    gaps = rng.exponential(1 / rate[:, None], (n, 400)).cumsum(1)
    made = np.minimum((gaps <= age[:, None]).sum(1), rng.geometric(np.clip(drop, 1e-9, 1)))
    last = np.where(made > 0, gaps[np.arange(n), np.maximum(made - 1, 0)], 0.0)
    model = bg_nbd.build_model(purchase_statistics(made, last, age))
    posterior = sample(model, bg_nbd.PARAMETERS, "laplace", 1000, 4, seed=1)
    assert (np.abs(posterior.mean() - truth) < 3 * posterior.sd()).all()
    assert posterior.problems() == []


@pytest.mark.parametrize(
    "customers", [([0], [0], [0]), ([3], [20], [30]), ([0] * 50, [0] * 50, [90] * 50)]
)
def test_one_customer_or_one_time_buyers_only_still_give_a_proper_posterior(customers):
    model = bg_nbd.build_model(purchase_statistics(*customers))
    posterior = sample(model, bg_nbd.PARAMETERS, "laplace", 500, 2, seed=1)
    assert np.isfinite(posterior.mean()).all()
    assert (posterior.sd() > 0).all()


def test_a_posterior_laplace_cannot_carry_goes_to_nuts_which_repeats_itself():
    with pm.Model() as funnel:
        spread = pm.Normal("spread", 0, 3)
        pm.Normal("value", 0, pm.math.exp(spread))
    posterior = sample(funnel, ["spread"], "auto", 200, 2, seed=1)
    assert posterior.method == "nuts"
    assert posterior.rejected_k_hat > 0.7
    again = sample(funnel, ["spread"], "auto", 200, 2, seed=1)
    np.testing.assert_array_equal(posterior.draws, again.draws)


def test_a_flat_posterior_is_an_error_when_laplace_is_insisted_on():
    with pm.Model() as flat:
        pm.Flat("value")
    with pytest.raises(JorenError, match="no proper mode"):
        sample(flat, ["value"], "laplace", 100, 2, seed=1)


def test_resampled_draws_keep_the_weighted_mean(laplace):
    resampled = laplace.equally_weighted(1000)
    assert resampled.shape == (1000, 4)
    assert (np.abs(resampled.mean(0) - laplace.mean()) < 0.1 * laplace.sd()).all()


def test_missed_thresholds_are_named():
    draws, weights = np.zeros((2, 1)), np.full(2, 0.5)
    poor = Posterior(("x",), draws, weights, "nuts", np.array([399.0]), np.array([1.02]), 1)
    assert poor.problems() == ["r_hat", "ess", "divergences"]
