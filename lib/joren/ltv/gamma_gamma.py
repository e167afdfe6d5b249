"""Gamma-Gamma: what a customer spends on a day she orders.

Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value"; Fader, Hardie & Lee (2005),
RFM and CLV, Journal of Marketing Research 42.

1. A customer's spend per repeat day is Gamma(p, ν): mean p/ν.
2. ν differs between customers: Gamma(q, v); v in currency.
3. Spend does not depend on how often she orders.

The first day's value is left out, by the papers' convention. q > 1 is built in: below it the
mean spend of a new customer would be infinite.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from joren.ltv.special import digamma, lgamma
from joren.ltv.statistics import SpendStatistics, histogram
from joren.stats.arrays import Array

if TYPE_CHECKING:
    import pymc as pm

PARAMETERS = ("p", "q", "v")


# more unique totals than this, and Σ ln(s + v) is read off a Chebyshev series in ln v instead
_MOST_TOTALS = 4096
_NODES = 64
_WINDOW = (-6.0, 4.0)  # ln v around the median total; beyond, the sums go on as straight lines


def compress(statistics: SpendStatistics) -> dict[str, Array]:
    """Arrange unique statistics as the sums of the likelihood.

    Returns
    -------
    frequencies : (3, ·) x, customers, Σ ln(mean spend)
    totals : (3, ·) total spend x·z̄, customers, orders; empty where they are too many
    series : (2, 64) Chebyshev coefficients of Σ ln(s + v) over customers and over orders, if so
    window : middle and half-width of ln v in the series
    """
    x, z, customers = statistics.frequency, statistics.mean_spend, statistics.customers
    frequency, counts = histogram(x, customers)
    totals, by_total = histogram(x * z, customers)
    orders = histogram(x * z, customers * x)[1]
    centre = np.log(np.median(totals))
    window = np.array([centre + np.mean(_WINDOW), np.diff(_WINDOW)[0] / 2])
    rows, series = np.vstack([totals, by_total, orders]), np.zeros((2, _NODES))
    if len(totals) > _MOST_TOTALS:
        rows, series = np.empty((3, 0)), _series(rows, window)
    return {
        "frequencies": np.vstack([frequency, counts, histogram(x, customers * np.log(z))[1]]),
        "totals": rows,
        "series": series,
        "window": window,
    }


def _series(totals: Array, window: Array) -> Array:
    nodes = np.polynomial.chebyshev.chebpts1(_NODES)
    sums = [totals[1:] @ np.log(totals[0] + np.exp(window[0] + window[1] * y)) for y in nodes]
    return np.polynomial.chebyshev.chebfit(nodes, np.array(sums), _NODES - 1).T


@njit(nogil=True, cache=True, error_model="numpy")
def kernel(parameters, frequencies, totals, series, window):
    """Log-likelihood of all repeat buyers and its gradient, from the arrays of `compress`.

    Parameters
    ----------
    parameters : (3, 1) p, q, v

    Returns
    -------
    value; (3, 1) gradient
    """
    p, q, v = parameters[0, 0], parameters[1, 0], parameters[2, 0]
    total, by_p, by_q, customers = 0.0, 0.0, 0.0, 0.0
    for i in range(frequencies.shape[1]):
        x, n, logs = frequencies[0, i], frequencies[1, i], frequencies[2, i]
        customers += n
        total += n * (lgamma(p * x + q) - lgamma(p * x) + p * x * np.log(x)) + (p * x - 1) * logs
        both = digamma(p * x + q)
        by_p += x * (n * (both - digamma(p * x) + np.log(x)) + logs)
        by_q += n * both
    total += customers * (q * np.log(v) - lgamma(q))
    by_q += customers * (np.log(v) - digamma(q))
    by_v = customers * q / v
    for row, weight in ((0, q), (1, p)):
        value, slope = _log_sums(v, totals, series, window, row)
        total -= weight * value
        by_v -= weight * slope
        if row == 0:
            by_q -= value
        else:
            by_p -= value
    gradient = np.empty_like(parameters)
    gradient[0, 0], gradient[1, 0], gradient[2, 0] = by_p, by_q, by_v
    return total, gradient


@njit(nogil=True, cache=True, error_model="numpy")
def _log_sums(v, totals, series, window, row):
    """Σ ln(s + v) over customers (row 0) or orders (row 1), and its derivative by v."""
    value, slope = 0.0, 0.0
    if totals.shape[1] > 0:
        for i in range(totals.shape[1]):
            value += totals[1 + row, i] * np.log(totals[0, i] + v)
            slope += totals[1 + row, i] / (totals[0, i] + v)
        return value, slope
    place = (np.log(v) - window[0]) / window[1]
    y = min(max(place, -1.0), 1.0)
    # Clenshaw's recurrence, for the series and for its derivative
    last, before, last_slope, before_slope = 0.0, 0.0, 0.0, 0.0
    for c in series[row, :0:-1]:
        steeper = 2.0 * last + 2.0 * y * last_slope - before_slope
        last_slope, before_slope = steeper, last_slope
        last, before = c + 2.0 * y * last - before, last
    value = series[row, 0] + y * last - before
    slope = last + y * last_slope - before_slope
    return value + slope * (place - y), slope / (window[1] * v)


def log_likelihood(statistics: SpendStatistics, p: float, q: float, v: float) -> float:
    """Log-likelihood of all repeat buyers (Fader & Hardie 2013, eq. 1a), on unique statistics.

    Parameters
    ----------
    statistics : unique (frequency, mean spend) with counts
    p, q, v : parameters; v in currency
    """
    return float(kernel(np.array([[p], [q], [v]]), *compress(statistics).values())[0])


def build_model(statistics: SpendStatistics, unit: float | None = None) -> pm.Model:
    """The PyMC definition; the mean is relative to the median spend, so yen and dollars agree.

    The mean spend p·v/(q − 1) takes the place of v, which the data hardly tell apart from p.

    Parameters
    ----------
    statistics : unique (frequency, mean spend) with counts
    unit : spend that the prior of the mean is relative to; the median when absent
    """
    import pymc as pm
    import pytensor.tensor as pt

    from joren.ltv.likelihood import LogLikelihood

    with pm.Model() as model:
        # data as shared variables: the compiled code is then the same for every client
        data = [pm.Data(name, column) for name, column in compress(statistics).items()]
        scale = pm.Data("median_spend", unit or statistics.median_spend())
        p = pm.LogNormal("p", mu=np.log(3), sigma=1)
        excess = pm.LogNormal("q_excess", mu=np.log(2), sigma=1)
        mean = pm.LogNormal("mean_relative", mu=0, sigma=1)
        q = pm.Deterministic("q", 1 + excess)
        v = pm.Deterministic("v", mean * scale * excess / p)
        by_group = pt.stack([p, q, v])[:, None]
        pm.Potential("log_likelihood", LogLikelihood(kernel)(by_group, *data)[0])
    return model


# Where q + p·x <= 2 one order's variance is infinite; the floor keeps its sd below ten means.
_SMALLEST_TAIL = 0.01


@dataclass(frozen=True)
class SpendMoments:
    """Coefficients, by frequency, of a customer's spend moments as polynomials of her spend s.

    Averages over posterior draws; each array is (n_frequencies, 2 or 3), the constant first.

    mean : E[one order]                         A + B·s
    mean_square : E[(E one order)²] over draws  the part of `square` that parameters alone explain
    variance : E[Var(one order | ν)]            Poisson-like part of a total's second moment
    square : E[(p/ν)²]                          part shared by all of a customer's orders
    """

    frequency: Array
    mean: Array
    mean_square: Array
    variance: Array
    square: Array


def spend_moments(draws: Array, frequency: Array) -> SpendMoments:
    """Moments of spend given frequency x and total spend s of the repeat days.

    ν | x, s is Gamma(q + p·x, v + s), hence E[p/ν] = p(v + s)/(q + p·x − 1) and
    E[1/ν²] = (v + s)²/((q + p·x − 1)(q + p·x − 2)): all polynomials of s.

    Parameters
    ----------
    draws : (n_draws, 3) posterior samples of p, q, v
    frequency : (n,) unique repeat purchase days
    """
    p, q, v = draws.T[:, None, :]
    first = q + p * frequency[:, None] - 1
    second = np.maximum(first - 1, _SMALLEST_TAIL)
    slope = p / first
    spread = p / (first * second)
    return SpendMoments(
        frequency,
        np.column_stack([(slope * v).mean(1), slope.mean(1)]),
        _quadratic(slope**2, v),
        _quadratic(spread, v),
        _quadratic(p * spread, v),
    )


def expected_spend(draws: Array, frequency: Array) -> tuple[Array, Array]:
    """(A, B) per draw, so that E[one order | x, s] = A + B·s; each (n_frequencies, n_draws)."""
    p, q, v = draws.T[:, None, :]
    slope = p / (q + p * frequency[:, None] - 1)
    return slope * v, slope


def _quadratic(factor: Array, v: Array) -> Array:
    return np.column_stack([(factor * v**2).mean(1), (2 * factor * v).mean(1), factor.mean(1)])
