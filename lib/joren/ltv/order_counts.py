"""The whole predictive distribution of a customer's order count: intervals, and where it fell.

An interval of counts cannot hold exactly 90 %: `mass` is what it does hold, and what coverage is to
be judged against. Nor is the place of a count in its distribution one number: it is the range
P(N < n) … P(N <= n), which the randomised probability integral transform picks a point of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from joren.ltv.blocks import Part, each_part, enough_draws
from joren.ltv.order_model import OrderModel
from joren.ltv.statistics import PurchaseStatistics
from joren.stats.arrays import Array

_MOST_COUNTED = 5_000
_NEGLIGIBLE = 1e-7


@dataclass(frozen=True)
class OrderIntervals:
    """Predictive intervals of counts: (n,) lower and upper, both included, and what they hold."""

    lower: Array
    upper: Array
    mass: Array


def order_intervals(
    statistics: PurchaseStatistics, model: OrderModel, draws: Array, horizon: int, interval: float
) -> OrderIntervals:
    """Central predictive intervals of the number of orders in (T, T + horizon].

    Parameters
    ----------
    statistics : unique (frequency, recency, T), in days
    model : which model of orders
    draws : (n_draws, n_parameters) equally weighted posterior samples
    horizon : days ahead
    interval : probability, for example 0.9
    """
    lower, upper, mass = (np.empty(len(statistics)) for _ in range(3))
    below, above = (1 - interval) / 2, (1 + interval) / 2

    def take(rows: slice, at_most: Array) -> None:
        low = (at_most < below).sum(1)
        high = (at_most < above).sum(1)
        row = np.arange(len(at_most))
        under = np.where(low > 0, at_most[row, np.maximum(low - 1, 0)], 0.0)
        lower[rows], upper[rows], mass[rows] = low, high, at_most[row, high] - under

    _each_distribution(statistics, model, draws, horizon, take)
    return OrderIntervals(lower, upper, mass)


def places(
    statistics: PurchaseStatistics, model: OrderModel, draws: Array, horizon: int, orders: Array
) -> tuple[Array, Array]:
    """The range that every outcome takes of its predictive distribution.

    Parameters
    ----------
    statistics : (frequency, recency, T) in days, ordered; a row may stand with several outcomes
    model, draws, horizon : as in `order_intervals`
    orders : (n,) orders that happened in (T, T + horizon]

    Returns
    -------
    (n,) P(N < orders) and (n,) P(N <= orders)
    """
    below, up_to = (np.empty(len(statistics)) for _ in range(2))
    happened = np.asarray(orders, np.int64)

    def take(rows: slice, at_most: Array) -> None:
        at_least_0 = np.column_stack([np.zeros(len(at_most)), at_most])
        row, count = np.arange(len(at_most)), np.minimum(happened[rows], at_most.shape[1] - 1)
        below[rows], up_to[rows] = at_least_0[row, count], at_most[row, count]

    _each_distribution(statistics, model, draws, horizon, take)
    return below, up_to


def _each_distribution(
    statistics: PurchaseStatistics,
    model: OrderModel,
    draws: Array,
    horizon: int,
    take: Callable[[slice, Array], None],
) -> None:
    """Hand over P(N <= 0), P(N <= 1), …, 1 of consecutive rows, averaged over draws."""
    future = model.future
    parameters = future.prepare(model, enough_draws(draws, len(statistics)))

    def look_ahead(x: float, ages: Array, scratch: Array) -> Array:
        most = 32
        while True:
            tails = future.tails(parameters, x, ages, float(horizon), most, scratch)
            told = int((tails.max((0, 1, 2)) > _NEGLIGIBLE).sum())
            if told < most or most >= _MOST_COUNTED:
                return tails[..., : max(told, 1)]
            most *= 4

    def reduce(part: Part) -> None:
        more_than = np.zeros((len(part.at_age), part.ahead.shape[-1] + 1))
        _add_tails(part.alive, part.ahead, part.at_age, more_than)
        take(part.rows, 1 - np.clip(more_than, 0, 1))

    for _ in each_part(statistics, future, parameters, look_ahead, reduce):
        pass


@njit(nogil=True, cache=True)
def _add_tails(alive, ahead, at_age, out):
    """Average over draws: (n, n_orders + 1) gains P(N > 0), P(N > 1), …; the last stays zero."""
    n_stages, n_draws = alive.shape[1:]
    for i in range(alive.shape[0]):
        for j in range(n_stages):
            for d in range(n_draws):
                share = alive[i, j, d] / n_draws
                tail = ahead[at_age[i], j, d]
                for n in range(tail.size):
                    out[i, n] += share * tail[n]
