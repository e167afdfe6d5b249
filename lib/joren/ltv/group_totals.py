"""Forecast totals of every group of customers at once: the table `forecast_totals`.

It is what the value pages show, and what is frozen at publication to be held against what happens.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _

from joren.ltv.forecast import CELL, parts_of
from joren.ltv.models import Fit
from joren.ltv.totals import GroupTotals, group_cells, order_totals, value_totals

# half of the draws give a total's spread to a few per cent of itself, in half of the time
_EVERY_DRAW = 2


def group_totals(
    grouped: ir.Table, fit: Fit, days: int, interval: float
) -> tuple[list[str], GroupTotals, GroupTotals]:
    """Orders and value of each group within a horizon.

    Parameters
    ----------
    grouped : `forecast.forecast_customers` through `segments.in_groups`; groups may share customers
    fit : both models
    days : horizon, one of the table's
    interval : probability of the predictive intervals

    Returns
    -------
    names of the groups in ascending order; orders and value of each, in that order
    """
    names = sorted(grouped.select("group_name").distinct().to_pyarrow()["group_name"].to_pylist())
    orders, value = _Sums(names), _Sums(names)
    for part in parts_of(fit):
        draws = part.draws[::_EVERY_DRAW]
        here = grouped.filter(_[CELL] == part.cell)
        cells = group_cells(here, "group_name", f"orders_{days}d_chance").cache()
        of_part = sorted(cells.select("group").distinct().to_pyarrow()["group"].to_pylist())
        orders.add(of_part, order_totals(cells, fit.model, draws, days, interval)[0])
        cells = group_cells(here, "group_name", f"value_{days}d_chance")
        spend = fit.spend_draws()[::_EVERY_DRAW]
        worth = value_totals(cells, fit.model, draws, spend, days, interval)
        value.add(of_part, worth[0])
    return names, orders.totals(), value.totals()


class _Sums:
    """Totals of groups, added up over cells whose errors are independent of each other."""

    def __init__(self, names: list[str]) -> None:
        self._place = {name: i for i, name in enumerate(names)}
        self._customers, self._mean, self._square = np.zeros((3, len(names)))

    def add(self, names: list[str], totals: GroupTotals) -> None:
        at = [self._place[name] for name in names]
        self._customers[at] += totals.customers
        self._mean[at] += totals.mean
        self._square[at] += (totals.upper - totals.mean) ** 2

    def totals(self) -> GroupTotals:
        half = np.sqrt(self._square)
        lower = np.maximum(self._mean - half, 0)
        return GroupTotals(self._customers, self._mean, lower, self._mean + half)


def forecast_totals(
    grouped: ir.Table, fit: Fit, horizons: Sequence[int], interval: float
) -> pa.Table:
    """The totals of every group within every horizon.

    Returns
    -------
    measure (orders, value), days, group_name, customers, mean, lower, upper; value in currency,
    undiscounted
    """
    rows = []
    for days in horizons:
        names, *totals = group_totals(grouped, fit, days, interval)
        for measure, found in zip(("orders", "value"), totals, strict=True):
            rows += [
                {
                    "measure": measure,
                    "days": days,
                    "group_name": name,
                    "customers": int(found.customers[i]),
                    "mean": float(found.mean[i]),
                    "lower": float(found.lower[i]),
                    "upper": float(found.upper[i]),
                }
                for i, name in enumerate(names)
            ]
    return pa.Table.from_pylist(rows)
