"""How many orders a BG/NBD customer places next: the whole distribution, without hypergeometrics.

Given that a customer is alive at T, λ is Gamma(r + x, α + T) and p is Beta(a, b + x),
independent of each other. She reaches an n-th further order when she survives the n − 1 before it,
so with N orders in the next h days

    P(N >= n) = E[(1 − p)^(n−1)] · P(Poisson(λh) >= n)
              = B(a, b + x + n − 1)/B(a, b + x) · SF(n − 1; negative binomial),

with size r + x and success probability (α + T)/(α + T + h). Means, second moments and quantiles
are sums over n of these products: regular at a = 1 and for any frequency, unlike eq. 10 of Fader,
Hardie & Lee (2005), whose value it equals.
"""

from __future__ import annotations

import numpy as np
from numba import njit

_MOST_ORDERS = 100_000
_NEGLIGIBLE = 1e-11


@njit(nogil=True, cache=True)
def probability_alive(r, alpha, a, b, x, t, T):
    """P(alive at T | frequency x, recency t): eq. 11; 1 for a one-time buyer by assumption 3."""
    if x == 0:
        return 1.0
    silence = (r + x) * np.log((alpha + T) / (alpha + t))
    if silence > 700.0:
        return 0.0
    return 1.0 / (1.0 + a / (b + x - 1.0) * np.exp(silence))


@njit(nogil=True, cache=True)
def fill_tail(r, alpha, a, b, x, T, horizon, tail):
    """Write P(N >= 1), P(N >= 2), … given alive into `tail`; returns how many are not negligible.

    Parameters
    ----------
    r, alpha, a, b : parameters, alpha in days
    x, T, horizon : frequency; days since the first order; days ahead
    tail : (n,) filled from its start
    """
    size = r + x
    log_success = np.log((alpha + T) / (alpha + T + horizon))
    failure = horizon / (alpha + T + horizon)
    mean = size * horizon / (alpha + T)
    log_mass = size * log_success
    in_logs = log_mass < -600.0  # the mass at zero underflows: carry its logarithm instead
    mass = np.exp(log_mass)
    remaining = 1.0 - mass
    survives = 1.0
    n = 1
    while n <= tail.size:
        tail[n - 1] = survives * remaining
        if n > mean and tail[n - 1] * n < _NEGLIGIBLE:
            return n
        ratio = (size + n - 1.0) / n * failure
        if in_logs:
            log_mass += np.log(ratio)
            mass = np.exp(log_mass)
        else:
            mass *= ratio
        remaining = max(remaining - mass, 0.0)
        survives *= (b + x + n - 1.0) / (a + b + x + n - 1.0)
        n += 1
    return tail.size


@njit(nogil=True, cache=True)
def moments(r, alpha, a, b, x, T, horizon, tail):
    """(P(N = 0), E[N], E[N²]) given alive; `tail` is scratch space."""
    n = fill_tail(r, alpha, a, b, x, T, horizon, tail)
    mean = 0.0
    square = 0.0
    for i in range(n):
        mean += tail[i]
        square += (2.0 * i + 1.0) * tail[i]
    return 1.0 - tail[0], mean, square


@njit(nogil=True, cache=True)
def block_moments(draws, x, T, recency, horizons, nodes, until, node_weights, discount, tail, out):
    """Moments of the customers of one (x, T), averaged over posterior draws.

    Parameters
    ----------
    draws : (n_draws, 4) r, alpha, a, b
    recency : (n,) recencies of the block
    horizons : (n_horizons,) days, ascending
    nodes, until, node_weights : quadrature nodes in days; `until[h]` nodes lie before horizon h
    discount : rate per day
    out : (n, n_horizons, 5) gains P(N >= 1), E[N], E[N²], E over draws of (E N)², E[discounted N]
    """
    n_draws, n_horizons = draws.shape[0], horizons.size
    given_alive = np.empty((n_horizons, 4))
    at_nodes = np.empty(nodes.size)
    for j in range(n_draws):
        r, alpha, a, b = draws[j]
        for m in range(nodes.size):
            at_nodes[m] = moments(r, alpha, a, b, x, T, nodes[m], tail)[1]
        for h in range(n_horizons):
            none, mean, square = moments(r, alpha, a, b, x, T, horizons[h], tail)
            # integration by parts: the mean discounted count needs the mean at the nodes only
            later = np.exp(-discount * horizons[h]) * mean
            for m in range(until[h]):
                later += discount * node_weights[m] * np.exp(-discount * nodes[m]) * at_nodes[m]
            given_alive[h] = 1.0 - none, mean, square, later
        for i in range(recency.size):
            alive = probability_alive(r, alpha, a, b, x, recency[i], T) / n_draws
            for h in range(n_horizons):
                out[i, h, 0] += alive * given_alive[h, 0]
                out[i, h, 1] += alive * given_alive[h, 1]
                out[i, h, 2] += alive * given_alive[h, 2]
                out[i, h, 3] += alive * alive * n_draws * given_alive[h, 1] ** 2
                out[i, h, 4] += alive * given_alive[h, 3]


@njit(nogil=True, cache=True)
def block_timing(draws, x, T, recency, out):
    """P(alive), median days to the next order if alive, and the median gap at the last order.

    The time to the next order is Lomax: its median from T on is (α + T)(2^(1/(r+x)) − 1).

    Parameters
    ----------
    draws : (n_draws, 4) r, alpha, a, b
    recency : (n,) recencies of the block
    out : (n, 3) gains the averages over draws
    """
    n_draws = draws.shape[0]
    for j in range(n_draws):
        r, alpha, a, b = draws[j]
        stretch = np.expm1(min(np.log(2.0) / (r + x), 60.0))
        for i in range(recency.size):
            out[i, 0] += probability_alive(r, alpha, a, b, x, recency[i], T) / n_draws
            out[i, 1] += (alpha + T) * stretch / n_draws
            out[i, 2] += (alpha + recency[i]) * stretch / n_draws


@njit(nogil=True, cache=True)
def block_totals(draws, x, T, recency, group, weights, horizon, tail, out):
    """Weighted sums of E[N] per group and draw over the customers of one (x, T).

    Parameters
    ----------
    group : (n,) group of each row
    weights : (n, n_weights) what each row counts for, for example customers or their spend
    out : (n_groups, n_draws, n_weights) gains Σ weight · E[N]
    """
    for j in range(draws.shape[0]):
        r, alpha, a, b = draws[j]
        mean = moments(r, alpha, a, b, x, T, horizon, tail)[1]
        for i in range(recency.size):
            alive = probability_alive(r, alpha, a, b, x, recency[i], T)
            for k in range(weights.shape[1]):
                out[group[i], j, k] += weights[i, k] * alive * mean


@njit(nogil=True, cache=True)
def block_tails(draws, x, T, recency, horizon, tail, out):
    """P(N >= n) of the customers of one (x, T), averaged over posterior draws.

    Parameters
    ----------
    out : (n, n_orders) gains P(N >= 1), P(N >= 2), …; returns how many columns were filled
    """
    longest = 0
    for j in range(draws.shape[0]):
        r, alpha, a, b = draws[j]
        n = min(fill_tail(r, alpha, a, b, x, T, horizon, tail), out.shape[1])
        longest = max(longest, n)
        for i in range(recency.size):
            alive = probability_alive(r, alpha, a, b, x, recency[i], T) / draws.shape[0]
            for k in range(n):
                out[i, k] += alive * tail[k]
    return longest


def scratch() -> np.ndarray:
    """Scratch space for one thread's tails."""
    return np.empty(_MOST_ORDERS)
