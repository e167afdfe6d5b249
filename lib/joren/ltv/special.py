"""Special functions for compiled loops, which cannot call SciPy."""

from __future__ import annotations

import math

from numba import njit


@njit(nogil=True, cache=True, error_model="numpy")
def lgamma(x):
    """ln Γ(x) for x > 0."""
    return math.lgamma(x)


@njit(nogil=True, cache=True, error_model="numpy")
def digamma(x):
    """Derivative of ln Γ at x > 0, to 1e-14 (Abramowitz & Stegun 6.3.5 and 6.3.18)."""
    value = 0.0
    while x < 10.0:
        value -= 1.0 / x
        x += 1.0
    y = 1.0 / (x * x)
    series = y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y * (1 / 132)))))
    return value + math.log(x) - 0.5 / x - series
