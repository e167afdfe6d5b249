"""The next orders of customers who stop by the toss of a coin: BG/NBD, MBG/NBD, MBG/CNBD-k.

While alive a customer passes stages at rate λ, and every k-th is an order (k = 1: every one); after
each order she stops with probability p. Given that she is alive at T with x repeat orders and j
stages passed since the last, λ is Gamma(r + kx + j, α + T) and p is Beta(a, b + x), independent of
each other; b is the model's own for BG/NBD and one more for MBG/NBD and MBG/CNBD-k, whose first
order tossed a coin too. She places an n-th further order when she survives the n − 1 before it, so
with N orders in the next h days

    P(N >= n) = E[(1 − p)^(n−1)] · P(Poisson(λh) >= nk − j)
              = B(a, b + x + n − 1)/B(a, b + x) · SF(nk − j − 1; negative binomial),

with size r + kx + j and success probability (α + T)/(α + T + h). Means and second moments are sums
over n of these products: regular at a = 1 and for any frequency, unlike eq. 10 of Fader, Hardie &
Lee (2005), whose value it equals.

P(alive): Fader, Hardie & Lee (2005), eq. 11; Batislam, Denizel & Filiztekin (2007), Int. J. of
Research in Marketing 24; Platzer & Reutterer (2016), Marketing Science 35(5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy.special import betaincinv

from joren.stats.arrays import Array

if TYPE_CHECKING:
    from joren.ltv.order_model import OrderModel

_NEGLIGIBLE = 1e-11
_ROUNDING = 1e-12
_LONGEST_SILENCE = 600.0
_FIRST_ORDER_IS_SAFE = ("bg_nbd",)


def prepare(model: OrderModel, draws: Array) -> Array:
    """Parameters of the future: r, α, a, b given alive, 1 where x = 0 may have stopped, and k.

    Parameters
    ----------
    model : one of the coin family
    draws : (n_draws, 4) posterior samples of r, alpha, a, b; alpha in days

    Returns
    -------
    (n_draws, 6)
    """
    first_toss = float(model.name not in _FIRST_ORDER_IS_SAFE)
    future = np.empty((len(draws), 6))
    future[:, :4] = draws
    future[:, 3] += first_toss
    future[:, 4:] = first_toss, model.stages
    return future


def stages(parameters: Array) -> int:
    """How many states an alive customer can be in."""
    return int(parameters[0, 5])


def smoothness(parameters: Array) -> float:
    """Days c for which the future given alive is smooth in log(c + T)."""
    return float(np.quantile(parameters[:, 1], 0.05))


def time_to_next(parameters: Array, x: float) -> Array:
    """Median of the time to the next order if alive at T, per stage, as a multiple of α + T.

    The k − j stages still to pass take (α + T) times a beta prime(k − j, r + kx + j) variable; with
    one stage left that is Lomax, of median 2^(1/(r + x)) − 1.

    Returns
    -------
    (n_draws, stages)
    """
    k = stages(parameters)
    passed = np.arange(k)
    size = parameters[:, :1] + k * x + passed
    share = np.maximum(betaincinv(size, k - passed, 0.5), 1e-300)
    return (1 - share) / share


def at_times(parameters: Array, x: float, times: Array) -> Array:
    """What P(alive) needs to know of every recency and age: (r + kx) ln(α + time).

    Parameters
    ----------
    parameters : (n_draws, 6)
    x : frequency; times : (n_times,) days, ascending

    Returns
    -------
    (n_times, 1, n_draws)
    """
    out = parameters[:, 1] + times[:, None, None]
    np.log(out, out=out)
    out *= parameters[:, 0] + stages(parameters) * x
    return out


def alive(
    parameters: Array, x: float, times: Array, known: Array, recency: np.ndarray, age: np.ndarray
) -> Array:
    """P(alive at T and j stages passed since the last order | x, recency, T).

    Parameters
    ----------
    parameters : (n_draws, 6)
    x : frequency; times : (n_times,) days; known : what `at_times` knows of them
    recency, age : (n,) which of the times they are

    Returns
    -------
    (n, stages, n_draws), never quite zero, so that the stages' proportions are always known
    """
    r, alpha, a, b, first_toss, _ = parameters.T
    k = stages(parameters)
    stopped = known[age, 0]
    stopped -= known[recency, 0]
    np.exp(np.minimum(stopped, _LONGEST_SILENCE, out=stopped), out=stopped)
    stopped *= a / (b + x - 1) if x > 0 or first_toss[0] else 0.0
    out = np.ones((len(age), k, len(parameters)))
    if k > 1:
        silent = (times[age] - times[recency])[:, None] / (alpha + times[age][:, None])
        for j in range(1, k):
            out[:, j] = out[:, j - 1] * silent * ((r + k * x + j - 1) / j)
        stopped += out.sum(1)
    else:
        stopped += 1.0
    out /= stopped[:, None]
    return out


@njit(nogil=True, cache=True)
def fill_tail(r, alpha, a, b, k, x, j, T, horizon, tail):
    """Write P(N >= 1), P(N >= 2), … given alive and j stages; returns how many are not negligible.

    Parameters
    ----------
    r, alpha, a, b, k : parameters of the future, alpha in days
    x, j, T, horizon : frequency; stages passed; days since the first order; days ahead
    tail : (n,) filled from its start
    """
    size = r + k * x + j
    failure = horizon / (alpha + T + horizon)
    mean = size * horizon / (alpha + T) / k
    log_mass = size * np.log((alpha + T) / (alpha + T + horizon))
    in_logs = log_mass < -_LONGEST_SILENCE  # the mass at zero underflows: carry its logarithm
    mass = np.exp(log_mass)
    remaining = 1.0 - mass
    survives = 1.0
    passed = 1  # `remaining` is P(stages >= passed)
    n = 1
    while n <= tail.size:
        while passed < n * k - j:
            ratio = (size + passed - 1.0) / passed * failure
            if in_logs:
                log_mass += np.log(ratio)
                mass = np.exp(log_mass)
            else:
                mass *= ratio
            remaining = max(remaining - mass, 0.0)
            passed += 1
        tail[n - 1] = survives * remaining
        # `remaining` is a difference from one: what is left of it in the end is rounding
        if n > mean and (tail[n - 1] * n < _NEGLIGIBLE or remaining < _ROUNDING):
            return n
        survives *= (b + x + n - 1.0) / (a + b + x + n - 1.0)
        n += 1
    return tail.size


@njit(nogil=True, cache=True)
def moments(parameters, x, ages, horizons, whole, tail):
    """P(N >= 1), E[N] and E[N²] given alive, for every age, stage, draw and horizon.

    Parameters
    ----------
    parameters : (n_draws, 6)
    x : frequency; ages, horizons : days
    whole : not needed here: all three come of one sum
    tail : scratch space

    Returns
    -------
    (n_ages, stages, n_draws, n_horizons, 3)
    """
    k = int(parameters[0, 5])
    out = np.empty((ages.size, k, parameters.shape[0], horizons.size, 3))
    for d in range(parameters.shape[0]):
        r, alpha, a, b = parameters[d, :4]
        for i in range(ages.size):
            for j in range(k):
                for h in range(horizons.size):
                    n = fill_tail(r, alpha, a, b, k, x, j, ages[i], horizons[h], tail)
                    mean, square = 0.0, 0.0
                    for m in range(n):
                        mean += tail[m]
                        square += (2.0 * m + 1.0) * tail[m]
                    out[i, j, d, h, 0] = tail[0]
                    out[i, j, d, h, 1] = mean
                    out[i, j, d, h, 2] = square
    return out


@njit(nogil=True, cache=True)
def tails(parameters, x, ages, horizon, most, tail):
    """P(N >= 1), P(N >= 2), …, P(N >= most) given alive, for every age, stage and draw.

    Parameters
    ----------
    parameters : (n_draws, 6)
    x : frequency; ages, horizon : days
    most : orders counted
    tail : scratch space

    Returns
    -------
    (n_ages, stages, n_draws, at most `most`): as many as are not negligible anywhere
    """
    k = int(parameters[0, 5])
    out = np.zeros((ages.size, k, parameters.shape[0], most))
    longest = 1
    for d in range(parameters.shape[0]):
        r, alpha, a, b = parameters[d, :4]
        for i in range(ages.size):
            for j in range(k):
                n = fill_tail(r, alpha, a, b, k, x, j, ages[i], horizon, tail[:most])
                out[i, j, d, :n] = tail[:n]
                longest = max(longest, n)
    return out[..., :longest]
