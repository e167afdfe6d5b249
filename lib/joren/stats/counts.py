"""Counts that depend on several things at once: the log-linear model with overdispersion.

count_i ~ mean exp(x_i β), variance φ times the mean (quasi-Poisson; McCullagh & Nelder 1989,
section 6.2). The weather of one day moves all customers of a shop together, so φ is above 1 and
Poisson errors would be too small; φ is Pearson's χ² over its degrees of freedom, never below 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from joren.stats.arrays import Array

_STEPS, _TOLERANCE = 50, 1e-10


@dataclass(frozen=True)
class LogLinear:
    """coefficients, errors : (k,); dispersion : φ; fitted : (n,) means."""

    coefficients: Array
    errors: Array
    dispersion: float
    fitted: Array


def log_linear(counts: Array, design: Array) -> LogLinear | None:
    """Fit by iteratively reweighted least squares.

    Parameters
    ----------
    counts : (n,) not negative
    design : (n, k) of full column rank, an intercept among them

    Returns
    -------
    None where the columns do not determine the coefficients, or the fit does not settle
    """
    y, x = np.asarray(counts, float), np.asarray(design, float)
    n, k = x.shape
    if n <= k or y.sum() <= 0 or np.linalg.matrix_rank(x) < k:
        return None
    eta = np.log(y + 0.5)
    beta = np.zeros(k)
    for _step in range(_STEPS):
        mean = np.exp(np.clip(eta, -30, 30))
        working = eta + (y - mean) / mean
        weighted = x * mean[:, None]
        found = np.linalg.solve(x.T @ weighted, weighted.T @ working)
        settled = np.abs(found - beta).max() < _TOLERANCE * (1 + np.abs(beta).max())
        beta, eta = found, x @ found
        if settled:
            break
    else:
        return None
    mean = np.exp(eta)
    dispersion = max(float(((y - mean) ** 2 / mean).sum() / (n - k)), 1.0)
    covariance = np.linalg.inv(x.T @ (x * mean[:, None])) * dispersion
    return LogLinear(beta, np.sqrt(np.diag(covariance)), dispersion, mean)
