"""BG/BB: customers who can order once per occasion, and silently stop between occasions.

Fader, Hardie & Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting,
Marketing Science 29(6): yearly donations, cruises, events.

1. While alive, a customer orders at each occasion with probability p.
2. Before each occasion she stops for good with probability θ.
3. p differs between customers: Beta(α, β).
4. θ differs between customers: Beta(γ, δ).
5. p and θ are independent.

Of n occasions she used x, the last of them the t-th (0 when none), after the one that made her a
customer. With s the number of occasions she lived through (eq. 5),

    L = Σ_{s=t}^{n} B(α+x, β+s−x)/B(α, β) · (s < n ? B(γ+1, δ+s) : B(γ, δ+n))/B(γ, δ)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from scipy.special import betaln

from joren.ltv.order_model import Coordinate, OrderModel
from joren.ltv.special import digamma, lgamma
from joren.ltv.statistics import PurchaseStatistics, stacked
from joren.stats.arrays import Array


def natural(order_odds, order_concentration, dropout_odds, dropout_concentration, unit):
    """Coordinates → (alpha, beta, gamma, delta); occasions have no unit."""
    beta = order_concentration / (1 + order_odds)
    delta = dropout_concentration / (1 + dropout_odds)
    return order_odds * beta, beta, dropout_odds * delta, delta


def compress(groups: Sequence[PurchaseStatistics]) -> dict[str, np.ndarray]:
    """Arrange unique (x, t, n) as rows (5, ·): group, x, t, n, customers."""
    group, rows = stacked(groups)
    return {"rows": np.vstack([group, *rows])}


@njit(nogil=True, cache=True, error_model="numpy")
def kernel(parameters, rows):
    """Log-likelihood of all customers and its gradient, from the arrays of `compress`.

    Parameters
    ----------
    parameters : (4, n_groups) alpha, beta, gamma, delta

    Returns
    -------
    value; (4, n_groups) gradient
    """
    gradient = np.zeros_like(parameters)
    slope = np.empty(4)
    total = 0.0
    for i in range(rows.shape[1]):
        g, customers = int(rows[0, i]), rows[4, i]
        total += customers * _row(parameters[:, g], rows[1, i], rows[2, i], rows[3, i], slope)
        for p in range(4):
            gradient[p, g] += customers * slope[p]
    return total, gradient


@njit(nogil=True, cache=True, error_model="numpy")
def _row(parameters, x, t, n, slope):
    """Log-likelihood of one customer; `slope` is set to its gradient."""
    alpha, beta, gamma, delta = parameters
    start = lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta)
    start += lgamma(gamma + delta) - lgamma(gamma) - lgamma(delta)
    value = -np.inf
    slope[:] = 0.0
    for s in range(int(t), int(n) + 1):
        stopped = 1.0 if s < n else 0.0
        term = lgamma(alpha + x) + lgamma(beta + s - x) - lgamma(alpha + beta + s)
        term += lgamma(gamma + stopped) + lgamma(delta + s) - lgamma(gamma + delta + stopped + s)
        whole = np.logaddexp(value, term)
        share = np.exp(term - whole)
        value = whole
        slope *= 1.0 - share
        both, ends = digamma(alpha + beta + s), digamma(gamma + delta + stopped + s)
        slope[0] += share * (digamma(alpha + x) - both)
        slope[1] += share * (digamma(beta + s - x) - both)
        slope[2] += share * (digamma(gamma + stopped) - ends)
        slope[3] += share * (digamma(delta + s) - ends)
    orders, ends = digamma(alpha + beta), digamma(gamma + delta)
    slope[0] += orders - digamma(alpha)
    slope[1] += orders - digamma(beta)
    slope[2] += ends - digamma(gamma)
    slope[3] += ends - digamma(delta)
    return start + value


@njit(nogil=True, cache=True, error_model="numpy")
def _pointwise(draws, frequency, recency, occasions):
    out, unused = np.empty((draws.shape[0], frequency.size)), np.empty(4)
    for m in range(draws.shape[0]):
        for i in range(frequency.size):
            out[m, i] = _row(draws[m], frequency[i], recency[i], occasions[i], unused)
    return out


def pointwise(statistics: PurchaseStatistics, draws: Array) -> Array:
    """(n_draws, n) log-likelihood of one customer of each row, for each draw of α, β, γ, δ."""
    x, t, n = statistics.frequency, statistics.recency, statistics.age
    return _pointwise(np.ascontiguousarray(draws), x, t, n)


def probability_alive(statistics: PurchaseStatistics, draws: Array) -> Array:
    """(n_draws, n) P(alive at the next occasion) (eq. 11)."""
    return np.exp(_log_alive(statistics, draws, 1) - pointwise(statistics, draws))


def expected_orders(statistics: PurchaseStatistics, draws: Array, occasions: int) -> Array:
    """(n_draws, n) expected orders at the next `occasions` (eq. 13 as a sum: regular at γ = 1)."""
    alpha, beta = draws[:, 0, None], draws[:, 1, None]
    x, n = statistics.frequency, statistics.age
    chance = (alpha + x) / (alpha + beta + n)
    likelihood = pointwise(statistics, draws)
    ahead = range(1, occasions + 1)
    return chance * sum(np.exp(_log_alive(statistics, draws, j) - likelihood) for j in ahead)


def _log_alive(statistics: PurchaseStatistics, draws: Array, ahead: int) -> Array:
    alpha, beta, gamma, delta = draws.T[:, :, None]
    x, n = statistics.frequency, statistics.age
    orders = betaln(alpha + x, beta + n - x) - betaln(alpha, beta)
    return orders + betaln(gamma, delta + n + ahead) - betaln(gamma, delta)


BG_BB = OrderModel(
    name="bg_bb",
    title="BG/BB",
    coordinates=(
        Coordinate("order_odds", 0.0, 1.5),
        Coordinate("order_concentration", np.log(2), 1.0),
        Coordinate("dropout_odds", np.log(0.3), 1.5),
        Coordinate("dropout_concentration", np.log(3), 1.0),
    ),
    parameters=("alpha", "beta", "gamma", "delta"),
    natural=natural,
    compress=compress,
    kernel=kernel,
    pointwise=pointwise,
)
