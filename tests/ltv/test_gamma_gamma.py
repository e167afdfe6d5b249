from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from joren.ltv import gamma_gamma
from joren.ltv.gamma_gamma import expected_spend, log_likelihood, spend_moments
from joren.ltv.statistics import spend_statistics

DATA = Path(__file__).parents[1] / "data" / "ltv"
PUBLISHED = (6.25, 3.74, 15.44)


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    return pd.read_csv(DATA / "cdnow_customers_summary_with_transactions.csv")


def test_the_likelihood_is_the_published_one_on_946_repeat_buyers(cdnow):
    spends = spend_statistics(cdnow.x, cdnow.zbar)
    assert spends.total == 946
    assert log_likelihood(spends, *PUBLISHED) == pytest.approx(-4055.92, abs=0.01)


def test_yen_change_the_likelihood_by_the_change_of_unit_alone(cdnow):
    p, q, v = PUBLISHED
    dollars = log_likelihood(spend_statistics(cdnow.x, cdnow.zbar), p, q, v)
    yen = log_likelihood(spend_statistics(cdnow.x, cdnow.zbar * 150), p, q, v * 150)
    assert yen == pytest.approx(dollars - 946 * np.log(150), rel=1e-10)


def test_a_customer_never_seen_again_is_worth_the_mean_and_a_regular_her_own_mean():
    draws = np.array([PUBLISHED])
    constant, slope = expected_spend(draws, np.array([0.0, 1000.0]))
    population = 6.25 * 15.44 / 2.74
    assert constant[0, 0] == pytest.approx(population)
    # a thousand days at 50 a day outweigh the population
    assert constant[1, 0] + slope[1, 0] * 50_000 == pytest.approx(50, rel=1e-3)


def test_moments_agree_with_simulated_spend():
    p, q, v = PUBLISHED
    x, spend = 3, 90.0
    moments = spend_moments(np.array([PUBLISHED]), np.array([float(x)]))
    powers = np.array([1, spend, spend**2])
    rng = np.random.default_rng(4)
    nu = rng.gamma(q + p * x, 1 / (v + spend), 400_000)
    assert moments.mean[0] @ powers[:2] == pytest.approx((p / nu).mean(), rel=0.005)
    assert moments.variance[0] @ powers == pytest.approx((p / nu**2).mean(), rel=0.01)
    assert moments.square[0] @ powers == pytest.approx((p**2 / nu**2).mean(), rel=0.01)
    assert moments.mean_square[0] @ powers == pytest.approx(
        (moments.mean[0] @ powers[:2]) ** 2, rel=1e-12
    )


def test_an_infinite_variance_stays_a_large_finite_one():
    moments = spend_moments(np.array([[0.5, 1.2, 10.0]]), np.array([0.0]))
    assert np.isfinite(moments.square).all()


def many_buyers(n: int = 6000):
    rng = np.random.default_rng(6)
    x = rng.geometric(0.4, n)
    return spend_statistics(x, rng.gamma(6.0 * x, 1 / rng.gamma(3.7, 1 / 15.0, n)) / x)


@pytest.mark.parametrize("parameters", [PUBLISHED, (2.0, 5.0, 80.0), (12.0, 1.5, 3.0)])
def test_many_totals_are_summed_by_a_series_to_eight_digits(monkeypatch, parameters):
    spends, at = many_buyers(), np.array(parameters)[:, None]
    series = gamma_gamma.kernel(at, *gamma_gamma.compress(spends).values())
    monkeypatch.setattr(gamma_gamma, "_MOST_TOTALS", 10_000)
    direct = gamma_gamma.kernel(at, *gamma_gamma.compress(spends).values())
    assert gamma_gamma.compress(spends)["totals"].shape == (3, 6000)
    assert series[0] == pytest.approx(direct[0], abs=1e-5)
    np.testing.assert_allclose(series[1], direct[1], rtol=1e-6, atol=1e-4)


@pytest.mark.parametrize("v", [15.0, 1e-4, 1e7])
@pytest.mark.parametrize("n", [300, 6000])
def test_the_gradient_is_that_of_the_likelihood_inside_the_window_and_beyond(v, n):
    data = gamma_gamma.compress(many_buyers(n)).values()
    at = np.array([[5.0], [3.0], [v]])
    gradient = gamma_gamma.kernel(at, *data)[1]
    for i in range(3):
        step = np.zeros_like(at)
        step[i] = 1e-6 * at[i]
        rise = gamma_gamma.kernel(at + step, *data)[0] - gamma_gamma.kernel(at - step, *data)[0]
        assert gradient[i, 0] == pytest.approx(rise / (2 * step[i, 0]), rel=1e-4, abs=1e-2)
