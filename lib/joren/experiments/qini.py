"""Qini: whether customers ranked by predicted uplift really gained in that order.

Definition (Radcliffe 2007; Radcliffe & Surry 2011), here for any outcome and per treated customer:
the curve is g(u) = [Y₁(u) − Y₀(u) · N₁(u)/N₀(u)] / N₁(1), the incremental outcome had only the
share u with the highest scores been treated; the Qini coefficient is the area between the curve
and the straight line to g(1), not normalised further. 0 is a ranking by lot. The bootstrap draws
customers, with the ranking as it is: scores are cross-fitted and not learned again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from joren.experiments.feature_cells import Cells
from joren.stats.arrays import Array

GROUPS = 100


@dataclass(frozen=True)
class Ranked:
    """Sums of customers in order of their score: (2, G) of control (0) and treated (1)."""

    n: Array
    y: Array
    yy: Array


@dataclass(frozen=True)
class Qini:
    """The coefficient with its bootstrap interval, and the curve.

    Parameters
    ----------
    coefficient, lower, upper : in the outcome's unit per treated customer
    curve : share, gain, lower, upper, by_lot
    n : customers
    """

    coefficient: float
    lower: float
    upper: float
    curve: pd.DataFrame
    n: int


def ranked(cells: Cells, scores: Array, groups: int = GROUPS) -> Ranked:
    """Customers in groups of about equal size, the highest scores first; equal scores together.

    Parameters
    ----------
    scores : (k,) of the cells, such as `Uplift.scores`
    """
    # rounded so that no tie is broken by the last digit of a sum
    values, place = np.unique(-np.round(scores, 12), return_inverse=True)
    size = np.bincount(place, cells.customers, minlength=len(values))
    middle = np.cumsum(size) - size / 2
    group = np.minimum((middle / size.sum() * groups).astype(int), groups - 1)[place]
    _used, group = np.unique(group, return_inverse=True)
    sums = (
        np.array([np.bincount(group, part[arm]) for arm in (0, 1)])
        for part in (cells.n, cells.y, cells.yy)
    )
    return Ranked(*sums)


def qini(order: Ranked, level: float, seed: int, draws: int = 1000) -> Qini:
    """Coefficient and curve with bootstrap intervals.

    Parameters
    ----------
    order : from `ranked`
    level : the intervals' probability
    seed : of the bootstrap
    draws : of the bootstrap
    """
    share, gain = _curve(order.n, order.y)
    drawn_n, drawn_y = _bootstrap(order, draws, np.random.default_rng(seed))
    shares, gains = _curve(drawn_n, drawn_y)
    tails = [(1 - level) / 2, (1 + level) / 2]
    lower, upper = np.quantile(_area(shares, gains), tails)
    low, high = np.quantile(gains, tails, axis=0)
    curve = pd.DataFrame(
        {"share": share, "gain": gain, "lower": low, "upper": high, "by_lot": share * gain[-1]}
    )
    return Qini(float(_area(share, gain)), float(lower), float(upper), curve, int(order.n.sum()))


def top_effect(order: Ranked, share: float, level: float) -> tuple[float, float, float, int]:
    """Mean effect among the share with the highest scores: effect, lower, upper, customers."""
    done = np.cumsum(order.n.sum(0)) / order.n.sum()
    top = slice(None, int(np.searchsorted(done, share - 1e-9)) + 1)
    n, y, yy = (part[:, top].sum(1) for part in (order.n, order.y, order.yy))
    mean = y / n
    variance = (yy - n * mean**2) / (n - 1)
    effect = float(mean[1] - mean[0])
    reach = float(norm.ppf((1 + level) / 2) * np.sqrt((variance / n).sum()))
    return effect, effect - reach, effect + reach, int(n.sum())


def _curve(n: Array, y: Array) -> tuple[Array, Array]:
    """(…, G + 1) share treated and gain, from (…, 2, G) sums; both begin at 0."""
    n, y = np.cumsum(n, axis=-1), np.cumsum(y, axis=-1)
    n0, n1 = n[..., 0, :], n[..., 1, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = (y[..., 1, :] - y[..., 0, :] * n1 / n0) / n1[..., -1:]
    # before the first control customer there is nothing to compare with
    gain = np.where(n0 > 0, gain, 0.0)
    share = (n0 + n1) / (n0 + n1)[..., -1:]
    start = np.zeros((*share.shape[:-1], 1))
    return np.concatenate([start, share], -1), np.concatenate([start, gain], -1)


def _area(share: Array, gain: Array) -> Array:
    return np.trapezoid(gain, share, axis=-1) - gain[..., -1] / 2


def _bootstrap(order: Ranked, draws: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """(draws, 2, G) customers and outcomes, every customer drawn Poisson(1) times.

    Given how many are drawn of a group, Σy varies by its sum of squares about the mean; both
    moments of the Poisson bootstrap are kept, for 0/1 outcomes and money alike.
    """
    shape = (draws, *order.n.shape)
    n = rng.poisson(order.n, shape).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(order.n > 0, order.y / order.n, 0.0)
    spread = np.sqrt(np.maximum(order.yy - order.n * mean**2, 0.0))
    return n, n * mean + spread * rng.standard_normal(shape)
