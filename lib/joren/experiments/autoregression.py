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
        given = _Lagged.of(y, design, lags)
        found = minimize(
            lambda free: _restricted(given, np.tanh(np.clip(free, -_EDGE, _EDGE))),
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


@dataclass(frozen=True)
class _Lagged:
    """All that the likelihood asks of the series: its length no longer counts in the search.

    first : (p, k + 1) first values of y and the design's columns
    products : ((p + 1)², (k + 1)²) Σ b(t − i) b(t − j)ᵀ over t ≥ p, of every pair of lags i, j
    """

    n: int
    first: Array
    products: Array

    @classmethod
    def of(cls, y: Array, design: Array, lags: int) -> _Lagged:
        both = np.column_stack([y, design])
        late = np.stack([both[lags - i : len(both) - i] for i in range(lags + 1)])
        products = np.einsum("ita,jtb->ijab", late, late, optimize=True)
        return cls(len(both), both[:lags], products.reshape((lags + 1) ** 2, -1))


def _restricted(given: _Lagged, partial: Array) -> float:
    size = given.first.shape[1]
    orders = coefficients_of(partial)
    lag = np.append(1.0, -orders[-1])
    first, log_det = _first_innovations(given.first, orders, partial)
    gram = (np.outer(lag, lag).ravel() @ given.products).reshape(size, size) + first.T @ first
    inner, across = gram[1:, 1:], gram[1:, 0]
    rest = float(gram[0, 0] - np.linalg.solve(inner, across) @ across)
    log_rest = np.log(max(rest, 1e-300))
    return (given.n - size + 1) * log_rest + log_det + float(np.linalg.slogdet(inner)[1])


def coefficients_of(partial: Array) -> list[Array]:
    """Autoregressive coefficients of orders 0 … p (Durbin & Levinson)."""
    orders = [np.zeros(0)]
    for r in partial:
        before, longer = orders[-1], np.empty(len(orders))
        longer[:-1], longer[-1] = before - r * before[::-1], r
        orders.append(longer)
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
    made[:lags], log_det = _first_innovations(both[:lags], orders, partial)
    return made[:, 0], made[:, 1:], log_det


def _first_innovations(first: Array, orders: list[Array], partial: Array) -> tuple[Array, float]:
    """Those of the first p rows, which are predicted from fewer, and log|R|."""
    rows = np.eye(len(partial))
    for t in range(1, len(partial)):
        rows[t, :t] = -orders[t][::-1]
    # the variance is 1/Π(1 − r²) over the lags to come
    precision = np.cumprod((1 - partial**2)[::-1])[::-1]
    made = (np.sqrt(precision)[:, None] * rows) @ first
    return made, -float(np.log(precision).sum())


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
