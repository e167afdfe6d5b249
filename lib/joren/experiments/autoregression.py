"""Regression whose errors depend on their own last values: AR(p) by restricted likelihood.

Ordinary estimates of persistence take some of it for trend and breaks, and intervals come out too
narrow. The restricted likelihood (REML; Cooper & Thompson 1977) looks only at what regression
leaves over: −2 log L = (n − k) log RSS + log|R| + log|XᵀR⁻¹X|. Its search runs over partial
autocorrelations, each within −1 … 1, so that every point is a stationary process.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from joren.stats.arrays import Array

MOST_LAGS = 7
_EDGE = 3.0  # atanh of the largest partial autocorrelation that is tried, .995


@dataclass(frozen=True)
class AutoregressiveFit:
    """Coefficients (k,) with covariance (k, k); φ (p,) of the errors; degrees of freedom left."""

    coefficients: Array
    covariance: Array
    phi: Array
    df: float


def regression(y: Array, design: Array) -> AutoregressiveFit:
    """Generalised least squares with the number of lags that BIC chooses.

    Parameters
    ----------
    y : (n,) in time order, without gaps
    design : (n, k) of full rank, n > k + 2 · MOST_LAGS
    """
    lags = order(y, design)
    partial = np.zeros(0)
    if lags:
        start = np.full(lags, 0.1)
        found = minimize(
            lambda free: _restricted(y, design, np.tanh(np.clip(free, -_EDGE, _EDGE))),
            start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6, "maxiter": 2000},
        )  # fmt: skip
        partial = np.tanh(np.clip(found.x, -_EDGE, _EDGE))
    n, k = design.shape
    white, columns, _log_det = whiten(y, design, partial)
    inverse = np.linalg.inv(columns.T @ columns)
    coefficients = inverse @ columns.T @ white
    rest = white - columns @ coefficients
    df = float(n - k - lags)
    phi = coefficients_of(partial)[-1] if lags else partial
    return AutoregressiveFit(coefficients, inverse * float(rest @ rest) / (n - k), phi, df)


def _restricted(y: Array, design: Array, partial: Array) -> float:
    n, k = design.shape
    white, columns, log_det = whiten(y, design, partial)
    gram = columns.T @ columns
    solved = np.linalg.solve(gram, columns.T @ white)
    rest = float(white @ white - solved @ (columns.T @ white))
    return (n - k) * np.log(max(rest, 1e-300)) + log_det + float(np.linalg.slogdet(gram)[1])


def coefficients_of(partial: Array) -> list[Array]:
    """Autoregressive coefficients of orders 0 … p (Durbin & Levinson)."""
    orders = [np.zeros(0)]
    for r in partial:
        before = orders[-1]
        orders.append(np.append(before - r * before[::-1], r))
    return orders


def whiten(y: Array, design: Array, partial: Array) -> tuple[Array, Array, float]:
    """Innovations of y and of the design's columns in units of the last ones', and log|R|."""
    lags = len(partial)
    if not lags:
        return y, design, 0.0
    both = np.column_stack([y, design])
    orders = coefficients_of(partial)
    made = both.copy()
    for k, phi in enumerate(orders[-1], start=1):
        made[lags:] -= phi * both[lags - k : len(both) - k]
    log_det = 0.0
    for t in range(lags):
        # the first values are predicted from fewer: variance 1/Π(1 − r²) over the lags to come
        variance = 1 / float(np.prod(1 - partial[t:] ** 2))
        log_det += np.log(variance)
        for k, phi in enumerate(orders[t], start=1):
            made[t] -= phi * both[t - k]
        made[t] /= np.sqrt(variance)
    return made[:, 0], made[:, 1:], log_det


def order(y: Array, design: Array) -> int:
    """Number of lags that BIC chooses for the residuals of least squares."""
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    n = len(residual) - MOST_LAGS
    lagged = np.column_stack([residual[MOST_LAGS - k : len(y) - k] for k in range(MOST_LAGS + 1)])
    target, past = lagged[:, 0], lagged[:, 1:]
    scores = []
    for lags in range(MOST_LAGS + 1):
        left = target
        if lags:
            used = past[:, :lags]
            left = target - used @ np.linalg.lstsq(used, target, rcond=None)[0]
        scores.append(n * np.log(max(left @ left / n, 1e-300)) + lags * np.log(n))
    return int(np.argmin(scores))
