"""Outcomes by unit and period, as sums and cross-products by group: all that comparisons need.

A unit is what was treated as a whole (customer, store). Its outcomes in P periods are a vector; a
group's n, Σy and Σyyᵀ give the mean of any contrast of periods, and its variance between units,
exactly: an interval by unit, whatever the correlation of a unit's own periods.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from joren.errors import JorenError
from joren.stats.arrays import Array

MAX_PERIODS = 60  # cross-products grow with the square
_EXACT = "decimal(18, 2)"  # sums of these do not depend on the order of rows


@dataclass(frozen=True)
class GroupMoments:
    """n units, the (P,) sums of their outcomes by period, and the (P, P) cross-products."""

    n: int
    sums: Array
    products: Array

    @property
    def mean(self) -> Array:
        """(P,) mean outcome of a unit."""
        return self.sums / self.n

    @property
    def covariance(self) -> Array:
        """(P, P) covariance between units, of one unit's outcomes."""
        centred = self.products - np.outer(self.sums, self.sums) / self.n
        return centred / (self.n - 1)


def period_moments(units: ir.Table, outcomes: ir.Table, periods: int) -> dict[str, GroupMoments]:
    """Moments of every group, worked out in the engine by one statement.

    Parameters
    ----------
    units : unit, group; one row each. A unit without outcomes counts with zeros
    outcomes : unit, period (0 … periods − 1), value; rows of one unit and period are added up,
        rows of unknown units are not looked at
    periods : P

    Raises
    ------
    JorenError if there are too many periods to keep cross-products of
    """
    if not 2 <= periods <= MAX_PERIODS:
        raise JorenError(
            f"{periods} periods cannot be compared",
            "",
            f"choose periods so long that there are 2 to {MAX_PERIODS}",
        )
    value = _.value.cast(_EXACT)
    wide = outcomes.group_by("unit").agg(
        **{f"y{p}": ibis.coalesce(value.sum(where=_.period == p), 0) for p in range(periods)}
    )
    rows = units.select("unit", "group").left_join(wide, "unit")
    rows = rows.select(
        "group", **{f"y{p}": ibis.coalesce(rows[f"y{p}"], 0).cast(_EXACT) for p in range(periods)}
    )
    pairs = [(p, q) for p in range(periods) for q in range(p, periods)]
    sums = rows.group_by("group").agg(
        n=_.count(),
        **{f"s{p}": _[f"y{p}"].sum().cast("float64") for p in range(periods)},
        **{f"p{p}_{q}": (_[f"y{p}"] * _[f"y{q}"]).sum().cast("float64") for p, q in pairs},
    )
    found = {}
    for row in sums.order_by("group").to_pandas().to_dict("records"):
        products = np.zeros((periods, periods))
        for p, q in pairs:
            products[p, q] = products[q, p] = row[f"p{p}_{q}"]
        totals = np.array([row[f"s{p}"] for p in range(periods)])
        found[str(row["group"])] = GroupMoments(int(row["n"]), totals, products)
    return found


def of_matrix(outcomes: Array) -> GroupMoments:
    """Moments of a small group that is at hand as a matrix: (n, P) outcomes, such as of stores."""
    return GroupMoments(len(outcomes), outcomes.sum(0), outcomes.T @ outcomes)
