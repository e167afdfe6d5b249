"""What routes are worth, learning from each other: origin, destination and edge effects.

1. An edge's difference is a common centre, plus a slope on how travelled it is (those who take
   rare edges take many, and are worth more), plus an effect of its origin, one of its destination
   and one of its own; each kind of effect is normal about zero with a spread of its own.
2. What was observed of it is that difference with normal noise of a known standard deviation, and
   noise that all edges have in common, as they share customers.

So an edge that few took is drawn towards what its two ends say. `build_model` is the definition;
`fit` reaches the same posterior without chains: given the spreads all is normal and in closed form,
and the spreads, three numbers at most, are summed over a grid (as in `stats.nested_laplace`).
All spreads are in units of what customers differ by, so that currency does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp
from scipy.stats import norm

from joren.stats.arrays import Array

if TYPE_CHECKING:
    import pymc as pm

SPREAD = 0.5  # prior scale of every spread, in standard deviations between customers
_COARSE = np.array([0.003, 0.01, 0.03, 0.1, 0.25, 0.6, 1.2])  # where a spread may be, in that unit
_EDGES = np.array([0.0, *_COARSE, 2.5])
_KEPT = 9.0  # nats below the best at which a part of the grid is cut off
_NODES = {1: 41, 2: 15, 3: 11}  # of Gauss-Legendre on what is left, by number of spreads
_LIGHT = 1e-4  # of the heaviest node's weight, below which a node says nothing


@dataclass(frozen=True)
class Observed:
    """Differences as observed.

    means : (n,) observed differences; noise : (n,) their standard deviations, above zero
    common : standard deviation of the noise they share, above zero
    travelled : (n,) how travelled each is, about zero and of a scale of one
    ends : kind of effect → (n,) level of each, from 0; may be empty
    scale : standard deviation between customers, above zero
    """

    means: Array
    noise: Array
    common: float
    travelled: Array
    ends: Mapping[str, Array]
    scale: float


@dataclass(frozen=True)
class Spreads:
    """Posterior of the spreads: (g, kinds) nodes in units of `scale`, (g,) weights summing to 1.

    The kinds are those of `Observed.ends` and, last, the effects of their own.
    """

    nodes: Array
    weights: Array


@dataclass(frozen=True)
class Differences:
    """Posterior of the true differences: (n,) mean and sd; (n,) bounds of their interval."""

    mean: Array
    sd: Array
    lower: Array
    upper: Array


def build_model(observed: Observed) -> pm.Model:
    """The model in PyMC; `theta` are the true differences."""
    import pymc as pm

    size = len(observed.means)
    with pm.Model() as model:
        theta = pm.Normal("centre", 0.0, observed.scale) * np.ones(size)
        theta = theta + pm.Normal("slope", 0.0, observed.scale) * observed.travelled
        for kind, codes in (observed.ends | {"own": np.arange(size)}).items():
            spread = pm.HalfNormal(f"spread_{kind}", SPREAD)
            effects = pm.Normal(f"effect_{kind}", shape=int(codes.max()) + 1)
            theta = theta + observed.scale * spread * effects[codes]
        pm.Deterministic("theta", theta)
        shared = observed.common * pm.Normal("shared", 0.0, 1.0)
        pm.Normal("means", theta + shared, observed.noise, observed=observed.means)
    return model


def fit(observed: Observed, level: float) -> Differences:
    """Posterior of `theta` of `build_model`, the spreads summed over a grid.

    Parameters
    ----------
    level : of the intervals
    """
    return differences(observed, spreads_of(observed), level)


def spreads_of(observed: Observed) -> Spreads:
    """How far effects of each kind differ, as far as the data say."""
    problem = _Problem(observed)
    kinds = len(observed.ends) + 1
    coarse = np.array(list(product(_COARSE, repeat=kinds)))
    height = np.array([problem.log_density(spreads) for spreads in coarse])
    height = height.reshape((len(_COARSE),) * kinds)
    points, gauss = np.polynomial.legendre.leggauss(_NODES[kinds])
    axes, logs = [], []
    for axis in range(kinds):
        others = tuple(other for other in range(kinds) if other != axis)
        kept = np.flatnonzero(height.max(axis=others) > height.max() - _KEPT)
        low, high = _EDGES[kept[0]], _EDGES[kept[-1] + 2]
        axes.append((points + 1) / 2 * (high - low) + low)
        logs.append(np.log(gauss * (high - low) / 2))
    nodes = np.array(list(product(*axes)))
    log_weight = np.array([sum(parts) for parts in product(*logs)])
    log_p = log_weight + np.array([problem.log_density(spreads) for spreads in nodes])
    weights = np.exp(log_p - logsumexp(log_p))
    heavy = weights > _LIGHT * weights.max()
    return Spreads(nodes[heavy], weights[heavy] / weights[heavy].sum())


def differences(observed: Observed, spreads: Spreads, level: float) -> Differences:
    """Posterior of the differences given what is known of the spreads, from here or elsewhere."""
    problem = _Problem(observed)
    mean, square = np.zeros((2, len(observed.means)))
    for node, weight in zip(spreads.nodes, spreads.weights, strict=True):
        centre, variance = problem.given(node)
        mean += weight * centre
        square += weight * (variance + centre**2)
    sd = np.sqrt(np.maximum(square - mean**2, 0.0))
    reach = norm.ppf(0.5 + level / 2) * sd
    parts = (mean, sd, mean - reach, mean + reach)
    return Differences(*(part * observed.scale for part in parts))


class _Problem:
    """One set of observations in units of `scale`, prepared for many spreads."""

    def __init__(self, observed: Observed) -> None:
        self.means = observed.means / observed.scale
        self.noise = (observed.noise / observed.scale) ** 2
        one = np.ones(len(self.means))
        shared = np.column_stack([one, one, observed.travelled])
        self.common = observed.common / observed.scale
        parts = [np.eye(int(codes.max()) + 1)[codes] for codes in observed.ends.values()]
        # common noise, centre, slope; then the levels of each kind of end
        self.design = np.hstack([shared, *parts])
        self.widths = [1, 2, *(part.shape[1] for part in parts)]

    def _solved(self, spreads: Array) -> tuple[Array, Array, Array, Array]:
        """Variances of the means given the ends; roots of the ends' variances; I + S½GS½; S½Z'D⁻¹m

        By Woodbury: the ends are few, the edges many.
        """
        given = self.noise + spreads[-1] ** 2
        root = np.repeat([self.common, 1.0, *spreads[:-1]], self.widths)
        scaled = self.design * root
        inner = scaled.T @ (scaled / given[:, None])
        inner[np.diag_indices_from(inner)] += 1.0
        return given, root, inner, scaled.T @ (self.means / given)

    def log_density(self, spreads: Array) -> float:
        """Of the spreads and the observed means, everything else summed out."""
        given, _root, inner, right = self._solved(spreads)
        fits = (self.means**2 / given).sum() - right @ np.linalg.solve(inner, right)
        volume = np.log(given).sum() + np.linalg.slogdet(inner)[1]
        return float(-0.5 * (fits + volume) - 0.5 * ((spreads / SPREAD) ** 2).sum())

    def given(self, spreads: Array) -> tuple[Array, Array]:
        """(n,) mean and variance of the differences, were these the spreads."""
        given, root, inner, right = self._solved(spreads)
        inverse = np.linalg.inv(inner)
        own = spreads[-1] ** 2 / given  # the share of what is left that is the edge's own
        # own × (mean − common noise − ends) + ends: the common noise is no part of the difference
        parts = self.design * (1 - own)[:, None]
        parts[:, 0] = -own
        parts = parts * root
        unsure = np.einsum("ij,jk,ik->i", parts, inverse, parts, optimize=True)
        return own * self.means + parts @ (inverse @ right), own * self.noise + unsure
