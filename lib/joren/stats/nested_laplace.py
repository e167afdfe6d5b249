"""Posterior of segments that learn from each other, without sampling chains: nested Laplace.

Given how far segments differ (σ, τ, and the shape of spend), everything else is nearly normal, with
a mode that Newton finds; those few numbers are summed over a grid (Rue, Martino & Chopin 2009).
Segments meet only in the mean of all, so that each step solves one small system a segment and one
for the mean. Draws are then weighted by the true density, and their k̂ (Vehtari et al. 2024) says
whether normal was near enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from joren.stats.arrays import Array
from joren.stats.hierarchical_model import PRIORS, SHAPE_PRIOR, Part, log_likelihood

_FIRST = np.array([0.02, 0.06, 0.15, 0.3, 0.6, 1.0, 1.7, 2.8, 4.5])  # of a scale, where mass may be
_KEPT = 9.0  # nats below the best at which a corner of the grid is cut off
_NODES = 9  # of Gauss-Legendre on what is left, each axis
_SHAPES = 5  # of Gauss-Hermite about the shape's mode
_STEPS = 60


@dataclass(frozen=True)
class Draws:
    """Weighted posterior draws of a part.

    eta : (n_draws, n_segments, n_arms); tau : (n_draws,) sd of effects between segments
    weights : (n_draws,) summing to 1; k_hat : how far they can be trusted (0.7)
    """

    eta: Array
    tau: Array
    weights: Array
    k_hat: float


@dataclass(frozen=True)
class _Modes:
    """Per grid node: cells v and mean c at the mode, and the normal about it.

    log_density : of the node, the rest summed out; height : of the mode itself
    rest : R = (I + M D)⁻¹ a segment; schur : precision of c
    """

    v: Array
    c: Array
    spread: Array
    shape: Array | None
    rest: Array
    schur: Array
    height: Array
    log_density: Array


def nested_laplace(part: Part, draws: int, seed: int) -> Draws:
    """Draw from the posterior of `build_model(part)`.

    Parameters
    ----------
    draws : how many
    seed : the same seed gives the same draws
    """
    hyper, shape, log_weight = _nodes(part)
    modes = _modes(part, hyper, shape, *_start(part, len(hyper)))
    return _weighted_draws(part, modes, log_weight + modes.log_density, draws, seed)


def _nodes(part: Part) -> tuple[Array, Array | None, Array]:
    """Grid of (σ, τ) and shapes where the posterior has mass, with its log prior × weight."""
    prior = PRIORS[part.kind]
    scales = np.array([prior.between, prior.effect])
    shapes, shape_weights = _shapes(part, scales)
    coarse = _product(_FIRST * scales[0], _FIRST * scales[1])
    middle = None if shapes is None else np.full(len(coarse), shapes[len(shapes) // 2])
    found = _modes(part, coarse, middle, *_start(part, len(coarse)))
    height = found.log_density - 0.5 * ((coarse / scales) ** 2).sum(1)
    height = height.reshape(len(_FIRST), len(_FIRST))
    axes, weights = [], []
    points, gauss = np.polynomial.legendre.leggauss(_NODES)
    for axis in (0, 1):
        kept = np.flatnonzero(height.max(axis=1 - axis) > height.max() - _KEPT)
        edges = np.concatenate([[0.0], _FIRST, [6.0]]) * scales[axis]
        low, high = edges[kept[0]], edges[kept[-1] + 2]
        axes.append((points + 1) / 2 * (high - low) + low)
        weights.append(np.log(gauss * (high - low) / 2) - 0.5 * (axes[-1] / scales[axis]) ** 2)
    hyper = _product(*axes)
    log_weight = (weights[0][:, None] + weights[1]).ravel()
    if shapes is None:
        return hyper, None, log_weight
    repeated = np.repeat(hyper, len(shapes), axis=0)
    together = (log_weight[:, None] + shape_weights).ravel()
    return repeated, np.tile(shapes, len(hyper)), together


def _shapes(part: Part, scales: Array) -> tuple[Array | None, Array]:
    """Shapes about the best one, with log prior × weight; None where the part has no shape."""
    if part.kind != "size":
        return None, np.zeros(1)
    centre, width = SHAPE_PRIOR
    mode, reach = centre, 3 * width
    for _ in range(7):  # each round looks closer
        logs = mode + reach * np.linspace(-1, 1, 9)
        hyper = np.repeat(scales[None] * 0.5, len(logs), axis=0)
        found = _modes(part, hyper, np.exp(logs), *_start(part, len(logs)))
        at = found.log_density - 0.5 * ((logs - centre) / width) ** 2
        mode, reach = logs[at.argmax()], reach / 3
    step = logs[1] - logs[0]
    best = min(max(int(at.argmax()), 1), len(at) - 2)
    bend = -(at[best + 1] - 2 * at[best] + at[best - 1]) / step**2
    sd = 1 / np.sqrt(max(bend, 1 / width**2))
    points, gauss = np.polynomial.hermite_e.hermegauss(_SHAPES)
    logs = mode + sd * points
    log_weight = np.log(gauss) + 0.5 * points**2 - 0.5 * ((logs - centre) / width) ** 2
    return np.exp(logs), log_weight


def _start(part: Part, nodes: int) -> tuple[Array, Array]:
    segments, arms = part.n.shape
    level = 0.0  # of size: the mean of all buyers is the unit
    if part.kind == "rate":
        level = np.log((part.total.sum() + 0.5) / (part.n.sum() - part.total.sum() + 0.5))
    elif part.kind == "mean":
        level = (part.extra * part.total).sum() / part.extra.sum()
    v = np.zeros((nodes, segments, arms))
    v[:, :, 0] = level
    return v, v[:, 0, :].copy()


def _modes(part: Part, hyper: Array, shape: Array | None, v: Array, c: Array) -> _Modes:
    """Newton's climb at all grid nodes at once, by blocks of segments.

    With D the variances of a segment's numbers about the mean, M the curvature of its likelihood
    and R = (I + M D)⁻¹, the precision of c is C⁻¹ + Σ R M, and no step divides by a vanishing D
    but in the slope.
    """
    arms = part.n.shape[1]
    centre, spread = _prior_of_mean(part)
    design = _design(arms)
    D = np.repeat(hyper[:, 1:] ** 2, arms, axis=1)
    D[:, 0] = hyper[:, 0] ** 2
    identity = np.eye(arms)
    for _ in range(_STEPS):
        value, slope, bend = log_likelihood(part, v @ design.T, shape)
        M = np.einsum("gsk,ki,kj->gsij", bend, design, design)
        MD = M * D[:, None, None, :]
        R = np.linalg.inv(identity + MD)
        schur = (R @ M).sum(axis=1) + identity / spread**2
        off = (v - c[:, None]) / D[:, None]
        slope_v = slope @ design - off
        slope_c = off.sum(axis=1) - (c - centre) / spread**2
        right = slope_c + np.einsum("gsij,gsj->gi", R, slope_v)
        dc = np.linalg.solve(schur, right[..., None])[..., 0]
        dv = D[:, None] * np.einsum("gsij,gsj->gsi", R, slope_v)
        dv = dv + np.einsum("gsji,gj->gsi", R, dc)
        longest = max(np.abs(dv).max(), np.abs(dc).max())
        if longest < 1e-7:
            break
        v, c = v + np.clip(dv, -2, 2), c + np.clip(dc, -2, 2)
    height = value + _log_prior(v, c, D, centre, spread)
    dets = np.linalg.slogdet(R)[1].sum(axis=1) - np.linalg.slogdet(schur)[1]
    return _Modes(v, c, D, shape, R, schur, height, height + 0.5 * dets)


def _weighted_draws(part: Part, modes: _Modes, log_p: Array, draws: int, seed: int) -> Draws:
    from arviz_stats.base import array_stats

    rng = np.random.default_rng(seed)
    segments, arms = part.n.shape
    shares = np.cumsum(np.exp(log_p - logsumexp(log_p)))
    at = np.searchsorted(shares / shares[-1], (np.arange(draws) + 0.5) / draws)
    at = rng.permutation(np.minimum(at, len(shares) - 1))
    z_c, z_v = rng.standard_normal((draws, arms)), rng.standard_normal((draws, segments, arms))
    # covariance D R of a segment given the mean; symmetric up to rounding
    inner = modes.spread[:, None, :, None] * modes.rest
    lower = np.linalg.cholesky((inner + np.swapaxes(inner, -1, -2)) / 2)
    upper = np.swapaxes(np.linalg.cholesky(modes.schur), -1, -2)
    dc = np.linalg.solve(upper[at], z_c[..., None])[..., 0]
    dv = np.einsum("gsji,gj->gsi", modes.rest[at], dc)
    dv = dv + np.einsum("gsij,gsj->gsi", lower[at], z_v)
    v, c, D = modes.v[at] + dv, modes.c[at] + dc, modes.spread[at]
    eta = v @ _design(arms).T
    shape = None if modes.shape is None else modes.shape[at]
    true = log_likelihood(part, eta, shape)[0] + _log_prior(v, c, D, *_prior_of_mean(part))
    normal = modes.height[at] - 0.5 * ((z_c**2).sum(1) + (z_v**2).sum((1, 2)))
    ratio = true - normal
    tau = np.sqrt(D[:, -1])
    if np.ptp(ratio) < 1e-6:  # the part is normal indeed, and its weights have no tail to fit
        return Draws(eta, tau, np.full(draws, 1 / draws), 0.0)
    log_weights, k_hat = array_stats.psislw(-(ratio - ratio.max()))
    log_weights = np.asarray(log_weights).ravel()
    weights = np.exp(log_weights - logsumexp(log_weights))
    return Draws(eta, tau, weights, float(k_hat))


def _log_prior(v: Array, c: Array, D: Array, centre: Array, spread: Array) -> Array:
    """Exponent of the normals; their volumes stand in the determinants."""
    about = ((v - c[:, None]) ** 2 / D[:, None]).sum((1, 2))
    return -0.5 * (about + (((c - centre) / spread) ** 2).sum(1))


def _prior_of_mean(part: Part) -> tuple[Array, Array]:
    prior, arms = PRIORS[part.kind], part.n.shape[1]
    return (
        np.array([prior.centre, *[0.0] * (arms - 1)]),
        np.array([prior.spread, *[prior.arm] * (arms - 1)]),
    )


def _design(arms: int) -> Array:
    """From a segment's base and effects to the η of its arms."""
    design = np.eye(arms)
    design[:, 0] = 1.0
    return design


def _product(first: Array, second: Array) -> Array:
    return np.stack([np.repeat(first, len(second)), np.tile(second, len(first))], axis=1)
