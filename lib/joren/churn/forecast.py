"""What is ahead of an active subscription: the chance that it ends, and the orders still to come.

Given the parameters, a subscription passes its decisions one after the other. She is there now, so
everything is conditional on that: the pending decision counts only with the part of its ends that
would not have been told yet. States are worked out in blocks that share their category, and draws
are reduced to moments and quantiles inside a block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from joren.churn.hazard import log_odds
from joren.churn.notice import Notice
from joren.churn.risk import Categories, Places
from joren.churn.states import States, spread
from joren.churn.tenure import CAUSES
from joren.stats.arrays import Array

HORIZONS = (90, 365)  # days
VALUE_YEARS = 5  # residual value looks that far; the tail beyond would be the prior's
_BLOCK = 2_000_000  # states × draws at once


@dataclass(frozen=True)
class Forecast:
    """What is ahead of each state, and of all subscriptions of each course.

    horizons : days, (H,)
    next_end : mean, lower, upper of (n_states,) P(end before the next order)
    end : for each horizon mean, lower, upper of (n_states,) P(end within it)
    orders : (n_states,) expected orders within VALUE_YEARS, discounted
    ends_by_draw : (H, n_courses, n_draws) expected ends; ends_chance : (H, n_courses) variance of
    the number of ends given the parameters
    value_by_draw : (n_courses, n_draws) expected discounted value; value_chance : (n_courses,)
    orders_by_draw : (n_courses, n_draws) expected discounted orders; orders_chance : (n_courses,)
    """

    horizons: tuple[int, ...]
    next_end: tuple[Array, Array, Array]
    end: list[tuple[Array, Array, Array]]
    orders: Array
    ends_by_draw: Array
    ends_chance: Array
    value_by_draw: Array
    value_chance: Array
    orders_by_draw: Array
    orders_chance: Array


@dataclass(frozen=True)
class _Ahead:
    """Of one block's states, each (n, n_draws): see `Forecast`."""

    next_end: Array
    end: list[Array]
    orders: Array
    orders_square: Array


