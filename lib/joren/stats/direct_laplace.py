"""Posterior of a density that is cheap to evaluate at many points at once.

The scheme of `inference` without a compiler or a gradient: the density of a whole set of draws
costs one pass over some hundred cells. The mode's curvature says little of a bent density; the
proposal is therefore matched to the weighted moments of its own draws while that brings k̂ down.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize

from joren.stats.arrays import Array
from joren.stats.laplace import importance_draws
from joren.stats.posterior import Posterior

_STEP = 1e-3  # of a difference; coordinates have the scale 1
_ROUNDS = 4  # of matching the proposal to its own draws


def laplace(
    log_density: Callable[[Array], Array], names: tuple[str, ...], proposals: int, seed: int
) -> Posterior | None:
    """Draws from a multivariate t around the mode with Pareto-smoothed importance weights.

    Parameters
    ----------
    log_density : (m, n_coordinates) → (m,), up to a constant
    names : of the coordinates, whose scale is about one
    proposals : draws

    Returns
    -------
    the posterior, or None where the density has no proper mode
    """
    best = None
    with np.errstate(all="ignore"):  # far points overflow; their weight is zero
        centre, covariance = _curvature(log_density, len(names))
        for turn in range(_ROUNDS):
            if not np.isfinite(covariance).all() or np.linalg.eigvalsh(covariance).min() <= 0:
                break
            drawn = importance_draws(log_density, centre, covariance, proposals, seed + turn)
            if best is not None and drawn[2] >= best[2]:
                break
            best = points, weights, _k_hat = drawn
            centre = weights @ points
            covariance = (points - centre).T @ ((points - centre) * weights[:, None])
    if best is None:
        return None
    points, weights, k_hat = best
    ess = np.full(len(names), 1 / (weights**2).sum())
    return Posterior(names, points, weights, "laplace", ess, k_hat=k_hat)


def _curvature(log_density: Callable[[Array], Array], dim: int) -> tuple[Array, Array]:
    """The mode, and the inverse of the curvature there, which is NaN where it has none."""
    shifts = _STEP * np.eye(dim)
    # a first step as long as the gradient of thousands of customers would end where all overflows
    scale = abs(float(log_density(np.zeros((1, dim)))[0])) or 1.0

    def descent(point: Array) -> tuple[float, Array]:
        around = log_density(np.vstack([point, point + shifts, point - shifts]))
        slope = (around[dim + 1 :] - around[1 : dim + 1]) / (2 * _STEP)
        return -around[0] / scale, slope / scale

    mode = minimize(descent, np.zeros(dim), jac=True, method="BFGS", options={"gtol": 1e-7}).x
    hessian = np.array([descent(mode + s)[1] - descent(mode - s)[1] for s in shifts])
    curvature = scale * (hessian + hessian.T) / (4 * _STEP)
    if not np.isfinite(curvature).all():
        return mode, np.full_like(curvature, np.nan)
    return mode, np.linalg.pinv(curvature)
