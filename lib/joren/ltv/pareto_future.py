"""The next orders of customers who stop at a time of their own: Pareto/NBD.

Schmittlein, Morrison & Colombo (1987), Management Science 33(1); Fader & Hardie (2005), A Note on
Deriving the Pareto/NBD Model. Given that a customer is alive at T with x repeat orders, her rate λ
is Gamma(r + x, α + T) and her rate of stopping μ is Gamma(s, β + T), independent of each other: a
lifetime τ of survival S(u) = ((β + T)/(β + T + u))^s ahead of her, and orders within min(τ, h).
With A = α + T, B = β + T and R = r + x,

    P(N >= 1) = ∫₀ʰ R A^R (A + u)^−(R+1) S(u) du,
    E[N]      = R/A · ∫₀ʰ S(u) du,
    E[N(N−1)] = R(R + 1)/A² · ∫₀ʰ 2u S(u) du,
    P(N >= n) = S(h) · SF(n − 1; h) − ∫₀ʰ SF(n − 1; u) dS(u),

where SF(·; u) is the negative binomial's of a customer who cannot stop. All are regular at s = 1
and need no hypergeometric function; P(alive) is the one integral over (t, T] of the likelihood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from joren.ltv.coin_future import fill_tail
from joren.stats.arrays import Array

if TYPE_CHECKING:
    from joren.ltv.order_model import OrderModel

_LONGEST_SILENCE = 600.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)
_PANEL = 1.0  # a fall by e per panel, which four nodes integrate to nine digits
_VANISHED = 60.0
_LIFETIMES, _LIFETIME_WEIGHTS = np.polynomial.legendre.leggauss(24)


def prepare(model: OrderModel, draws: Array) -> Array:
    """Parameters of the future: r, α, s, β as they are.

    Parameters
    ----------
    model : Pareto/NBD
    draws : (n_draws, 4) posterior samples of r, alpha, s, beta; alpha and beta in days
    """
    return np.array(draws, float)


def stages(parameters: Array) -> int:
    """How many states an alive customer can be in: one."""
    return 1


def smoothness(parameters: Array) -> float:
    """Days c for which the future given alive is smooth in log(c + T)."""
    return float(np.quantile(parameters[:, [1, 3]], 0.05, axis=0).min())


def time_to_next(parameters: Array, x: float) -> Array:
    """Median of the time to the next order while she does not stop, as a multiple of α + T: Lomax.

    Returns
    -------
    (n_draws, 1)
    """
    return np.expm1(np.minimum(np.log(2) / (parameters[:, :1] + x), 600.0))


@njit(nogil=True, cache=True)
def at_times(parameters, x, times):
    """What P(alive) needs to know of every recency and age, as logarithms.

    Parameters
    ----------
    parameters : (n_draws, 4)
    x : frequency; times : (n_times,) days, ascending

    Returns
    -------
    (n_times, 2, n_draws): likelihood of having stopped later than that, up to the last of the
    times, and of not having stopped by then
    """
    out = np.empty((times.size, 2, parameters.shape[0]))
    for d in range(parameters.shape[0]):
        r, alpha, s, beta = parameters[d]
        later = -np.inf
        for m in range(times.size - 1, -1, -1):
            A, B = alpha + times[m], beta + times[m]
            going_on = -(r + x) * np.log(A) - s * np.log(B)
            if m < times.size - 1:
                stopping = s / B * _integral(r + x, A, s + 1.0, B, 0.0, times[m + 1] - times[m])
                cell = going_on + np.log(stopping)
                high = max(cell, later)
                later = high + np.log(np.exp(cell - high) + np.exp(later - high))
            out[m, 0, d], out[m, 1, d] = later, going_on
    return out


def alive(
    parameters: Array, x: float, times: Array, known: Array, recency: np.ndarray, age: np.ndarray
) -> Array:
    """P(alive at T | x, recency, T).

    Parameters
    ----------
    parameters : (n_draws, 4)
    x : frequency; times : (n_times,) days; known : what `at_times` knows of them
    recency, age : (n,) which of the times they are

    Returns
    -------
    (n, 1, n_draws), never quite zero
    """
    out = np.ones((len(age), 1, len(parameters)))
    silent = recency != age
    since, later, going_on = known[recency[silent], 0], *np.moveaxis(known[age[silent]], 1, 0)
    odds = np.exp(np.minimum(since - going_on, _LONGEST_SILENCE))
    out[silent, 0] = 1 / (1 - odds * np.expm1(later - since))
    return out


@njit(nogil=True, cache=True)
def moments(parameters, x, ages, horizons, whole, tail):
    """P(N >= 1), E[N] and E[N²] given alive, for every age, draw and horizon.

    Parameters
    ----------
    parameters : (n_draws, 4)
    x : frequency; ages, horizons : days
    whole : at so many of the horizons, the first ones, which ascend, all three are worked out; at
        the others E[N] alone, which has a closed form
    tail : not needed here

    Returns
    -------
    (n_ages, 1, n_draws, n_horizons, 3)
    """
    out = np.zeros((ages.size, 1, parameters.shape[0], horizons.size, 3))
    for i in range(ages.size):
        for d in range(parameters.shape[0]):
            r, alpha, s, beta = parameters[d]
            R, A, B = r + x, alpha + ages[i], beta + ages[i]
            reached, chance = 0.0, 0.0
            for h in range(horizons.size):
                extent = np.log1p(horizons[h] / B)
                lived = B * _exponential_integral(s - 1.0, extent)
                out[i, 0, d, h, 1] = R / A * lived
                if h < whole:
                    twice = 2.0 * B * (B * _exponential_integral(s - 2.0, extent) - lived)
                    chance += R / A * _integral(R + 1.0, A, s, B, reached, horizons[h])
                    reached = horizons[h]
                    out[i, 0, d, h, 0] = chance
                    out[i, 0, d, h, 2] = R / A * (lived + (R + 1.0) / A * twice)
    return out


@njit(nogil=True, cache=True)
def tails(parameters, x, ages, horizon, most, tail):
    """P(N >= 1), P(N >= 2), …, P(N >= most) given alive, for every age and draw.

    Parameters
    ----------
    parameters : (n_draws, 4)
    x : frequency; ages, horizon : days
    most : orders counted
    tail : scratch space

    Returns
    -------
    (n_ages, 1, n_draws, at most `most`): as many as are not negligible anywhere
    """
    out = np.zeros((ages.size, 1, parameters.shape[0], most))
    longest = 1
    for i in range(ages.size):
        for d in range(parameters.shape[0]):
            r, alpha, s, beta = parameters[d]
            B = beta + ages[i]
            half = np.log1p(horizon / B) / 2
            for node in range(_LIFETIMES.size + 1):
                if node < _LIFETIMES.size:
                    grown = half * (1.0 + _LIFETIMES[node])
                    lifetime = B * np.expm1(grown)
                    weight = s * half * _LIFETIME_WEIGHTS[node] * np.exp(-s * grown)
                else:
                    lifetime, weight = horizon, np.exp(-2.0 * s * half)
                n = fill_tail(r, alpha, 0.0, 1.0, 1, x, 0, ages[i], lifetime, tail[:most])
                longest = max(longest, n)
                for m in range(n):
                    out[i, 0, d, m] += weight * tail[m]
    return out[..., :longest]


@njit(nogil=True, cache=True)
def _exponential_integral(rate, extent):
    """∫ e^(−rate·v) dv over (0, extent], for a rate of either sign or none."""
    return extent if abs(rate) < 1e-12 else -np.expm1(-rate * extent) / rate


@njit(nogil=True, cache=True)
def _integral(p, A, q, B, begin, end):
    """∫ (1 + u/A)^−p (1 + u/B)^−q du over (begin, end], in panels of log(u + min(A, B))."""
    origin = min(A, B)
    low = np.log1p(begin / origin)
    extent = np.log1p(end / origin) - low
    panels = int(np.ceil(max((p + q + 1.0) * extent / _PANEL, 1.0)))
    half = extent / panels / 2
    total = 0.0
    for m in range(panels):
        start = origin * np.expm1(low + 2 * half * m)
        if p * np.log1p(start / A) + q * np.log1p(start / B) > _VANISHED:
            break
        for node in range(_NODES.size):
            growth = low + half * (2 * m + 1 + _NODES[node])
            u = origin * np.expm1(growth)
            total += _WEIGHTS[node] * np.exp(growth - p * np.log1p(u / A) - q * np.log1p(u / B))
    return total * half * origin
