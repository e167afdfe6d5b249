"""Regression with autoregressive errors: exact likelihood, persistence without its usual bias."""

import numpy as np
import pytest

from joren.experiments.autoregression import coefficients_of, order, regression, whiten


def _series(seed, n=150, phi=0.6):
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=n + 100)
    error = np.zeros(n + 100)
    for t in range(1, n + 100):
        error[t] = phi * error[t - 1] + noise[t]
    time = np.arange(n)
    design = np.column_stack([time >= 100, np.ones(n), time / n]).astype(float)
    return design @ np.array([2.0, 5.0, 1.0]) + error[100:], design


def test_partial_autocorrelations_give_the_coefficients_of_an_ar2():
    # φ₁ = r₁(1 − r₂), φ₂ = r₂
    assert coefficients_of(np.array([0.5, -0.2]))[-1] == pytest.approx([0.6, -0.2])


@pytest.mark.parametrize("partial", [[0.7], [0.5, -0.3], [0.4, 0.2, -0.5]])
def test_innovations_have_the_covariance_of_the_process(partial):
    n, partial = 12, np.array(partial)
    phi = coefficients_of(partial)[-1]
    # impulse responses of the process, long enough to have died out
    response = np.zeros(600)
    response[0] = 1.0
    for t in range(1, 600):
        past = response[max(t - len(phi), 0) : t][::-1]
        response[t] = past @ phi[: len(past)]
    gamma = np.array([response[: 600 - k] @ response[k:] for k in range(n)])
    covariance = gamma[np.abs(np.subtract.outer(np.arange(n), np.arange(n)))]

    _white, rows, log_det = whiten(np.zeros(n), np.eye(n), partial)

    assert rows @ covariance @ rows.T == pytest.approx(np.eye(n), abs=1e-9)
    assert log_det == pytest.approx(np.linalg.slogdet(covariance)[1])


def test_without_persistence_it_is_least_squares():
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    design = np.column_stack([np.ones(80), rng.normal(size=80)])
    y = design @ [1.0, 2.0] + rng.normal(size=80)
    fitted = sm.OLS(y, design).fit()
    found = regression(y, design)

    assert len(found.phi) == 0
    assert found.coefficients == pytest.approx(fitted.params)
    assert found.covariance == pytest.approx(fitted.cov_params())


def test_persistence_is_not_taken_for_trend():
    found = [regression(*_series(seed)) for seed in range(40)]

    assert all(len(fit.phi) >= 1 for fit in found)
    assert np.mean([fit.phi.sum() for fit in found]) == pytest.approx(0.6, abs=0.04)


def test_its_standard_error_is_the_spread_over_worlds():
    found = [regression(*_series(seed)) for seed in range(150)]
    scores = [(fit.coefficients[0] - 2.0) / np.sqrt(fit.covariance[0, 0]) for fit in found]

    assert np.std(scores) == pytest.approx(1.0, abs=0.15)


def test_no_lags_for_white_noise():
    rng = np.random.default_rng(1)
    chosen = [order(rng.normal(size=200), np.ones((200, 1))) for _world in range(40)]

    assert chosen.count(0) >= 34
