"""Pareto/NBD: when a customer orders, and when she silently stops, whatever she ordered.

Schmittlein, Morrison & Colombo (1987), Counting Your Customers: Who Are They and What Will They Do
Next?, Management Science 33(1); Fader & Hardie (2005), A Note on Deriving the Pareto/NBD Model.

1. While alive, a customer's orders are a Poisson process with rate λ.
2. λ differs between customers: Gamma(r, α), α in days.
3. Her lifetime from the first order on is exponential with rate μ.
4. μ differs between customers: Gamma(s, β), β in days.
5. λ and μ are independent.

    L = Γ(r + x) α^r β^s/Γ(r) · [(α+T)^−(r+x) (β+T)^−s + s ∫_t^T (α+u)^−(r+x) (β+u)^−(s+1) du]

The papers write the integral as two ₂F₁, in two cases. Here it is a sum of Gauss–Legendre cells
from the customer's t to her T, shared by all of one frequency: exact to 1e-8, with derivatives.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from joren.ltv import pareto_future
from joren.ltv.order_model import Coordinate, OrderModel
from joren.ltv.special import digamma, lgamma
from joren.ltv.statistics import PurchaseStatistics, stacked, unique_rows
from joren.stats.arrays import Array

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(5)
_POINTS, _WEIGHTS = (_POINTS + 1) / 2, _WEIGHTS / 2
# a cell over which the integrand falls by more than e^1.5, or u by more than e^0.4, is divided
_STEEPEST, _WIDEST = 1.5, 0.4
_NEGLIGIBLE = -45.0


def natural(r, alpha, s, beta, unit):
    """Coordinates → (r, alpha, s, beta)."""
    return r, alpha * unit, s, beta * unit


def compress(groups: Sequence[PurchaseStatistics]) -> dict[str, np.ndarray]:
    """Arrange unique statistics so that every integral between two neighbouring times is one cell.

    Returns
    -------
    frequencies : (5, ·) group, x, customers, first and last column of `times`
    times : (·,) the t and T of each (group, x), ascending within it
    rows : (4, n) column of `frequencies`, of `times` for t and for T, customers
    """
    group, (x, t, age, customers) = stacked(groups)
    frequency, at_frequency = unique_rows(np.column_stack([group, x]))
    both = np.r_[at_frequency, at_frequency]
    times, at_time = unique_rows(np.column_stack([both, np.r_[t, age]]))
    first = np.searchsorted(times[:, 0], np.arange(len(frequency)))
    last = np.r_[first[1:], len(times)] - 1
    counts = np.bincount(at_frequency, customers)
    return {
        "frequencies": np.vstack([frequency.T, counts, first, last]),
        "times": np.ascontiguousarray(times[:, 1]),
        "rows": np.vstack([at_frequency, at_time[: len(x)], at_time[len(x) :], customers]),
    }


@njit(nogil=True, cache=True, error_model="numpy")
def kernel(parameters, frequencies, times, rows):
    """Log-likelihood of all customers and its gradient, from the arrays of `compress`.

    Parameters
    ----------
    parameters : (4, n_groups) r, alpha, s, beta

    Returns
    -------
    value; (4, n_groups) gradient
    """
    gradient = np.zeros_like(parameters)
    total = 0.0
    beyond = np.empty(times.size)  # ln ∫ from here to the last time of this frequency
    slopes = np.empty((times.size, 4))
    cell = np.empty(4)
    for i in range(frequencies.shape[1]):
        g, x, n = int(frequencies[0, i]), frequencies[1, i], frequencies[2, i]
        r, alpha, s, beta = parameters[0, g], parameters[1, g], parameters[2, g], parameters[3, g]
        total += n * (lgamma(r + x) - lgamma(r) + r * np.log(alpha) + s * np.log(beta))
        gradient[0, g] += n * (digamma(r + x) - digamma(r) + np.log(alpha))
        gradient[1, g] += n * r / alpha
        gradient[2, g] += n * np.log(beta)
        gradient[3, g] += n * s / beta
        first, last = int(frequencies[3, i]), int(frequencies[4, i])
        beyond[last] = -np.inf
        slopes[last] = 0.0
        for m in range(last - 1, first - 1, -1):
            here = log_integral(r + x, alpha, s, beta, times[m], times[m + 1], cell)
            beyond[m] = np.logaddexp(here, beyond[m + 1])
            share = np.exp(here - beyond[m])
            for p in range(4):
                slopes[m, p] = share * cell[p] + (1.0 - share) * slopes[m + 1, p]
    for i in range(rows.shape[1]):
        f, t, T, n = int(rows[0, i]), int(rows[1, i]), int(rows[2, i]), rows[3, i]
        g = int(frequencies[0, f])
        k, s = parameters[0, g] + frequencies[1, f], parameters[2, g]
        order, life = parameters[1, g] + times[T], parameters[3, g] + times[T]
        survived = -k * np.log(order) - s * np.log(life)
        alive, bracket = 1.0, survived
        if t != T:
            left = np.exp(beyond[T] - beyond[t])
            stopped = np.log(s) + beyond[t] + np.log1p(-left)
            bracket = np.logaddexp(survived, stopped)
            alive = np.exp(survived - bracket)
            for p in range(4):
                change = (slopes[t, p] - left * slopes[T, p]) / (1.0 - left)
                gradient[p, g] += n * (1.0 - alive) * change
        total += n * bracket
        gradient[0, g] -= n * alive * np.log(order)
        gradient[1, g] -= n * alive * k / order
        gradient[2, g] += n * ((1.0 - alive) / s - alive * np.log(life))
        gradient[3, g] -= n * alive * s / life
    return total, gradient


@njit(nogil=True, cache=True, error_model="numpy")
def log_integral(k, alpha, s, beta, start, end, slopes):
    """ln ∫ (α+u)^−k (β+u)^−(s+1) du from `start` to `end`.

    Parameters
    ----------
    slopes : (4,) set to the derivatives by r (as k grows with r), α, s and β
    """
    near = min(alpha, beta)
    width = np.log((near + end) / (near + start))
    steps = max(1, int(np.ceil(max((k + s + 1.0) * width / _STEEPEST, width / _WIDEST))))
    top = -k * np.log(alpha + start) - (s + 1.0) * np.log(beta + start)
    total = 0.0
    slopes[:] = 0.0
    low = near + start
    ratio = np.exp(width / steps)
    for _ in range(steps):
        span = low * (ratio - 1.0)
        largest = -np.inf
        for q in range(_POINTS.size):
            u = low - near + span * _POINTS[q]
            order, life = np.log(alpha + u), np.log(beta + u)
            height = -k * order - (s + 1.0) * life - top
            largest = max(largest, height)
            piece = span * _WEIGHTS[q] * np.exp(height)
            total += piece
            slopes[0] -= piece * order
            slopes[1] -= piece * k / (alpha + u)
            slopes[2] -= piece * life
            slopes[3] -= piece * (s + 1.0) / (beta + u)
        if largest < _NEGLIGIBLE:
            break
        low *= ratio
    slopes /= total
    return top + np.log(total)


@njit(nogil=True, cache=True, error_model="numpy")
def _pointwise(draws, frequency, recency, age):
    out = np.empty((draws.shape[0], frequency.size))
    unused = np.empty(4)
    for m in range(draws.shape[0]):
        r, alpha, s, beta = draws[m]
        for i in range(frequency.size):
            x, t, T = frequency[i], recency[i], age[i]
            value = -(r + x) * np.log(alpha + T) - s * np.log(beta + T)
            if t < T:
                stopped = np.log(s) + log_integral(r + x, alpha, s, beta, t, T, unused)
                value = np.logaddexp(value, stopped)
            out[m, i] = value + lgamma(r + x) - lgamma(r) + r * np.log(alpha) + s * np.log(beta)
    return out


def pointwise(statistics: PurchaseStatistics, draws: Array) -> Array:
    """(n_draws, n) log-likelihood of one customer of each row, for each draw of r, α, s, β."""
    x, t, age = statistics.frequency, statistics.recency, statistics.age
    return _pointwise(np.ascontiguousarray(draws), x, t, age)


PARETO_NBD = OrderModel(
    name="pareto_nbd",
    title="Pareto/NBD",
    coordinates=(
        Coordinate("r", np.log(0.5), 1.5),
        Coordinate("alpha", np.log(0.3), 1.5),
        Coordinate("s", np.log(0.5), 1.0),
        Coordinate("beta", np.log(0.3), 1.5),
    ),
    parameters=("r", "alpha", "s", "beta"),
    natural=natural,
    compress=compress,
    kernel=kernel,
    pointwise=pointwise,
    future=pareto_future,
)
