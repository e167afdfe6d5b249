"""Posterior of the hazards of use by nested Laplace: scales first, effects given them.

Given the scales, the posterior of the effects is log-concave and nearly normal. The scales' own
density is what integrating the effects out leaves (Rue, Martino & Chopin 2009). Both are proposals
only: importance weights of the joint density correct them, and their k̂ says whether they can.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from joren.errors import JorenError
from joren.params import Ltv
from joren.points.breakage import (
    SCALES,
    Cells,
    build_model,
    design_of,
    log_odds,
    log_posterior,
    scales,
    units,
)
from joren.stats.arrays import Array
from joren.stats.inference import sample
from joren.stats.laplace import importance_draws
from joren.stats.posterior import Posterior

_EACH = 2  # draws of the effects for each draw of the scales
_DEGREES = 12  # of the t from which effects are proposed: its tails are wider than the normal's
_STEP = 1e-2  # of a difference; the scales' coordinates have the scale 1
_TURNS = 50
_ROUNDS = 4


def hazard_posterior(cells: Cells, params: Ltv, seed: int) -> Posterior:
    """Draws of the coordinates: nested Laplace, or NUTS where that is not good enough.

    Parameters
    ----------
    cells : points at risk and used
    params : inference, draws and chains
    seed : the same seed gives the same draws

    Raises
    ------
    JorenError if `laplace` is asked for and the posterior has no proper mode
    """
    fast = None
    if params.inference != "nuts":
        fast = nested_laplace(cells, params.draws * params.chains, seed)
    if fast is not None and (params.inference == "laplace" or "k_hat" not in fast.problems()):
        return fast
    if params.inference == "laplace":
        raise JorenError("the posterior has no proper mode", "ltv.inference", "set it to nuts")
    names = design_of(cells).coordinates
    drawn = sample(build_model(cells), ["theta"], "nuts", params.draws, params.chains, seed)
    drawn = drawn.columns(range(len(names)), names)
    return drawn if fast is None else replace(drawn, rejected_k_hat=fast.k_hat)


def nested_laplace(cells: Cells, draws: int, seed: int) -> Posterior | None:
    """Weighted draws, or None where the scales have no proper mode.

    Parameters
    ----------
    draws : at least so many, some for each draw of the scales
    """
    with threadpool_limits(1):  # some hundred small matrices: threads wait for each other
        return _nested(cells, draws, seed)


def _nested(cells: Cells, draws: int, seed: int) -> Posterior | None:
    inner = _Inner(cells)

    def marginal(points: Array) -> Array:
        return np.array([inner.at(point).log_marginal for point in points])

    mode = minimize(lambda u: -marginal(u[None])[0], np.zeros(3), method="L-BFGS-B",
                    bounds=[(-5, 5)] * 3).x  # fmt: skip
    covariance = _covariance(marginal, mode)
    if covariance is None:
        return None
    best = None
    for turn in range(_ROUNDS):  # a single far draw can spoil a round
        of = seed + turn
        points, _weights, _k = importance_draws(marginal, mode, covariance, -(-draws // _EACH), of)
        drawn = _joint(cells, inner, points, mode, covariance, of)
        if best is None or drawn.k_hat < best.k_hat:
            best = drawn
        if "k_hat" not in best.problems():
            break
    return best


def _joint(
    cells: Cells, inner: _Inner, points: Array, mode: Array, covariance: Array, seed: int
) -> Posterior:
    from arviz_stats.base import array_stats

    rng = np.random.default_rng(seed + 1)
    square = ((points - mode) * np.linalg.solve(covariance, (points - mode).T).T).sum(axis=1)
    log_scales = -(8 + 3) / 2 * np.log1p(square / 8)  # the t that `importance_draws` draws from
    theta, proposal = [], []
    for point, log_scale in zip(points, log_scales, strict=True):
        found = inner.at(point)
        n = len(found.effects)
        steps = rng.standard_normal((n, _EACH)) / np.sqrt(rng.chisquare(_DEGREES, _EACH) / _DEGREES)
        theta.append(np.vstack([
            np.tile(point[:, None], _EACH),
            found.effects[:, None] + solve_triangular(found.root.T, steps),
        ]))  # fmt: skip
        bent = -(_DEGREES + n) / 2 * np.log1p((steps**2).sum(axis=0) / _DEGREES)
        proposal.append(log_scale + np.log(np.diag(found.root)).sum() + bent)
    drawn = np.hstack(theta)
    log_ratio = log_posterior(cells, drawn) - np.concatenate(proposal)
    log_weights, k_hat = array_stats.psislw(-(log_ratio - log_ratio.max()))
    log_weights = np.asarray(log_weights).ravel()
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    ess = np.full(len(drawn), 1 / (weights**2).sum())
    # of the scales there are fewer draws
    ess[: len(SCALES)] = 1 / (weights.reshape(-1, _EACH).sum(axis=1) ** 2).sum()
    names = design_of(cells).coordinates
    return Posterior(names, drawn.T, weights, "laplace", ess, k_hat=float(k_hat))


@dataclass(frozen=True)
class _Given:
    """The effects given the scales: mode, root of the curvature there, log of what they leave."""

    effects: Array
    root: Array  # lower triangular
    log_marginal: float


class _Inner:
    """Newton's method for the effects given the scales, started where the last one ended."""

    def __init__(self, cells: Cells) -> None:
        self.design = design_of(cells)
        self.rows = self.design.rows(cells.validity, cells.bin, cells.month)
        self.used, self.at_risk = units(cells)
        self.start = np.zeros(len(self.design.names))
        self.known: dict[bytes, _Given] = {}

    def at(self, point: Array) -> _Given:
        """The effects, in their standard-normal coordinates, given coordinates of the scales."""
        if point.tobytes() in self.known:
            return self.known[point.tobytes()]
        of = scales(self.design, point)
        rows = self.rows * of
        effects = self.start / np.maximum(of, 1e-9)
        value, slope, curvature = self._around(rows, effects, point)
        for _turn in range(_TURNS):
            step = cho_solve(cho_factor(curvature, lower=True), slope)
            size = 1.0
            while size > 1e-6:
                reached = self._around(rows, effects + size * step, point)
                if reached[0] >= value - 1e-9:
                    break
                size /= 2
            effects = effects + size * step
            gain, (value, slope, curvature) = reached[0] - value, reached
            if gain < 1e-8:
                break
        self.start = effects * of
        root = np.linalg.cholesky(curvature)
        left = value - np.log(np.diag(root)).sum() - 0.5 * (point**2).sum()
        found = self.known[point.tobytes()] = _Given(effects, root, float(left))
        return found

    def _around(self, rows: Array, effects: Array, point: Array) -> tuple[float, Array, Array]:
        theta = np.concatenate([point, effects])
        odds = log_odds(self.rows, self.design, theta)
        share = 1 / (1 + np.exp(-odds))
        value = self.used @ odds - self.at_risk @ np.logaddexp(0.0, odds)
        slope = rows.T @ (self.used - self.at_risk * share) - effects
        weight = self.at_risk * share * (1 - share)
        curvature = rows.T @ (rows * weight[:, None]) + np.eye(len(effects))
        return float(value - 0.5 * effects @ effects), slope, curvature


def _covariance(log_density, mode: Array) -> Array | None:
    """The inverse of the curvature at the mode, by differences."""
    n = len(SCALES)
    shifts = _STEP * np.eye(n)
    corners = [mode + a * one + b * two for one in shifts for two in shifts
               for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]  # fmt: skip
    values = log_density(np.array(corners)).reshape(n, n, 4)
    hessian = -(values @ np.array([1, -1, -1, 1])) / (4 * _STEP**2)
    hessian = (hessian + hessian.T) / 2
    if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian).min() <= 0:
        return None
    return np.linalg.inv(hessian)
