"""Importance sampling around the mode: the same posterior as NUTS gives, in a fraction of the time.

A multivariate t at the mode of a PyMC model, as wide as its curvature says, is the proposal;
Pareto-smoothed weights (Vehtari et al. 2024) correct it, and their k̂ says whether they can.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from joren.stats.arrays import Array
from joren.stats.posterior import Posterior, as_columns

if TYPE_CHECKING:
    import pymc as pm

_DEGREES_OF_FREEDOM = 8


@dataclass(frozen=True)
class Density:
    """A compiled model: log-density and gradient at a point, and from points to parameters.

    The data are shared variables: after `pymc.set_data` it is the density of the new ones.
    """

    evaluate: Callable[[Array], tuple[float, Array]]
    start: Array
    constrain: Callable[[Array], tuple[tuple[str, ...], Array]]


def density_of(model: pm.Model, parameters: Sequence[str]) -> Density:
    """Compile a model for `laplace_draws`; parameters as in `sample`."""
    start = model.initial_point(0)
    return Density(
        model.logp_dlogp_function(ravel_inputs=True, mode="NUMBA"),
        np.concatenate([np.ravel(start[v.name]) for v in model.value_vars]),
        _constraint(model, parameters),
    )


def laplace_draws(density: Density, proposals: int, seed: int) -> Posterior | None:
    """Weighted draws around the mode, or None where the density has no proper one."""
    mode = _climb(density.evaluate, density.start)
    covariance = _inverse_curvature(density.evaluate, mode)
    if covariance is None:
        return None

    def log_density(points: Array) -> Array:
        return np.array([float(density.evaluate(point)[0]) for point in points])

    points, weights, k_hat = importance_draws(log_density, mode, covariance, proposals, seed)
    names, draws = density.constrain(points)
    ess = np.full(len(names), 1 / (weights**2).sum())
    return Posterior(names, draws, weights, "laplace", ess, k_hat=k_hat)


def importance_draws(
    log_density: Callable[[Array], Array], mode: Array, covariance: Array, proposals: int, seed: int
) -> tuple[Array, Array, float]:
    """Draws from a multivariate t around a mode, with Pareto-smoothed importance weights.

    Parameters
    ----------
    log_density : (m, n) points → (m,), up to a constant
    mode, covariance : (n,) and (n, n) of the proposal
    proposals : how many draws
    seed : the same seed gives the same draws

    Returns
    -------
    (proposals, n) points, their weights summing to 1, and k̂ (Vehtari et al. 2024)
    """
    from arviz_stats.base import array_stats

    rng = np.random.default_rng(seed)
    dim, df = len(mode), _DEGREES_OF_FREEDOM
    normal = rng.standard_normal((proposals, dim))
    steps = normal / np.sqrt(rng.chisquare(df, proposals) / df)[:, None]
    points = mode + steps @ np.linalg.cholesky(covariance).T
    log_proposal = -(df + dim) / 2 * np.log1p((steps**2).sum(1) / df)
    with np.errstate(all="ignore"):  # far proposals overflow; their weight is zero
        log_ratio = log_density(points) - log_proposal
    usable = np.isfinite(log_ratio)
    log_weights, k_hat = array_stats.psislw(-(log_ratio[usable] - log_ratio[usable].max()))
    log_weights = np.asarray(log_weights).ravel()
    weights = np.zeros(proposals)
    weights[usable] = np.exp(log_weights - logsumexp(log_weights))
    return points, weights, float(k_hat)


def _climb(density, start: Array) -> Array:
    scale = abs(float(density(start)[0])) or 1.0

    def descent(point: Array) -> tuple[float, Array]:
        value, gradient = density(point)
        return -float(value) / scale, -gradient / scale

    with np.errstate(all="ignore"):
        return minimize(descent, start, jac=True, method="BFGS", options={"gtol": 1e-9}).x


def _inverse_curvature(density, mode: Array, step: float = 1e-4) -> Array | None:
    shifts = step * np.eye(len(mode))
    hessian = np.array([density(mode - e)[1] - density(mode + e)[1] for e in shifts]) / (2 * step)
    hessian = (hessian + hessian.T) / 2
    if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian).min() <= 0:
        return None
    return np.linalg.inv(hessian)


def _constraint(
    model: pm.Model, parameters: Sequence[str]
) -> Callable[[Array], tuple[tuple[str, ...], Array]]:
    import pytensor
    import pytensor.tensor as pt
    from pytensor.graph.replace import vectorize_graph

    wanted = model.replace_rvs_by_values([model[name] for name in parameters])
    start = model.initial_point(0)
    shapes = [np.shape(start[value.name]) for value in model.value_vars]
    columns = {
        value: pt.tensor(f"{value.name}_draws", shape=(None, *shape))
        for value, shape in zip(model.value_vars, shapes, strict=True)
    }
    # a handful of elementwise operations: compiling them would take longer than running them
    transform = pytensor.function(
        list(columns.values()),
        vectorize_graph(wanted, columns),
        mode="FAST_COMPILE",
        on_unused_input="ignore",
    )
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])

    def constrain(points: Array) -> tuple[tuple[str, ...], Array]:
        parts = np.split(points, ends[:-1], axis=1)
        values = [p.reshape(-1, *shape) for p, shape in zip(parts, shapes, strict=True)]
        return as_columns(parameters, transform(*values))

    return constrain
