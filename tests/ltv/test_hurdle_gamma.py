import numpy as np
import pytest
from scipy.special import gammaincinv

from joren.ltv.hurdle_gamma import hurdle_gamma_quantiles


def test_quantiles_are_zero_up_to_the_hurdle_and_gamma_beyond():
    quantile = hurdle_gamma_quantiles(0.95, [0.04, 0.2, 1.0], [1.0, 2.0, 10.0], [50.0, 40.0, 200.0])
    assert quantile[0] == 0
    # given an order: mean 10, second moment 200, an exponential; 0.75 of it lies below
    assert quantile[1] == pytest.approx(-10 * np.log(0.25), rel=1e-5)
    assert quantile[2] == pytest.approx(-10 * np.log(0.05), rel=1e-5)
    assert hurdle_gamma_quantiles(0.5, [0.0], [0.0], [0.0])[0] == 0


def test_orders_that_are_all_alike_have_their_own_value_as_quantile():
    assert hurdle_gamma_quantiles(0.9, [1.0], [7.0], [49.0])[0] == pytest.approx(7, rel=1e-3)


@pytest.mark.parametrize("level", [0.025, 0.05, 0.5, 0.95, 0.995])
def test_the_spline_is_within_its_stated_error(level):
    rng, n = np.random.default_rng(1), 20_000
    shape, p = np.exp(rng.uniform(np.log(0.02), np.log(1e4), n)), rng.uniform(0.01, 1, n)
    mean = np.exp(rng.normal(8, 2, n))
    found = hurdle_gamma_quantiles(level, p, p * mean, p * mean**2 * (1 + 1 / shape)) / mean
    inside = (level - (1 - p)) / p
    reached = inside > 1e-6
    exact = gammaincinv(shape[reached], inside[reached]) / shape[reached]
    assert (found[inside <= 0] == 0).all()
    np.testing.assert_allclose(found[reached], exact, rtol=1e-5, atol=1e-7)