def forecast(
    states: States,
    draws: dict[str, Array],
    categories: Categories,
    told: Notice,
    horizons: tuple[int, ...],
    annual_discount_rate: float,
    interval: float,
) -> Forecast:
    """Forecast every state.

    Parameters
    ----------
    states : active subscriptions
    draws : cause → (n_coordinates, n_draws) equally weighted
    categories : of the cells the hazards were fitted to
    told : when in the cycle ends are told
    horizons : days ahead
    annual_discount_rate : of orders to come
    interval : probability of lower and upper
    """
    n, m, size = len(states), len(categories.courses), next(iter(draws.values())).shape[1]
    found = Forecast(
        horizons,
        tuple(np.empty((3, n))),
        [tuple(np.empty((3, n))) for _days in horizons],
        np.empty(n),
        np.zeros((len(horizons), m, size)), np.zeros((len(horizons), m)),
        np.zeros((m, size)), np.zeros(m), np.zeros((m, size)), np.zeros(m),
    )  # fmt: skip
    rate = np.log1p(annual_discount_rate) / 365
    for block in _blocks(states, max(_BLOCK // size, 1)):
        ahead = _ahead(states, block, draws, categories, told, horizons, rate)
        _record(found, states, block, ahead, interval)
    return found


def _record(found: Forecast, states: States, block: Array, ahead: _Ahead, interval: float) -> None:
    course = states.places.course[block[0]]
    n, value, square = (
        column[block, None] for column in (states.subscriptions, states.value, states.value_square)
    )
    for column, values in zip(found.next_end, spread(ahead.next_end, interval), strict=True):
        column[block] = values
    for h, chance in enumerate(ahead.end):
        for column, values in zip(found.end[h], spread(chance, interval), strict=True):
            column[block] = values
        found.ends_by_draw[h, course] += (n * chance).sum(0)
        found.ends_chance[h, course] += (n * chance * (1 - chance)).sum(0).mean()
    found.orders[block] = ahead.orders.mean(axis=1)
    variance = np.maximum(ahead.orders_square - ahead.orders**2, 0)
    found.orders_by_draw[course] += (n * ahead.orders).sum(0)
    found.orders_chance[course] += (n * variance).sum(0).mean()
    found.value_by_draw[course] += (value * ahead.orders).sum(0)
    found.value_chance[course] += (square * variance).sum(0).mean()


def _blocks(states: States, most: int) -> list[Array]:
    """Positions of states with one course, one level of each factor and one commitment."""
    places = states.places
    category = np.column_stack([places.course, *places.level.values(), places.waived])
    _unique, block = np.unique(category, axis=0, return_inverse=True)
    order = np.argsort(block.ravel(), kind="stable")
    starts = np.flatnonzero(np.diff(block.ravel()[order], prepend=-1))
    return [
        part[i : i + most]
        for part in np.split(order, starts[1:])
        for i in range(0, len(part), most)
    ]


def _ahead(
    states: States, block: Array, draws: dict[str, Array], categories: Categories, told: Notice,
    horizons: tuple[int, ...], rate: float,
) -> _Ahead:  # fmt: skip
    cycle = states.cycle_days[block][:, None]
    phase, made = states.phase[block][:, None], states.places.decision[block].astype(int)
    last = max(*horizons, 365 * VALUE_YEARS)
    steps = int(np.ceil(last / cycle.min())) + 1
    first, decisions = made.min(), made.max() - made.min() + steps
    at = hazards(states.places.take(block[:1]), first, decisions, draws, categories)
    size = next(iter(draws.values())).shape[1]
    alive, orders, square = np.ones((len(block), size)), 0.0, 0.0
    weight_so_far = np.zeros_like(cycle)
    end = [np.zeros_like(alive) for _days in horizons]
    next_end = alive
    for step in range(steps):
        leaves, other, fails = (at[cause][made + step - first] for cause in CAUSES)
        start = phase if step == 0 else np.zeros_like(phase)
        silent = _unsaid(leaves, other, told.told_by(start))
        due = (1 - phase + step) * cycle
        for h, days in enumerate(horizons):
            if step and (due - cycle).min() >= days:
                continue
            reached = np.clip(1 - (due - days) / cycle, start, 1.0)
            still = alive * _unsaid(leaves, other, told.told_by(reached)) / silent
            still = np.where(due <= days, still * (1 - fails), still)
            end[h] = np.where((due - cycle < days) | (step == 0), 1 - still, end[h])
        alive = alive * _unsaid(leaves, other, np.ones_like(phase)) / silent * (1 - fails)
        if step == 0:
            next_end = 1 - alive
        weight = np.where(due <= 365 * VALUE_YEARS, np.exp(-rate * due), 0.0)
        orders = orders + alive * weight
        square = square + alive * weight * (weight + 2 * weight_so_far)
        weight_so_far = weight_so_far + weight
    return _Ahead(next_end, end, orders, square)


def _unsaid(leaves: Array, other: Array, told: Array) -> Array:
    """P(no end told yet) when this share of the ends of the decision would have been."""
    return (1 - leaves * told) * (1 - other * told)


def hazards(
    place: Places, first: int, decisions: int, draws: dict[str, Array], categories: Categories
) -> dict[str, Array]:
    """Probability of ending by each cause at consecutive decisions of one place.

    Parameters
    ----------
    place : one place, of whose decision nothing is read
    first, decisions : number of the first decision, and how many
    draws : cause → (n_coordinates, n_draws)

    Returns
    -------
    cause → (decisions, n_draws), of those who the causes before have not ended
    """
    same = place.take(np.zeros(decisions, int))
    numbers = np.arange(first, first + decisions, dtype=float)
    places = Places(same.course, same.level, same.waived, numbers)
    found = {c: expit(log_odds(c, draws[c], places, categories)) for c in CAUSES}
    found["voluntary"][numbers <= places.waived] = 0.0
    return found
