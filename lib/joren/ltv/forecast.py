"""What to expect of every customer, by the parameters of the cell she belongs to.

Where all customers share their parameters, there is one cell: everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from joren.ltv.gamma_gamma import spend_moments
from joren.ltv.models import Fit
from joren.ltv.order_chance import chance_intervals
from joren.ltv.order_counts import order_intervals, places
from joren.ltv.prediction import forecast_orders
from joren.ltv.segments import with_dimensions
from joren.ltv.statistics import KEY, PurchaseStatistics
from joren.ltv.value import customer_table, ltv_table
from joren.stats.arrays import Array

CELL = "cell"
EVERYBODY_ALIKE = ""
# the shape of a count's distribution hardly moves with the parameters
_SHAPE_DRAWS = 250


@dataclass(frozen=True)
class Part:
    """Customers with parameters of their own: the cell's name, their statistics, the draws."""

    cell: str
    purchases: PurchaseStatistics
    draws: Array


@dataclass(frozen=True)
class Ahead:
    """How far to look, and how to turn orders into margin.

    horizons : days, ascending; sure_of : horizon whose chance of an order gets an interval of its
    own (None: none)
    """

    horizons: Sequence[int]
    as_of: date
    margin_rate: float = 1.0
    annual_discount_rate: float = 0.0
    interval: float = 0.9
    sure_of: int | None = None


def parts_of(fit: Fit) -> list[Part]:
    """The cells of a fit; one where everybody shares the parameters."""
    if not fit.cells:
        return [Part(EVERYBODY_ALIKE, fit.purchases, fit.order_draws())]
    return [Part(cell.name, cell.purchases, cell.order_draws()) for cell in fit.cells]


def forecast_customers(summary: ir.Table, fit: Fit, by: str | None, ahead: Ahead) -> ir.Table:
    """What to expect of every customer.

    Parameters
    ----------
    summary : purchase_summary, with categories where there are any
    fit : both models
    by : the category whose levels are the fit's cells
    ahead : see `Ahead`

    Returns
    -------
    the columns of `value.customer_table`; `dim_*` of `segments.with_dimensions`; cell; and with
    `sure_of` the bounds of `order_chance.chance_intervals`
    """
    level = _[f"dim_{by}"] if fit.cells else ibis.literal(EVERYBODY_ALIKE)
    levels = with_dimensions(summary).mutate(**{CELL: level}).cache()
    first, *others = _by_part(levels, fit, ahead)
    told = ibis.union(first, *others) if others else first
    dims = [name for name in levels.columns if name.startswith("dim_")]
    return told.join(levels.select("customer_id", *dims, CELL), "customer_id").cache()


def _by_part(levels: ir.Table, fit: Fit, ahead: Ahead) -> Iterator[ir.Table]:
    spend = spend_moments(fit.spend_draws(), fit.frequencies())
    for part in parts_of(fit):
        orders = forecast_orders(
            part.purchases, fit.model, part.draws, ahead.horizons, ahead.annual_discount_rate
        )
        customers = customer_table(
            levels.filter(_[CELL] == part.cell),
            part.purchases,
            orders,
            spend,
            as_of=ahead.as_of,
            margin_rate=ahead.margin_rate,
            interval=ahead.interval,
        )
        if ahead.sure_of is not None:
            sure = chance_intervals(
                part.purchases, fit.model, part.draws, ahead.sure_of, ahead.interval
            )
            customers = customers.join(ibis.memtable(sure), KEY)
        yield customers


def ltv_columns(customers: ir.Table) -> ir.Table:
    """The columns of `forecast_customers` that make the table `ltv`."""
    grouping = [name for name in customers.columns if name.startswith("dim_")]
    return ltv_table(customers).drop(*grouping, CELL)


def count_intervals(fit: Fit, days: int, interval: float) -> ir.Table:
    """Predictive intervals of the number of orders, for every cell's unique customers.

    Returns
    -------
    cell, frequency, recency, T, count_lower, count_upper, interval_mass
    """
    tables = []
    for part in parts_of(fit):
        found = order_intervals(part.purchases, fit.model, _thinned(part), days, interval)
        columns = {"count_lower": found.lower, "count_upper": found.upper}
        tables.append(_unique(part, columns | {"interval_mass": found.mass}))
    return ibis.memtable(pa.concat_tables(tables))


def _thinned(part: Part) -> Array:
    return part.draws[:: max(len(part.draws) // _SHAPE_DRAWS, 1)]


def _unique(part: Part, columns: dict[str, Array]) -> pa.Table:
    cell = {CELL: [part.cell] * len(part.purchases)}
    return pa.table(cell | part.purchases.key() | columns)


def outcome_places(customers: ir.Table, fit: Fit, days: int, outcome: str) -> tuple[Array, ...]:
    """Where what happened fell in its predictive distributions.

    Parameters
    ----------
    customers : cell, frequency, recency, T and the outcome: orders within `days`
    fit : both models
    days : horizon
    outcome : column

    Returns
    -------
    P(N < outcome), P(N <= outcome) and the customers of every unique (cell, customer, outcome)
    """
    counted = (
        customers.group_by(CELL, *KEY, happened=_[outcome].cast("int64"))
        .agg(customers=_.count())
        .order_by(CELL, "frequency", "T", "recency", "happened")
        .to_pyarrow()
    )
    found = []
    for part in parts_of(fit):
        rows = counted.filter(pc.equal(counted[CELL], part.cell))
        column = {name: rows[name].to_numpy().astype(float) for name in rows.column_names[1:]}
        unique = PurchaseStatistics(
            column["frequency"], column["recency"], column["T"], column["customers"]
        )
        bounds = places(unique, fit.model, _thinned(part), days, column["happened"])
        found.append((*bounds, column["customers"]))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))
