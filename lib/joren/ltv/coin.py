"""Likelihood of the models in which a customer tosses a coin after each order: BG, MBG, CNBD-k.

While alive, her orders come at every k-th event of a Poisson process of rate λ ~ Gamma(r, α); after
an order she stops for good with probability p ~ Beta(a, b). In BG/NBD the first order is exempt
(`first_toss` 0), in the MBG models it is not (1). With s = r + k·x and x + first_toss tosses,

    L = Γ(s) α^r / Γ(r) · B(a, b + x + first_toss)/B(a, b) · (α + t)^−s · [D + (α+t)^s/(α+T)^s · W]
    D = a/(b + x + first_toss − 1), nought when she has not tossed yet
    W = Σ_{j<k} (s)_j/j! · ((T − t)/(α + T))^j         j of the k events since the last order

and a factor Π gap^(k−1)/Γ(k) that no parameter enters. Fader, Hardie & Lee (2005), eq. 6, at
(first_toss, k) = (0, 1); Batislam, Denizel & Filiztekin (2007) at (1, 1); Platzer & Reutterer
(2016), eq. 5, at (1, k).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numba import njit
from scipy.special import gammaln

from joren.errors import JorenError
from joren.ltv import coin_future
from joren.ltv.order_model import Coordinate, OrderModel
from joren.ltv.special import digamma, lgamma
from joren.ltv.statistics import PurchaseStatistics, stacked, unique_rows
from joren.stats.arrays import Array

PARAMETERS = ("r", "alpha", "a", "b")
COORDINATES = (
    Coordinate("r", np.log(0.5), 1.5),
    Coordinate("alpha", np.log(0.3), 1.5),
    Coordinate("dropout_odds", 0.0, 1.5),
    Coordinate("concentration", np.log(3), 1.0),
)


def natural(r, alpha, dropout_odds, concentration, unit):
    """Coordinates → (r, alpha, a, b), of a : b the odds and a + b the concentration of p."""
    b = concentration / (1 + dropout_odds)
    return r, alpha * unit, dropout_odds * b, b


def compress(
    groups: Sequence[PurchaseStatistics], first_toss: int, stages: int
) -> dict[str, np.ndarray]:
    """Arrange unique statistics so that each logarithm is taken once.

    Gamma terms run over unique (group, frequency), logarithms of α + time over unique
    (group, time); only the bracket runs over unique customers.

    Returns
    -------
    frequencies : (3, ·) group, x, customers; times : (2, ·) group, time
    rows : (4, n) column of `frequencies`, of `times` for t and for T, customers
    constants : first_toss, stages, logarithm of the factor that no parameter enters

    Raises
    ------
    JorenError if there are several stages and the statistics do not hold the gaps
    """
    group, (x, t, age, customers) = stacked(groups)
    frequency, at_frequency = unique_rows(np.column_stack([group, x]))
    time, at_time = unique_rows(np.column_stack([np.r_[group, group], np.r_[t, age]]))
    constant = sum(float(_gaps(g, stages).sum()) for g in groups)
    counts = np.bincount(at_frequency, customers)
    return {
        "frequencies": np.vstack([frequency.T, counts]),
        "times": np.ascontiguousarray(time.T),
        "rows": np.vstack([at_frequency, at_time[: len(x)], at_time[len(x) :], customers]),
        "constants": np.array([first_toss, stages, constant], float),
    }


def _gaps(statistics: PurchaseStatistics, stages: int) -> Array:
    """(n,) logarithm of Π gap^(k−1)/Γ(k) over the customers of each row."""
    if stages == 1:
        return np.zeros(len(statistics))
    if statistics.log_gaps is None:
        raise JorenError(
            "the times between orders are not known", "purchase_summary", "build it anew"
        )
    orders = statistics.customers * statistics.frequency
    return (stages - 1) * statistics.log_gaps - gammaln(stages) * orders


@njit(nogil=True, cache=True, error_model="numpy")
def kernel(parameters, frequencies, times, rows, constants):
    """Log-likelihood of all customers and its gradient, from the arrays of `compress`.

    Parameters
    ----------
    parameters : (4, n_groups) r, alpha, a, b
    frequencies, times, rows, constants : few arrays, as each costs nutpie a second to compile

    Returns
    -------
    value; (4, n_groups) gradient
    """
    first, k, total = constants
    gradient = np.zeros_like(parameters)
    size, stop = np.empty(frequencies.shape[1]), np.empty(frequencies.shape[1])
    for i in range(size.size):
        g, x, n = int(frequencies[0, i]), frequencies[1, i], frequencies[2, i]
        r, alpha, a, b = parameters[0, g], parameters[1, g], parameters[2, g], parameters[3, g]
        size[i] = r + k * x
        tosses = x + first
        stop[i] = 1.0 / (b + tosses - 1.0) if tosses > 0 else 0.0
        total += n * (lgamma(size[i]) - lgamma(r) + r * np.log(alpha))
        gradient[0, g] += n * (digamma(size[i]) - digamma(r) + np.log(alpha))
        gradient[1, g] += n * r / alpha
        if tosses > 0:
            total += n * (lgamma(b + tosses) - lgamma(b) + lgamma(a + b) - lgamma(a + b + tosses))
            both = digamma(a + b) - digamma(a + b + tosses)
            gradient[2, g] += n * both
            gradient[3, g] += n * (both + digamma(b + tosses) - digamma(b))
    since, log_since = np.empty(times.shape[1]), np.empty(times.shape[1])
    for i in range(since.size):
        since[i] = parameters[1, int(times[0, i])] + times[1, i]
        log_since[i] = np.log(since[i])
    inverse = 1.0 / since
    stopped = np.zeros(size.size)  # customers expected to have stopped, by frequency
    for i in range(rows.shape[1]):
        f, t, T, n = int(rows[0, i]), int(rows[1, i]), int(rows[2, i]), rows[3, i]
        g, s = int(frequencies[0, f]), size[f]
        by_size, by_alpha = log_since[t] - log_since[T], s * (inverse[t] - inverse[T])
        alive, stages = np.exp(s * by_size), 1.0
        if k > 1.0:
            stages, more_by_size, more_by_alpha = _stages(s, since[T] - since[t], since[T], k)
            alive *= stages
            by_size += more_by_size / stages
            by_alpha += more_by_alpha / stages
        if stop[f] == 0.0:
            total += n * (np.log(stages) - s * log_since[T])
            share = 1.0
        else:
            bracket = parameters[2, g] * stop[f] + alive
            total += n * (np.log(bracket) - s * log_since[t])
            share = alive / bracket
            stopped[f] += n * (1.0 - share)
        gradient[0, g] += n * (share * by_size - log_since[t])
        gradient[1, g] += n * (share * by_alpha - s * inverse[t])
    for i in range(size.size):
        g = int(frequencies[0, i])
        gradient[2, g] += stopped[i] / parameters[2, g]
        gradient[3, g] -= stopped[i] * stop[i]
    return total, gradient


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _stages(size, silent, since, k):
    """W of the module, and its derivatives by the size s and by α."""
    total, by_size, by_alpha = 1.0, 0.0, 0.0
    term, slope = 1.0, 0.0
    for j in range(1, int(k)):
        step = silent / (since * j)
        slope = step * (slope * (size + j - 1.0) + term)
        term *= step * (size + j - 1.0)
        total += term
        by_size += slope
        by_alpha -= j * term / since
    return total, by_size, by_alpha


@njit(nogil=True, cache=True, error_model="numpy")
def pointwise(draws, frequency, recency, age, first, k):
    """Log-likelihood of one customer of each row, for each draw, without the gaps' factor.

    Parameters
    ----------
    draws : (n_draws, 4) r, alpha, a, b
    frequency, recency, age : (n,)

    Returns
    -------
    (n_draws, n)
    """
    out = np.empty((draws.shape[0], frequency.size))
    for m in range(draws.shape[0]):
        r, alpha, a, b = draws[m]
        for i in range(frequency.size):
            x, t, T = frequency[i], recency[i], age[i]
            s, tosses = r + k * x, x + first
            value = lgamma(s) - lgamma(r) + r * np.log(alpha) + lgamma(b + tosses) - lgamma(b)
            value += lgamma(a + b) - lgamma(a + b + tosses)
            left = _stages(s, T - t, alpha + T, k)[0]
            alive = np.log(left) - s * np.log(alpha + T)
            if tosses > 0:
                stopped = np.log(a / (b + tosses - 1.0)) - s * np.log(alpha + t)
                alive = np.logaddexp(alive, stopped)
            out[m, i] = value + alive
    return out


def coin_model(name: str, title: str, first_toss: int, stages: int = 1) -> OrderModel:
    """The model of the coin family with these constants.

    Parameters
    ----------
    first_toss : 1 if a customer may stop after her very first order, else 0
    stages : k, every how many events of the process there is an order
    """

    def rows(statistics: PurchaseStatistics, draws: Array) -> Array:
        x, t, age = statistics.frequency, statistics.recency, statistics.age
        return pointwise(np.ascontiguousarray(draws), x, t, age, float(first_toss), float(stages))

    return OrderModel(
        name=name,
        title=title,
        coordinates=COORDINATES,
        parameters=PARAMETERS,
        natural=natural,
        compress=partial(compress, first_toss=first_toss, stages=stages),
        kernel=kernel,
        pointwise=rows,
        constants=partial(_gaps, stages=stages),
        future=coin_future,
        stages=stages,
    )
