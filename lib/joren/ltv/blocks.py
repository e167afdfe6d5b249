"""Share a forecast out by frequency: what depends on x and T alone is worked out at few T.

Given that a customer is alive, her future depends on her frequency x and her age T, not on her
recency, and is smooth in log(c + T): for every x and posterior draw it is computed at a few
Chebyshev nodes of T and interpolated (relative error of a mean below 1e-6). Only P(alive) is
computed for every unique customer and draw. The draws never leave a part of bounded size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numba import njit

from joren.ltv.statistics import PurchaseStatistics
from joren.stats.arrays import Array

MOST_ORDERS = 100_000
_THREADS = 2
_NODES_PER_STAGE = 8
_NUMBERS_PER_PART = 100_000
_ENOUGH_DRAWS = 200
_CUSTOMER_DRAWS = 30_000_000


@dataclass(frozen=True)
class Part:
    """Unique customers of one frequency, draw by draw.

    rows : which of the statistics
    at_age : (n,) which of the part's ages each has
    alive : (n, stages, n_draws) P(alive and in that stage)
    ahead : (n_ages, stages, …) what `each_part` was asked to work out, given alive
    """

    rows: slice
    at_age: np.ndarray
    alive: Array
    ahead: Array


def each_part[Result](
    statistics: PurchaseStatistics,
    future: ModuleType,
    parameters: Array,
    look_ahead: Callable[[float, Array, Array], Array],
    work: Callable[[Part], Result],
) -> Iterator[Result]:
    """Go through all unique customers in parts, on two threads.

    Parameters
    ----------
    statistics : (frequency, recency, T) in days, ordered
    future : forecast kernels of the model
    parameters : (n_draws, n_columns) from `future.prepare`
    look_ahead : (frequency, ages, scratch space) → (n_ages, stages, …)
    work : what to do with each part

    Yields
    ------
    the results of `work`, in no particular order of rows
    """
    recency, age = (np.ascontiguousarray(a) for a in (statistics.recency, statistics.age))
    scale = future.smoothness(parameters)
    per_row = future.stages(parameters) * len(parameters)

    def run(rows: slice) -> list[Result]:
        x, ages = statistics.frequency[rows.start], age[rows]
        times, at = np.unique(np.stack([recency[rows], ages]), return_inverse=True)
        known = future.at_times(parameters, x, times)
        nodes = _nodes(ages, scale, _NODES_PER_STAGE * (future.stages(parameters) + 1))
        at_nodes = look_ahead(x, nodes, np.empty(MOST_ORDERS))
        results = []
        for some in _parts(ages, at_nodes[0].size, per_row):
            unique, at_age = np.unique(ages[some], return_inverse=True)
            between = _interpolation(nodes, unique, scale)
            here = slice(rows.start + some.start, rows.start + some.stop)
            alive = future.alive(parameters, x, times, known, *at[:, some])
            ahead = _between_nodes(between, at_nodes.reshape(len(nodes), -1))
            ahead = ahead.reshape(-1, *at_nodes.shape[1:])
            results.append(work(Part(here, at_age, alive, ahead)))
        return results

    # an uneven share would leave one thread waiting for the other
    largest_first = sorted(_runs(statistics.frequency), key=lambda rows: rows.start - rows.stop)
    with ThreadPoolExecutor(_THREADS) as pool:
        for results in pool.map(run, largest_first):
            yield from results


def enough_draws(draws: Array, customers: int) -> Array:
    """Evenly spaced draws, as many as a forecast of so many unique customers is worth.

    The posterior narrows as customers are added: with half a million unique ones, 200 draws give
    every mean to a tenth of a percent; with 30,000, 1,000 give it to a thirtieth of its sd.

    Parameters
    ----------
    draws : (n_draws, n_parameters)
    customers : unique customers
    """
    most = max(_ENOUGH_DRAWS, _CUSTOMER_DRAWS // max(customers, 1))
    if len(draws) <= most:
        return draws
    return draws[(np.arange(most) * len(draws)) // most]


def _runs(values: Array) -> list[slice]:
    starts = np.flatnonzero(np.r_[True, np.diff(values) != 0])
    return [slice(i, j) for i, j in zip(starts, [*starts[1:], len(values)], strict=True)]


def _parts(ages: Array, per_age: int, per_row: int) -> list[slice]:
    """Consecutive rows that together hold a bounded number of numbers."""
    numbers = np.cumsum(per_row + per_age * np.r_[True, np.diff(ages) != 0])
    return _runs(numbers // _NUMBERS_PER_PART)


def _nodes(ages: Array, scale: float, most: int) -> Array:
    """Where to work it out: at Chebyshev points of log(scale + T), or at every age if few."""
    unique = np.unique(ages)
    if len(unique) <= most:
        return unique
    low, high = np.log(scale + unique[[0, -1]])
    points = np.cos((np.arange(most) + 0.5) * np.pi / most)
    return np.exp(low + (high - low) * (1 + points) / 2) - scale


def _interpolation(nodes: Array, ages: Array, scale: float) -> Array:
    """(n_ages, n_nodes) weights of the barycentric formula in log(scale + T)."""
    at_nodes, at_ages = np.log(scale + nodes), np.log(scale + ages)
    apart = at_nodes[:, None] - at_nodes + np.eye(len(nodes))
    away = at_ages[:, None] - at_nodes
    on_node = away == 0
    pulls = 1 / (np.prod(apart, axis=1) * np.where(on_node, 1.0, away))
    return np.where(on_node.any(1)[:, None], on_node, pulls / pulls.sum(1, keepdims=True))


@njit(nogil=True, cache=True)
def _between_nodes(weights, at_nodes):
    """The matrix product: here, because the linear algebra library would start its own threads."""
    out = np.zeros((weights.shape[0], at_nodes.shape[1]))
    for i in range(weights.shape[0]):
        for k in range(weights.shape[1]):
            weight = weights[i, k]
            if weight != 0.0:
                for n in range(at_nodes.shape[1]):
                    out[i, n] += weight * at_nodes[k, n]
    return out
