"""Shares with their intervals, many at once, from counts or from effective counts."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv

from joren.stats.arrays import Array


def jeffreys(hits: Array, n: Array, interval: float) -> tuple[Array, Array]:
    """Equal-tailed Jeffreys intervals: quantiles of Beta(hits + ½, misses + ½).

    Where nothing or everything was hit, the near end is 0 or 1 (Brown, Cai & DasGupta 2001,
    Statistical Science 16, section 4.1). Counts may be fractions: an estimate under censoring is
    given as `rate * n` of the n that would make it as sure (`incidence.came_by`).

    Parameters
    ----------
    hits, n : (k,) how many of how many
    interval : probability of the interval

    Returns
    -------
    (k,) lower and (k,) upper; NaN where n is 0
    """
    hits, n = np.broadcast_arrays(np.asarray(hits, float), np.asarray(n, float))
    misses, tail = np.maximum(n - hits, 0.0), (1 - interval) / 2
    lower = np.where(hits <= 0, 0.0, betaincinv(hits + 0.5, misses + 0.5, tail))
    upper = np.where(misses <= 0, 1.0, betaincinv(hits + 0.5, misses + 0.5, 1 - tail))
    nothing = n <= 0
    return np.where(nothing, np.nan, lower), np.where(nothing, np.nan, upper)
