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
from joren.ltv.totals import MEASURES, GroupTotals, cell_totals, group_cells

# half of the draws give a total's spread to a few per cent of itself, in half of the time
_EVERY_DRAW = 2


def group_totals(
    grouped: ir.Table, fit: Fit, horizons: Sequence[int], interval: float
) -> tuple[list[str], dict[tuple[str, int], GroupTotals]]:
    """Orders and value of each group within each horizon.

    Parameters
    ----------
    grouped : `forecast.forecast_customers` through `segments.in_groups`; groups may share customers
    fit : both models
    horizons : days, each one of the table's
    interval : probability of the predictive intervals

    Returns
    -------
    names of the groups in ascending order; (measure, days) → totals of each, in that order
    """
    names = sorted(grouped.select("group_name").distinct().to_pyarrow()["group_name"].to_pylist())
    sums = {(measure, days): _Sums(names) for measure in MEASURES for days in horizons}
    spend = fit.spend_draws()[::_EVERY_DRAW]
    for part in parts_of(fit):
        here = grouped.filter(_[CELL] == part.cell)
        cells = group_cells(here, "group_name", horizons).cache()
        of_part = sorted(cells.select("group").distinct().to_pyarrow()["group"].to_pylist())
        draws = part.draws[::_EVERY_DRAW]
        found = cell_totals(cells, fit.model, draws, spend, horizons, interval)
        for key, (totals, _everybody) in found.items():
            sums[key].add(of_part, totals)
    return names, {key: summed.totals() for key, summed in sums.items()}


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
    names, found = group_totals(grouped, fit, horizons, interval)
    rows = [
        {
            "measure": measure,
            "days": days,
            "group_name": name,
            "customers": int(found[measure, days].customers[i]),
            "mean": float(found[measure, days].mean[i]),
            "lower": float(found[measure, days].lower[i]),
            "upper": float(found[measure, days].upper[i]),
        }
        for days in horizons
        for measure in MEASURES
        for i, name in enumerate(names)
    ]
    return pa.Table.from_pylist(rows)
