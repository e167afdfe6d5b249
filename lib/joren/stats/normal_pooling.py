"""Estimates of many groups that learn from each other: the normal hierarchical model.

1. estimate_j ~ N(θ_j, se_j²), se_j known.
2. θ_j ~ N(μ, τ²).
3. p(μ) flat; p(τ) half-Cauchy with the scale of the estimates' own spread, so that the result is
   the same in yen and in dollars.

Given τ everything is normal; τ is integrated on a grid. Gelman et al., Bayesian Data Analysis
(3rd ed.), section 5.4; `pooling_model` is the same model in PyMC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from joren.stats.arrays import Array

if TYPE_CHECKING:
    import pymc as pm

_GRID = 400


@dataclass(frozen=True)
class Pooled:
    """Posterior of the groups' true values.

    mean, lower, upper : (k,); centre, centre_lower, centre_upper, spread : μ, and the mean of τ
    """

    mean: Array
    lower: Array
    upper: Array
    centre: float
    centre_lower: float
    centre_upper: float
    spread: float


def pool(estimates: Array, errors: Array, interval: float) -> Pooled:
    """Draw the estimates towards each other by as much as they agree.

    Parameters
    ----------
    estimates : (k,) at least two
    errors : (k,) their standard errors, positive
    interval : probability of lower and upper

    Raises
    ------
    ValueError if there are fewer than two, or an error is not positive
    """
    y, v = np.asarray(estimates, float), np.asarray(errors, float) ** 2
    if len(y) < 2 or not (v > 0).all():
        raise ValueError("pooling needs two estimates with positive errors")
    scale = spread_scale(y, np.sqrt(v))
    # cells of equal prior mass of the half-Cauchy, each at its middle
    tau = scale * np.tan(np.pi / 2 * (np.arange(_GRID) + 0.5) / _GRID)
    precision = 1 / (v + tau[:, None] ** 2)  # (grid, k)
    total = precision.sum(axis=1)
    mu = precision @ y / total
    log_weight = 0.5 * (
        np.log(precision).sum(axis=1)
        - np.log(total)
        - (precision * (y - mu[:, None]) ** 2).sum(axis=1)
    )
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    keep = v / (v + tau[:, None] ** 2)  # how far each is drawn to the centre
    mean = keep * mu[:, None] + (1 - keep) * y
    variance = (1 - keep) * v + keep**2 / total[:, None]
    tail = (1 - interval) / 2
    bounds = [_quantile(mean, np.sqrt(variance), weight, p) for p in (tail, 1 - tail)]
    centre = [_quantile(mu[:, None], 1 / np.sqrt(total)[:, None], weight, p)[0]
              for p in (tail, 1 - tail)]  # fmt: skip
    return Pooled(weight @ mean, *bounds, float(weight @ mu), *map(float, centre),
                  float(weight @ tau))  # fmt: skip


def spread_scale(estimates: Array, errors: Array) -> float:
    """Scale of the prior of τ: the standard deviation of the estimates, or their usual error."""
    return max(float(np.std(estimates)), float(np.median(errors)))


def pooling_model(estimates: Array, errors: Array) -> pm.Model:
    """The model as PyMC writes it, with variables `mu`, `tau` and `theta`."""
    import pymc as pm

    with pm.Model() as model:
        mu = pm.Flat("mu")
        tau = pm.HalfCauchy("tau", spread_scale(estimates, errors))
        offset = pm.Normal("offset", shape=len(estimates))
        theta = pm.Deterministic("theta", mu + tau * offset)
        pm.Normal("estimate", theta, errors, observed=estimates)
    return model


def _quantile(mean: Array, sd: Array, weight: Array, level: float) -> Array:
    """(k,) quantiles of mixtures of normals (grid, k), by bisection."""
    reach = np.abs(ndtri(level)) + 1
    low, high = (mean - 6 * reach * sd).min(axis=0), (mean + 6 * reach * sd).max(axis=0)
    for _step in range(80):
        middle = (low + high) / 2
        below = weight @ ndtr((middle - mean) / np.maximum(sd, 1e-300)) < level
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2
