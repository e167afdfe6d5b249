"""Outcomes by unit and period, as sums and cross-products by group: all that comparisons need.

A unit is what was treated as a whole (customer, store). Its outcomes in P periods are a vector; a
group's n, Σy and Σyyᵀ give the mean of any contrast of periods, and its variance between units,
exactly: an interval by unit, whatever the correlation of a unit's own periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
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


def period_moments(
    units: ir.Table, outcomes: ir.Table, periods: int, measures: Sequence[str] = ("value",)
) -> dict[str, dict[str, GroupMoments]]:
    """Moments of every group, worked out in the engine, of all measures in one pass.

    Parameters
    ----------
    units : unit, group; one row each. A unit without outcomes counts with zeros
    outcomes : unit, period (0 … periods − 1), a column a measure; rows of one unit and period are
        added up, rows of unknown units are not looked at
    periods : P

    Returns
    -------
    measure → group → moments

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
    # only periods in which a unit has outcomes are rows: their pairs give the cross-products in a
    # statement whose length does not grow with the square of the periods, and a period's pair with
    # itself the sums
    known = units.select("unit", "group")
    cells = (
        outcomes.filter(_.period.between(0, periods - 1))
        .select("unit", "period", **{m: _[m].cast(_EXACT) for m in measures})
        .inner_join(known, "unit")
        .group_by("group", "unit", "period")
        .agg(**{m: _[m].sum().cast(_EXACT) for m in measures})
        .cache()
    )
    other = cells.select("unit", "group", other="period", **{f"{m}_then": m for m in measures})
    pairs = cells.inner_join(other, ["unit", "group"]).filter(_.period <= _.other)
    sums = {f"{m}_sum": _[m].sum(where=_.period == _.other).cast("float64") for m in measures}
    products = {f"{m}_product": (_[m] * _[f"{m}_then"]).sum().cast("float64") for m in measures}
    rows = pairs.group_by("group", "period", "other").agg(**sums, **products).to_pyarrow()
    counted = known.group_by("group").agg(n=_.count()).order_by("group").to_pyarrow().to_pylist()
    sizes = {str(row["group"]): int(row["n"]) for row in counted}
    return {m: _by_group(sizes, rows, m, periods) for m in measures}


def _by_group(
    sizes: dict[str, int], rows: pa.Table, measure: str, periods: int
) -> dict[str, GroupMoments]:
    found = {
        group: GroupMoments(n, np.zeros(periods), np.zeros((periods, periods)))
        for group, n in sizes.items()
    }
    names = ("group", "period", "other", f"{measure}_sum", f"{measure}_product")
    for group, p, q, total, product in zip(*(rows[n].to_pylist() for n in names), strict=True):
        own = found[str(group)]
        own.products[p, q] = own.products[q, p] = product
        if p == q:
            own.sums[p] = total
    return found


def of_matrix(outcomes: Array) -> GroupMoments:
    """Moments of a small group that is at hand as a matrix: (n, P) outcomes, such as of stores."""
    return GroupMoments(len(outcomes), outcomes.sum(0), outcomes.T @ outcomes)
