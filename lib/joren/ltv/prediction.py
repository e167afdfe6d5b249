"""Forecasts by structure: once per unique customer and posterior draw, reduced where they are made.

Work is shared out by (frequency, T): what depends on nothing else is computed once per block, and
the draws never leave it. Memory is a function of one block, never of customers × draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from joren.errors import JorenError
from joren.ltv import bg_nbd_future as future
from joren.ltv.statistics import Array, PurchaseStatistics

_NODES_PER_SPAN = 3
_THREADS = 2
_CHUNKS = 16
_MOST_SHOWN_ORDERS = 5_000


@dataclass(frozen=True)
class OrderForecast:
    """Moments of the number of orders N within each horizon, for every unique customer.

    Arrays over horizons are (n, n_horizons); the others (n,).

    p_order : P(N >= 1); mean, square : E[N], E[N²], parameter uncertainty included
    mean_square : average over draws of (E[N | parameters])²
    discounted : E[Σ e^(−δ·time of order)]
    p_alive : P(alive); next_order : median days to the next order if alive, from as-of
    usual_gap : median days to the next order as foreseen on the day of the last one
    """

    horizons: tuple[int, ...]
    p_order: Array
    mean: Array
    square: Array
    mean_square: Array
    discounted: Array
    p_alive: Array
    next_order: Array
    usual_gap: Array


def forecast_orders(
    statistics: PurchaseStatistics,
    draws: Array,
    horizons: Sequence[int],
    annual_discount_rate: float = 0.0,
) -> OrderForecast:
    """Forecast the orders of every unique customer under BG/NBD.

    Parameters
    ----------
    statistics : unique (frequency, recency, T), in days
    draws : (n_draws, 4) equally weighted posterior samples of r, alpha, a, b; alpha in days
    horizons : days ahead, ascending
    annual_discount_rate : 0.1 is 10 % a year, compounded continuously at ln(1.1)

    Raises
    ------
    JorenError if a horizon is not positive or they do not ascend
    """
    ahead = np.asarray(horizons, float)
    if len(ahead) == 0 or ahead[0] <= 0 or (np.diff(ahead) <= 0).any():
        raise JorenError(
            f"horizons {list(horizons)} do not ascend from above zero",
            "ltv.horizon_days",
            "give days in ascending order",
        )
    nodes, node_weights, until = _quadrature(ahead)
    discount = np.log1p(annual_discount_rate) / 365
    counts = np.zeros((len(statistics), len(ahead), 5))
    timing = np.zeros((len(statistics), 3))
    if discount == 0:  # nothing to integrate
        nodes, node_weights, until = nodes[:0], node_weights[:0], np.zeros_like(until)

    def forecast_block(rows: slice, x: float, age: float, tail: Array) -> None:
        recency = statistics.recency[rows]
        future.block_moments(
            draws, x, age, recency, ahead, nodes, until, node_weights, discount, tail, counts[rows]
        )
        future.block_timing(draws, x, age, recency, timing[rows])

    _each_block(statistics, forecast_block)
    p_order, mean, square, mean_square, discounted = np.moveaxis(counts, 2, 0)
    return OrderForecast(
        tuple(int(h) for h in horizons),
        np.clip(p_order, 0, 1),
        mean,
        square,
        mean_square,
        discounted,
        np.clip(timing[:, 0], 0, 1),
        timing[:, 1],
        timing[:, 2],
    )


def totals_by_group(
    statistics: PurchaseStatistics, draws: Array, horizon: int, group: Array, weights: Array
) -> Array:
    """Σ weight · E[N | parameters] over the customers of each group, draw by draw.

    Parameters
    ----------
    statistics : (frequency, recency, T) in days, ordered; a row may stand in several groups
    draws : (n_draws, 4) equally weighted posterior samples
    horizon : days ahead
    group : (n,) integer group of each row, from 0
    weights : (n, n_weights) what each row counts for, for example its customers

    Returns
    -------
    (n_groups, n_draws, n_weights)
    """
    group, weights = np.asarray(group, np.int64), np.asarray(weights, float)
    shape = (group.max() + 1, len(draws), weights.shape[1])
    blocks = _blocks(statistics.frequency, statistics.age)

    def part(some: list[slice]) -> Array:
        tail, totals = future.scratch(), np.zeros(shape)
        for rows in some:
            x, age = statistics.frequency[rows.start], statistics.age[rows.start]
            recency, ahead = statistics.recency[rows], float(horizon)
            future.block_totals(
                draws, x, age, recency, group[rows], weights[rows], ahead, tail, totals
            )
        return totals

    with ThreadPoolExecutor(_THREADS) as pool:
        return sum(pool.map(part, [blocks[i::_THREADS] for i in range(_THREADS)]))


@dataclass(frozen=True)
class OrderIntervals:
    """Predictive intervals of counts: (n,) lower and upper, both included, and what they hold.

    An interval of counts cannot hold exactly 90 %; `mass` is what it does hold, and what coverage
    is to be judged against.
    """

    lower: Array
    upper: Array
    mass: Array


def order_intervals(
    statistics: PurchaseStatistics, draws: Array, horizon: int, interval: float
) -> OrderIntervals:
    """Central predictive intervals of the number of orders in (T, T + horizon].

    Parameters
    ----------
    statistics : unique (frequency, recency, T), in days
    draws : (n_draws, 4) equally weighted posterior samples
    horizon : days ahead
    interval : probability, for example 0.9
    """
    lower, upper, mass = (np.empty(len(statistics)) for _ in range(3))
    below, above = (1 - interval) / 2, (1 + interval) / 2

    def interval_of_block(rows: slice, x: float, age: float, tail: Array) -> None:
        recency = statistics.recency[rows]
        tails = np.zeros((len(recency), _MOST_SHOWN_ORDERS))
        n = future.block_tails(draws, x, age, recency, float(horizon), tail, tails)
        at_most = 1 - np.column_stack([tails[:, :n], np.zeros(len(recency))])  # P(N <= 0), …
        low = (at_most < below).sum(1)
        high = (at_most < above).sum(1)
        row = np.arange(len(recency))
        under = np.where(low > 0, at_most[row, np.maximum(low - 1, 0)], 0.0)
        lower[rows], upper[rows], mass[rows] = low, high, at_most[row, high] - under

    _each_block(statistics, interval_of_block)
    return OrderIntervals(lower, upper, mass)


def _each_block(
    statistics: PurchaseStatistics, work: Callable[[slice, float, float, Array], None]
) -> None:
    blocks = _blocks(statistics.frequency, statistics.age)

    def run(some: list[slice]) -> None:
        tail = future.scratch()
        for rows in some:
            work(rows, statistics.frequency[rows.start], statistics.age[rows.start], tail)

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(run, [blocks[i::_CHUNKS] for i in range(_CHUNKS)]))


def _blocks(frequency: Array, age: Array) -> list[slice]:
    starts = np.flatnonzero(np.r_[True, (np.diff(frequency) != 0) | (np.diff(age) != 0)])
    return [slice(i, j) for i, j in zip(starts, [*starts[1:], len(frequency)], strict=True)]


def _quadrature(horizons: Array) -> tuple[Array, Array, np.ndarray]:
    """Gauss–Legendre nodes between consecutive horizons, and how many lie before each."""
    points, weights = np.polynomial.legendre.leggauss(_NODES_PER_SPAN)
    starts, spans = np.r_[0.0, horizons[:-1]], np.diff(np.r_[0.0, horizons])
    nodes = (starts[:, None] + spans[:, None] * (points + 1) / 2).ravel()
    until = np.arange(1, len(horizons) + 1) * _NODES_PER_SPAN
    return nodes, (spans[:, None] * weights / 2).ravel(), until
