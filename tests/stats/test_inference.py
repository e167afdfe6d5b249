from pathlib import Path

import numpy as np
import pandas as pd
import pymc as pm
import pytest

from joren.errors import JorenError
from joren.ltv import gamma_gamma
from joren.ltv.bg_nbd import BG_NBD
from joren.ltv.order_model import build
from joren.ltv.order_models import ORDER_MODELS
from joren.ltv.statistics import PurchaseStatistics, purchase_statistics, spend_statistics
from joren.stats.inference import sample
from joren.stats.posterior import Posterior

DATA = Path(__file__).parents[1] / "data" / "ltv"


@pytest.fixture(scope="module")
def purchases() -> PurchaseStatistics:
    c = pd.read_csv(DATA / "cdnow_customers_summary.csv")
    return purchase_statistics(c.frequency, c.recency * 7, c["T"] * 7)


@pytest.fixture(scope="module")
def laplace(purchases) -> Posterior:
    return sample(build(BG_NBD, [purchases]), BG_NBD.parameters, "laplace", 1000, 4, seed=1)


def test_the_posterior_of_cdnow_agrees_with_the_published_estimates(laplace):
    published = np.array([0.243, 4.414 * 7, 0.793, 2.426])
    assert (np.abs(laplace.mean() - published) < laplace.sd()).all()
    assert laplace.k_hat < 0.5
    assert laplace.problems() == []


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("mbg_nbd", (0.525, 6.183 * 7, 0.891, 1.614)),
        ("pareto_nbd", (0.553, 10.578 * 7, 0.606, 11.669 * 7)),
    ],
)
def test_the_posteriors_of_the_default_models_agree_with_the_published_estimates(
    purchases, name, published
):
    model = ORDER_MODELS[name]
    found = sample(build(model, [purchases]), model.parameters, "laplace", 500, 4, seed=1)
    assert (np.abs(found.mean() - published) < found.sd()).all()
    assert found.problems() == []


def test_the_spend_posterior_of_cdnow_agrees_with_the_published_estimates():
    c = pd.read_csv(DATA / "cdnow_customers_summary_with_transactions.csv")
    model = gamma_gamma.build_model(spend_statistics(c.x, c.zbar))
    posterior = sample(model, gamma_gamma.PARAMETERS, "laplace", 1000, 4, seed=1)
    assert (np.abs(posterior.mean() - [6.25, 3.74, 15.44]) < posterior.sd()).all()
    assert posterior.problems() == []


def test_nuts_and_laplace_sample_one_posterior(purchases, laplace):
    nuts = sample(build(BG_NBD, [purchases]), BG_NBD.parameters, "nuts", 1000, 4, seed=1)
    assert nuts.problems() == []
    assert (np.abs(nuts.mean() - laplace.mean()) < 0.12 * laplace.sd()).all()
    np.testing.assert_allclose(nuts.sd(), laplace.sd(), rtol=0.1)


def test_the_same_seed_gives_the_same_draws_and_another_seed_others(purchases, laplace):
    model = build(BG_NBD, [purchases])
    same = sample(model, BG_NBD.parameters, "laplace", 1000, 4, seed=1)
    other = sample(model, BG_NBD.parameters, "laplace", 1000, 4, seed=2)
    np.testing.assert_array_equal(laplace.draws, same.draws)
    assert (np.abs(other.mean() - laplace.mean()) < 0.1 * laplace.sd()).all()
    assert (other.draws != laplace.draws).any()


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd", "pareto_nbd"])
def test_hours_days_and_weeks_give_the_same_posterior_once_rescaled(name):
    c, model = pd.read_csv(DATA / "cdnow_customers_summary.csv").head(800), ORDER_MODELS[name]
    shuffled = c.sample(frac=1, random_state=1)

    def means(unit: float, customers: pd.DataFrame) -> np.ndarray:
        age, recency = customers["T"] * unit, customers.recency * unit
        some = purchase_statistics(customers.frequency, recency, age)
        found = sample(build(model, [some]), model.parameters, "laplace", 500, 2, seed=1).mean()
        times = [p in ("alpha", "beta") for p in model.parameters]
        return np.where(times, found / unit, found)

    weeks = means(1, c)
    np.testing.assert_allclose(means(7, shuffled), weeks, rtol=1e-3)
    np.testing.assert_allclose(means(168, c), weeks, rtol=1e-3)


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
    model = build(BG_NBD, [purchase_statistics(made, last, age)])
    posterior = sample(model, BG_NBD.parameters, "laplace", 1000, 4, seed=1)
    assert (np.abs(posterior.mean() - truth) < 3 * posterior.sd()).all()
    assert posterior.problems() == []


@pytest.mark.parametrize(
    "customers",
    [([0], [0], [0]), ([3], [20], [30]), ([0] * 50, [0] * 50, [90] * 50), ([1200], [1300], [1400])],
)
@pytest.mark.parametrize("name", ["mbg_nbd", "pareto_nbd"])
def test_one_customer_or_one_time_buyers_only_still_give_a_proper_posterior(customers, name):
    model = ORDER_MODELS[name]
    definition = build(model, [purchase_statistics(*customers)])
    posterior = sample(definition, model.parameters, "laplace", 500, 2, seed=1)
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
