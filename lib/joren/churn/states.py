"""Active subscriptions that no forecast can tell apart, with their number and what they pay."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from joren.churn.levels import FACTORS
from joren.churn.risk import Categories, Places, coded
from joren.stats.arrays import Array

KEY = ("course", *FACTORS, "waived", "made", "step", "cycle_days")
STEPS = 20  # a cycle is looked at in twentieths


@dataclass(frozen=True)
class States:
    """Unique states of active subscriptions.

    rows : their KEY; places : where they stand, `decision` being the pending one
    phase : (n,) share of the cycle passed; cycle_days : (n,)
    subscriptions : (n,); value : (n,) sum of their order values, in currency, subscriptions
    without one taken at `usual_value`; value_square : (n,) sum of squares
    usual_value : (n,) mean order value of the course, not a number where none is known
    """

    rows: pd.DataFrame
    places: Places
    phase: Array
    cycle_days: Array
    subscriptions: Array
    value: Array
    value_square: Array
    usual_value: Array

    def __len__(self) -> int:
        return len(self.subscriptions)


def active_rows(rows: ir.Table) -> ir.Table:
    """The active subscriptions, with `step`, the twentieth of the cycle they stand in.

    Parameters
    ----------
    rows : from `levels.with_levels`
    """
    return rows.filter(_.active).mutate(step=(_.phase * STEPS).round().cast("int64"))


def active_states(active: ir.Table, categories: Categories) -> States:
    """Count the active subscriptions of each state.

    Parameters
    ----------
    active : from `active_rows`
    categories : of the cells that the hazards were fitted to
    """
    # hundredths as integers: their sums do not depend on the order in which threads finish
    cents = (_.order_value * 100).round().cast("int64")
    counted = (
        active.mutate(cents=cents)
        .group_by(*KEY)
        .agg(
            n=_.count(),
            priced=_.cents.count(),
            value=_.cents.sum().cast("float64"),
            square=(_.cents * _.cents).sum().cast("float64"),
        )
        .order_by(*KEY)
        .to_pandas()
        .fillna({"value": 0.0, "square": 0.0})
    )
    by_course = counted.groupby("course")[["value", "priced"]].sum()
    mean = counted.course.map(by_course.value / by_course.priced.where(by_course.priced > 0))
    usual, unpriced = mean.to_numpy() / 100, (counted.n - counted.priced).to_numpy()
    filled = unpriced * np.nan_to_num(usual)
    return States(
        rows=counted[list(KEY)],
        places=coded(counted.assign(decision=counted.made), categories),
        phase=counted.step.to_numpy(float) / STEPS,
        cycle_days=counted.cycle_days.to_numpy(float),
        subscriptions=counted.n.to_numpy(float),
        value=counted.value.to_numpy() / 100 + filled,
        value_square=counted.square.to_numpy() / 100**2 + filled * np.nan_to_num(usual),
        usual_value=usual,
    )


def spread(values: Array, interval: float) -> tuple[Array, Array, Array]:
    """Mean, lower and upper over the draws.

    Parameters
    ----------
    values : (n, n_draws)
    """
    tails = (1 - interval) / 2
    lower, upper = np.quantile(values, [tails, 1 - tails], axis=1)
    return values.mean(axis=1), lower, upper
