from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from joren.churn.bdw import log_likelihood, log_odds, residual_orders, retention, survival

COHORTS = np.loadtxt(
    Path(__file__).parents[1] / "data" / "ltv" / "sbg_regular_highend_12yr.csv",
    delimiter=",", skiprows=1, encoding="utf-8-sig",
)  # fmt: skip
REGULAR, HIGH_END = COHORTS[:, 1], COHORTS[:, 2]


def _best(survivors: np.ndarray, renewals: int, power: bool) -> tuple[np.ndarray, float]:
    counts = survivors[:renewals], -np.diff(survivors[: renewals + 1])
    found = minimize(
        lambda logs: -log_likelihood(*counts, *np.exp(logs)),
        [0.0, 1.0] + [0.0] * power,
        method="Nelder-Mead",
        options={"maxiter": 10_000, "maxfev": 10_000, "xatol": 1e-9, "fatol": 1e-11},
    )
    return np.exp(found.x), -found.fun


@pytest.mark.parametrize(
    ("survivors", "a", "b", "best"),
    [(REGULAR, 0.704, 1.182, -1680.27), (HIGH_END, 0.668, 3.806, -1611.16)],
)
def test_sbg_on_seven_renewals_is_the_published_one(survivors, a, b, best):
    parameters, found = _best(survivors, 7, power=False)

    assert np.round(parameters, 3).tolist() == [a, b]
    assert round(found, 2) == best


def test_sbg_forecasts_the_high_end_cohort_as_published():
    parameters, _best_found = _best(HIGH_END, 7, power=False)

    forecast = survival(np.arange(8, 13), *parameters)
    assert np.round(forecast, 3).tolist() == [0.460, 0.436, 0.414, 0.395, 0.378]
    assert residual_orders(7, *parameters, discount_rate=0.1) == pytest.approx(7.53, abs=5e-3)


@pytest.mark.parametrize(
    ("survivors", "c", "best"), [(REGULAR, 1.196, -1401.383), (HIGH_END, 1.584, -1222.749)]
)
def test_bdw_on_four_renewals_is_the_published_one(survivors, c, best):
    parameters, found = _best(survivors, 4, power=True)

    assert round(parameters[2], 3) == c
    assert round(found, 3) == best


def test_the_sbg_is_the_case_of_no_power():
    t = np.arange(1, 40)
    a, b = 0.7, 1.2
    assert retention(t, a, b, 1.0) == pytest.approx((b + t - 1) / (a + b + t - 1))


@pytest.mark.parametrize("c", [0.5, 1.0, 1.6])
def test_retention_is_the_ratio_of_survivals(c):
    t = np.arange(1, 60)
    assert survival(0, 0.9, 3.2, c) == 1
    ratio = survival(t, 0.9, 3.2, c) / survival(t - 1, 0.9, 3.2, c)
    assert retention(t, 0.9, 3.2, c) == pytest.approx(ratio)


def test_those_who_stayed_long_are_readier_to_stay():
    assert (np.diff(retention(np.arange(1, 100), 0.7, 1.2)) > 0).all()


def test_extreme_parameters_stay_finite():
    odds = log_odds(np.arange(1, 300), np.array([[1e-4], [1e3]]), np.array([[1e3], [1e-3]]), 2.0)
    assert np.isfinite(odds).all()
