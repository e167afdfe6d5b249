"""How long subscribers stay and what ends it: observed shares beside the model's curves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from joren.churn.forecast import hazards
from joren.churn.risk import Categories, Cells, Places
from joren.churn.states import spread
from joren.churn.tenure import CAUSES
from joren.ltv.accuracy import Measure, share
from joren.stats.arrays import Array

LONGEST_CURVE = 24  # orders
_FEWEST = 10  # at risk, for an observed share to be shown
# first and last order of each class; the last class is open
_CLASSES = ((1, 1), (2, 2), (3, 3), (4, 6), (7, 12), (13, None))


def continuation(cells: Cells, draws: dict[str, Array], interval: float) -> pd.DataFrame:
    """Share of subscribers that reach each order, by course: seen and modelled.

    Parameters
    ----------
    cells : counts by cell
    draws : cause → (n_coordinates, n_draws) equally weighted
    interval : probability of lower and upper

    Returns
    -------
    course, order (from 1), n (at risk of the decision before it), observed (Kaplan–Meier; none
    once fewer than ten are at risk), mean, lower, upper of the model, for the mix of levels that
    began the course
    """
    frames = []
    for code, course in enumerate(cells.categories.courses):
        of_course = cells.places.course == code
        orders = np.arange(1, LONGEST_CURVE + 1)
        at_risk, ended = (
            np.array([counts[of_course & (cells.places.decision == k)].sum() for k in orders])
            for counts in (cells.at_risk, sum(cells.ends.values()))
        )
        stayed = 1 - np.divide(ended, at_risk, out=np.zeros(len(orders)), where=at_risk > 0)
        seen = np.concatenate([[1.0], stayed.cumprod()[:-1]])
        seen[1:][np.minimum.accumulate(at_risk)[:-1] < _FEWEST] = np.nan
        begun = np.flatnonzero(of_course & (cells.places.decision == 1))
        curve = _reached(cells.places.take(begun), cells.at_risk[begun], draws, cells.categories)
        mean, lower, upper = spread(curve, interval)
        frames.append(
            pd.DataFrame({
                "course": course, "order": orders, "n": np.concatenate([at_risk[:1], at_risk[:-1]]),
                "observed": seen, "mean": mean, "lower": lower, "upper": upper,
            })
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def _reached(
    begun: Places, weight: Array, draws: dict[str, Array], categories: Categories
) -> Array:
    """(LONGEST_CURVE, n_draws) share that reaches each order, over the places that began."""
    total = 0.0
    for i in range(len(weight)):
        ends = hazards(begun.take(slice(i, i + 1)), 1, LONGEST_CURVE - 1, draws, categories)
        stays = np.prod([1 - ends[cause] for cause in CAUSES], axis=0)
        reached = np.vstack([np.ones_like(stays[:1]), stays.cumprod(axis=0)])
        total = total + weight[i] / weight.sum() * reached
    return total


def ends_by_order(cells: Cells, interval: float) -> pd.DataFrame:
    """Which share of those whose order arrived ended before the next, by order and cause.

    Returns
    -------
    first, last (orders of the class; the last is open), n; leaves, leaves_lower, leaves_upper (all
    ends but failed payments), fails, … (failed payments, of those who were charged)
    """
    rows = []
    for first, last in _CLASSES:
        within = (cells.places.decision >= first) & (cells.places.decision <= (last or np.inf))
        n = int(cells.at_risk[within].sum())
        if not n:
            continue
        left = int(cells.ends["voluntary"][within].sum() + cells.ends["other"][within].sum())
        row = {"first": first, "last": last or np.nan, "n": n}
        failed = int(cells.ends["payment"][within].sum())
        for name, measure in (
            ("leaves", share(left, n, interval)), ("fails", share(failed, n - left, interval)),
        ):  # fmt: skip
            row |= {name: measure.value, f"{name}_lower": measure.lower,
                    f"{name}_upper": measure.upper}  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows)


def payment_share(cells: Cells, interval: float) -> Measure:
    """Failed payments among all ends."""
    ends = {cause: int(counts.sum()) for cause, counts in cells.ends.items()}
    return share(ends["payment"], sum(ends.values()), interval)
