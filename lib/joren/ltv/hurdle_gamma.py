"""Quantiles of a value that is nothing with some probability and else a gamma.

The gamma's quantile, relative to its mean, is a smooth function of the logarithm of its shape and
of the logit of the level: it is read off one cubic spline instead of being solved for every
customer. Relative error below 1e-5 from a hundredth of the mean up; a fortieth of the time.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit
from scipy.ndimage import spline_filter
from scipy.special import expit, gammaincinv, gammaln

from joren.stats.arrays import Array

_SHAPES = (np.log(1e-2), np.log(1e9), 320)
_LEVELS = (-16.0, 16.0, 240)


def hurdle_gamma_quantiles(level: float, p_order, mean, square) -> Array:
    """Quantiles of a value that is zero with probability 1 − p_order and else a gamma.

    Parameters
    ----------
    level : in (0, 1)
    p_order : (n,) probability that the value is not zero
    mean, square : (n,) first and second moment of the value, zeros included

    Returns
    -------
    (n,) quantiles; zero where the hurdle alone reaches the level
    """
    columns = (np.ascontiguousarray(a, float) for a in (p_order, mean, square))
    return _quantiles(float(level), *columns, _table())


@cache
def _table() -> Array:
    """Spline coefficients of ln(quantile/mean) by log shape and logit level."""
    shape = np.exp(np.linspace(*_SHAPES))[:, None]
    level = expit(np.linspace(*_LEVELS))
    ratio = gammaincinv(shape, level) / shape
    # far below the mean the quantile underflows; there it is a power of the level
    far_below = (np.log(level) + gammaln(shape + 1)) / shape - np.log(shape)
    with np.errstate(divide="ignore"):
        return spline_filter(np.where(ratio > 1e-200, np.log(ratio), far_below), order=3)


@njit(nogil=True, cache=True)
def _quantiles(level, p_order, mean, square, table):
    out = np.zeros(mean.size)
    at_shape, at_level = np.empty(4), np.empty(4)
    for i in range(mean.size):
        hurdle = 1.0 - p_order[i]
        if level <= hurdle or mean[i] <= 0.0:
            continue
        centre = mean[i] / p_order[i]
        # an infinitesimal spread keeps the shape finite where all orders are alike
        variance = max(square[i] / p_order[i] - centre * centre, 1e-9 * centre * centre)
        row = _weights(np.log(centre * centre / variance), _SHAPES, at_shape)
        column = _weights(np.log((level - hurdle) / (1.0 - level)), _LEVELS, at_level)
        log_ratio = 0.0
        for j in range(4):
            for k in range(4):
                log_ratio += at_shape[j] * at_level[k] * table[row + j, column + k]
        out[i] = centre * np.exp(log_ratio)
    return out


@njit(nogil=True, cache=True)
def _weights(value, grid, out):
    """Write the weights of the cubic B-splines around a value; returns the first one's index."""
    low, high, points = grid
    position = (min(max(value, low), high) - low) / (high - low) * (points - 1)
    first = min(max(int(position) - 1, 0), points - 4)
    t = position - first - 1.0
    out[0] = (1.0 - t) ** 3 / 6.0
    out[1] = (3.0 * t**3 - 6.0 * t**2 + 4.0) / 6.0
    out[2] = (3.0 * (1.0 - t) ** 3 - 6.0 * (1.0 - t) ** 2 + 4.0) / 6.0
    out[3] = t**3 / 6.0
    return first
