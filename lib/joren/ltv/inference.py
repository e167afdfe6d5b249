"""From a PyMC model to posterior draws, by one of two ways that agree.

`nuts` samples with nutpie. `laplace` takes the mode, a multivariate t around it as proposal, and
corrects by Pareto-smoothed importance weights (Vehtari et al. 2024): the same posterior up to
Monte Carlo error while k̂ <= 0.7. `auto` is laplace, and nuts where k̂ is larger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from joren.errors import JorenError
from joren.ltv.statistics import Array

if TYPE_CHECKING:
    import pymc as pm

LARGEST_R_HAT = 1.01
SMALLEST_ESS = 400
LARGEST_K_HAT = 0.7
_DEGREES_OF_FREEDOM = 8


@dataclass(frozen=True)
class Posterior:
    """Weighted posterior draws of a model's parameters, with what is known about their quality.

    draws : (n_draws, n_parameters); weights : (n_draws,) summing to 1
    ess_bulk : (n_parameters,); r_hat : (n_parameters,) or None with `laplace`
    divergences : None with `laplace`; k_hat : None with `nuts`
    rejected_k_hat : k̂ of the laplace attempt that `auto` gave up, else None
    """

    parameters: tuple[str, ...]
    draws: Array
    weights: Array
    method: Literal["laplace", "nuts"]
    ess_bulk: Array
    r_hat: Array | None = None
    divergences: int | None = None
    k_hat: float | None = None
    rejected_k_hat: float | None = None

    def mean(self) -> Array:
        """(n_parameters,) posterior means."""
        return self.weights @ self.draws

    def sd(self) -> Array:
        """(n_parameters,) posterior standard deviations."""
        return np.sqrt(self.weights @ (self.draws - self.mean()) ** 2)

    def quantile(self, level: float) -> Array:
        """(n_parameters,) posterior quantiles."""
        return np.array([_weighted_quantile(d, self.weights, level) for d in self.draws.T])

    def equally_weighted(self, size: int) -> Array:
        """(size, n_parameters) draws of equal weight, by systematic resampling (no randomness)."""
        cumulative = np.cumsum(self.weights)
        picks = np.searchsorted(cumulative / cumulative[-1], (np.arange(size) + 0.5) / size)
        return self.draws[np.minimum(picks, len(self.draws) - 1)]

    def problems(self) -> list[str]:
        """The diagnostics that miss their threshold: `k_hat`, `r_hat`, `ess`, `divergences`."""
        failing = {
            "k_hat": self.k_hat is not None and not self.k_hat <= LARGEST_K_HAT,
            "r_hat": self.r_hat is not None and not self.r_hat.max() < LARGEST_R_HAT,
            "ess": not self.ess_bulk.min() > SMALLEST_ESS,
            "divergences": bool(self.divergences),
        }
        return [name for name, fails in failing.items() if fails]


def sample(
    model: pm.Model,
    parameters: Sequence[str],
    inference: Literal["auto", "laplace", "nuts"],
    draws: int,
    chains: int,
    seed: int,
) -> Posterior:
    """Draw from the posterior of a model.

    Parameters
    ----------
    model : a PyMC model of a few scalar parameters
    parameters : names of the variables wanted, random or deterministic
    inference : see the module
    draws, chains : draws per chain and chains; laplace takes draws × chains proposals
    seed : the same seed gives the same draws

    Raises
    ------
    JorenError if `laplace` is asked for and the posterior has no proper mode
    """
    if inference == "nuts":
        return _nuts(model, parameters, draws, chains, seed)
    fast = _laplace(model, parameters, draws * chains, seed)
    if fast is not None and (inference == "laplace" or "k_hat" not in fast.problems()):
        return fast
    if inference == "laplace":
        raise JorenError("the posterior has no proper mode", "ltv.inference", "set it to nuts")
    sampled = _nuts(model, parameters, draws, chains, seed)
    return replace(sampled, rejected_k_hat=float("inf") if fast is None else fast.k_hat)


def _laplace(
    model: pm.Model, parameters: Sequence[str], proposals: int, seed: int
) -> Posterior | None:
    from arviz_stats.base import array_stats

    density = model.logp_dlogp_function(ravel_inputs=True, mode="NUMBA")
    start = model.initial_point(0)
    mode = _climb(density, np.array([float(start[v.name]) for v in model.continuous_value_vars]))
    covariance = _inverse_curvature(density, mode)
    if covariance is None:
        return None
    rng = np.random.default_rng(seed)
    dim, df = len(mode), _DEGREES_OF_FREEDOM
    normal = rng.standard_normal((proposals, dim))
    steps = normal / np.sqrt(rng.chisquare(df, proposals) / df)[:, None]
    points = mode + steps @ np.linalg.cholesky(covariance).T
    log_proposal = -(df + dim) / 2 * np.log1p((steps**2).sum(1) / df)
    with np.errstate(all="ignore"):  # far proposals overflow; their weight is zero
        log_target = np.array([float(density(point)[0]) for point in points])
    log_ratio = np.where(np.isfinite(log_target), log_target - log_proposal, -np.inf)
    usable = np.isfinite(log_ratio)
    log_weights, k_hat = array_stats.psislw(-(log_ratio[usable] - log_ratio[usable].max()))
    log_weights = np.asarray(log_weights).ravel()
    weights = np.zeros(proposals)
    weights[usable] = np.exp(log_weights - logsumexp(log_weights))
    return Posterior(
        tuple(parameters),
        _constrained(model, parameters, points),
        weights,
        "laplace",
        np.full(len(parameters), 1 / (weights**2).sum()),
        k_hat=float(k_hat),
    )


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


def _constrained(model: pm.Model, parameters: Sequence[str], points: Array) -> Array:
    import pytensor
    import pytensor.tensor as pt
    from pytensor.graph.replace import vectorize_graph

    wanted = model.replace_rvs_by_values([model[name] for name in parameters])
    columns = {value: pt.vector(f"{value.name}_draws") for value in model.continuous_value_vars}
    # a handful of elementwise operations: compiling them would take longer than running them
    transform = pytensor.function(
        list(columns.values()),
        vectorize_graph(wanted, columns),
        mode="FAST_COMPILE",
        on_unused_input="ignore",
    )
    return np.column_stack(transform(*points.T))


def _nuts(
    model: pm.Model, parameters: Sequence[str], draws: int, chains: int, seed: int
) -> Posterior:
    import nutpie
    from arviz_stats.base import array_stats

    trace = nutpie.sample(
        nutpie.compile_pymc_model(model),
        draws=draws,
        tune=max(500, draws // 2),
        chains=chains,
        cores=2,
        seed=seed,
        progress_bar=False,
        target_accept=0.9,
    )
    by_chain = [np.asarray(trace.posterior[name].values) for name in parameters]
    return Posterior(
        tuple(parameters),
        np.column_stack([values.ravel() for values in by_chain]),
        np.full(draws * chains, 1 / (draws * chains)),
        "nuts",
        np.array([float(array_stats.ess(values)) for values in by_chain]),
        np.array([float(array_stats.rhat(values)) for values in by_chain]),
        int(trace.sample_stats.diverging.values.sum()),
    )


def _weighted_quantile(values: Array, weights: Array, level: float) -> float:
    order = np.argsort(values)
    cumulative = np.cumsum(weights[order])
    return float(values[order][min(np.searchsorted(cumulative, level), len(values) - 1)])
