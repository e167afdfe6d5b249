"""Forecasts by structure: once per unique customer and posterior draw, reduced where they are made.

Memory is a function of one part of the customers, never of customers × draws.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit

from joren.errors import JorenError
from joren.ltv.blocks import Part, each_part, enough_draws
from joren.ltv.order_model import OrderModel
from joren.ltv.statistics import PurchaseStatistics
from joren.stats.arrays import Array

_NODES_PER_SPAN = 3


@dataclass(frozen=True)
class OrderForecast:
    """Moments of the number of orders N within each horizon, for every unique customer.

    Arrays over horizons are (n, n_horizons); the others (n,).

    p_order : P(N >= 1); mean, square : E[N], E[N²], parameter uncertainty included
    mean_square : average over draws of (E[N | parameters])²
    discounted : E[Σ e^(−δ·time of order)]
    p_alive : P(alive); next_order : days from as-of to the next order if alive: its median given
        the parameters and what she has passed since the last order, averaged over both
    usual_gap : the same as foreseen on the day of the last order, from that day
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
    model: OrderModel,
    draws: Array,
    horizons: Sequence[int],
    annual_discount_rate: float = 0.0,
) -> OrderForecast:
    """Forecast the orders of every unique customer.

    Parameters
    ----------
    statistics : unique (frequency, recency, T), in days
    model : which model of orders
    draws : (n_draws, n_parameters) equally weighted posterior samples of its natural parameters,
        times in days; with very many unique customers, evenly spaced ones among them are used
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
    times, discounting = _discounting(ahead, np.log1p(annual_discount_rate) / 365)
    future = model.future
    parameters = future.prepare(model, enough_draws(draws, len(statistics)))
    counts = np.zeros((len(statistics), len(ahead), 5))
    timing = np.empty((len(statistics), 3))

    def look_ahead(x: float, ages: Array, scratch: Array) -> Array:
        moments = future.moments(parameters, x, ages, times, len(ahead), scratch)
        discounted = moments[..., 1] @ discounting.T
        both = np.concatenate([moments[..., : len(ahead), :], discounted[..., None]], -1)
        return np.ascontiguousarray(np.moveaxis(both, 2, -1))

    def reduce(part: Part) -> None:
        rows, x = part.rows, statistics.frequency[part.rows.start]
        _add_counts(part.alive, part.ahead, part.at_age, counts[rows])
        timing[rows] = _timing(
            part.alive,
            future.time_to_next(parameters, x),
            parameters[:, 1],
            statistics.recency[rows],
            statistics.age[rows],
        )

    for _ in each_part(statistics, future, parameters, look_ahead, reduce):
        pass
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
    customers: PurchaseStatistics,
    first: np.ndarray,
    model: OrderModel,
    draws: Array,
    horizons: Sequence[int],
    group: Array,
    weights: Array,
    mix: Callable[[float], Array],
) -> Array:
    """Σ weight · E[N | parameters] over the customers of each group, draw by draw.

    Parameters
    ----------
    customers, first : from `once`, of a row for every group a customer is in
    model : which model of orders
    draws : (n_draws, n_parameters) equally weighted posterior samples; every one is used
    horizons : days ahead
    group : (n,) integer group of each row, from 0
    weights : (n, n_weights) what each row counts for, for example its customers
    mix : frequency → (n_measures, n_weights, n_draws): what of each measure a weighted order is

    Returns
    -------
    (n_groups, n_measures, n_horizons, n_draws)
    """
    group, weights = np.asarray(group, np.int64), np.asarray(weights, float)
    times = np.asarray(horizons, float)
    measures = len(mix(0.0))
    totals = np.zeros((group.max() + 1, measures, len(times), len(draws)))
    future = model.future
    parameters = future.prepare(model, draws)

    def look_ahead(x: float, ages: Array, scratch: Array) -> Array:
        means = future.moments(parameters, x, ages, times, 0, scratch)[..., 1]
        return np.ascontiguousarray(np.moveaxis(means, -1, -2))

    def add(part: Part) -> tuple[np.ndarray, Array]:
        begins = first[part.rows.start : part.rows.stop + 1]
        rows = slice(begins[0], begins[-1])
        groups, of_row = np.unique(group[rows], return_inverse=True)
        sums = np.zeros((len(groups), weights.shape[1], len(times), len(draws)))
        _add_totals(
            part.alive, part.ahead, part.at_age, begins - begins[0], of_row, weights[rows], sums
        )
        mixed = mix(customers.frequency[part.rows.start])
        return groups, np.einsum("mwd,gwhd->gmhd", mixed, sums)

    for groups, sums in each_part(customers, future, parameters, look_ahead, add):
        totals[groups] += sums
    return totals


def once(statistics: PurchaseStatistics) -> tuple[PurchaseStatistics, np.ndarray]:
    """Neighbours that are alike as one row, and (n + 1,) where the rows of each begin.

    Parameters
    ----------
    statistics : (frequency, recency, T) in days, ordered
    """
    key = np.stack([statistics.frequency, statistics.recency, statistics.age])
    new = np.r_[True, (np.diff(key) != 0).any(0)]
    first = np.r_[np.flatnonzero(new), len(statistics)]
    return PurchaseStatistics(*key[:, new], np.diff(first).astype(float)), first


def _discounting(horizons: Array, discount: float) -> tuple[Array, Array]:
    """Times (the horizons first), and weights that make the means there the discounted means.

    Integration by parts, E[Σ e^(−δt)] = e^(−δh) E[N(h)] + δ ∫ e^(−δt) E[N(t)] dt, with
    Gauss–Legendre nodes between consecutive horizons.

    Returns
    -------
    (n_times,) days and (n_horizons, n_times)
    """
    at_horizon = np.diag(np.exp(-discount * horizons))
    if discount == 0:
        return horizons, at_horizon
    points, weights = np.polynomial.legendre.leggauss(_NODES_PER_SPAN)
    starts, spans = np.r_[0.0, horizons[:-1]], np.diff(np.r_[0.0, horizons])
    nodes = (starts[:, None] + spans[:, None] * (points + 1) / 2).ravel()
    shares = discount * np.exp(-discount * nodes) * (spans[:, None] * weights / 2).ravel()
    before = nodes < horizons[:, None]
    return np.r_[horizons, nodes], np.hstack([at_horizon, before * shares])


def _timing(alive: Array, to_next: Array, alpha: Array, recency: Array, age: Array) -> Array:
    """(n, 3) averages over draws: P(alive), days to the next order if alive, usual gap."""
    p_alive = alive.sum(1)
    shares = alive / p_alive[:, None] if alive.shape[1] > 1 else np.ones((1, 1, len(alpha)))
    ahead = np.einsum("ijd,dj->id", shares, to_next)
    return np.column_stack(
        [
            p_alive.mean(1),
            (ahead * alpha).mean(1) + ahead.mean(1) * age,
            (to_next[:, 0] * alpha).mean() + to_next[:, 0].mean() * recency,
        ]
    )


@njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _add_counts(alive, ahead, at_age, out):
    """Average over draws: (n, n_horizons, 5) gains P(N >= 1), E[N], E[N²], (E N)², discounted N.

    `ahead` is (n_ages, stages, n_horizons, 4, n_draws): P(N >= 1), E[N], E[N²], discounted N.
    """
    n_stages, n_draws = alive.shape[1:]
    for i in range(alive.shape[0]):
        for h in range(out.shape[1]):
            some, first, second, square, later = 0.0, 0.0, 0.0, 0.0, 0.0
            given = ahead[at_age[i]]
            for d in range(n_draws):
                mean = 0.0
                for j in range(n_stages):
                    some += alive[i, j, d] * given[j, h, 0, d]
                    mean += alive[i, j, d] * given[j, h, 1, d]
                    second += alive[i, j, d] * given[j, h, 2, d]
                    later += alive[i, j, d] * given[j, h, 3, d]
                first += mean
                square += mean * mean
            sums = (some, first, second, square, later)
            for m in range(5):
                out[i, h, m] += sums[m] / n_draws


@njit(nogil=True, cache=True)
def _add_totals(alive, ahead, at_age, first, group, weights, out):
    """(n_groups, n_weights, n_horizons, n_draws) gains Σ weight · E[N].

    `first` is (n + 1,): where the rows of each customer begin; `ahead` is
    (n_ages, stages, n_horizons, n_draws).
    """
    n_stages, n_draws = alive.shape[1:]
    mean = np.empty(out.shape[2:])
    for i in range(alive.shape[0]):
        mean[:] = 0.0
        for j in range(n_stages):
            for h in range(mean.shape[0]):
                for d in range(n_draws):
                    mean[h, d] += alive[i, j, d] * ahead[at_age[i], j, h, d]
        for row in range(first[i], first[i + 1]):
            for k in range(weights.shape[1]):
                for h in range(mean.shape[0]):
                    for d in range(n_draws):
                        out[group[row], k, h, d] += weights[row, k] * mean[h, d]
