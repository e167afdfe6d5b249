"""Why a subscription stands out: the parts of its odds that lie above those of the average one.

The log-odds of leaving at the pending decision are taken apart into the course, how far she has
come within it, and the level of each factor, each against the mean of the active subscriptions;
the parts add up to her distance from the average. Failing payments are one part of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from joren.churn.hazard import baseline, factor_effects, log_odds, told_factors
from joren.churn.risk import Categories, Codes
from joren.churn.states import States
from joren.stats.arrays import Array

SMALLEST_RATIO = 1.2  # of the odds; less is not worth a call


def reasons(
    states: States, draws: dict[str, Array], categories: Categories, sure: float
) -> list[list[str]]:
    """What raises the odds of each state, the strongest first.

    Parameters
    ----------
    states : active subscriptions
    draws : cause → (n_coordinates, n_draws) equally weighted
    categories : of the cells the hazards were fitted to
    sure : a reason raises the odds with this probability, and on average by SMALLEST_RATIO

    Returns
    -------
    (n_states,) lists of `order:<number>`, `course:<course>`, `<factor>:<level>`, `payment`
    """
    found: list[list[tuple[float, str]]] = [[] for _state in range(len(states))]
    for labels, parts, part in _parts(states, draws, categories):
        mean = parts.mean(axis=1)
        raised = ((parts > 0).mean(axis=1) >= sure) & (mean >= np.log(SMALLEST_RATIO))
        for i in np.flatnonzero(raised[part]):
            found[i].append((-mean[part[i]], labels[part[i]]))
    return [[label for _strength, label in sorted(of_state)] for of_state in found]


def _parts(
    states: States, draws: dict[str, Array], categories: Categories
) -> Iterator[tuple[list[str], Array, Codes]]:
    """Labels, (n_parts, n_draws) distances from the average, and (n_states,) each state's part."""
    places, weight = states.places, states.subscriptions / states.subscriptions.sum()
    free = places.decision > places.waived
    theta = draws["voluntary"]
    if free.any():
        unique, spot = places.spots
        size = np.bincount(spot, weight * free, minlength=len(unique.decision))[:, None]
        odds = baseline("voluntary", theta, unique, categories)
        of_course = np.zeros((len(categories.courses), odds.shape[1]))
        share = np.zeros((len(of_course), 1))
        np.add.at(of_course, unique.course, size * odds)
        np.add.at(share, unique.course, size)
        average = of_course.sum(axis=0) / share.sum()
        of_course /= np.maximum(share, 1e-300)
        held = (unique.decision <= unique.waived)[:, None]
        tenure = np.where(held, 0.0, odds - of_course[unique.course])
        yield [f"order:{made:.0f}" for made in unique.decision], tenure, spot
        course = np.where(held, 0.0, of_course[unique.course] - average)
        yield [f"course:{categories.courses[code]}" for code in unique.course], course, spot
    for factor in told_factors(categories):
        effects, level = (
            factor_effects("voluntary", theta, factor, categories),
            places.level[factor],
        )
        mean = np.bincount(level, weight, minlength=len(effects)) @ effects
        yield [f"{factor}:{name}" for name in categories.levels[factor]], effects - mean, level
    yield _payment(states, draws["payment"], categories, weight)


def _payment(
    states: States, theta: Array, categories: Categories, weight: Array
) -> tuple[list[str], Array, Codes]:
    places = states.places
    first = np.minimum(places.decision, 2)
    category = np.column_stack([places.course, *places.level.values(), first])
    _unique, at, spot = np.unique(category, axis=0, return_index=True, return_inverse=True)
    odds = log_odds("payment", theta, places.take(at), categories)
    mean = np.bincount(spot.ravel(), weight, minlength=len(odds)) @ odds
    return ["payment"] * len(odds), odds - mean, spot.ravel()
