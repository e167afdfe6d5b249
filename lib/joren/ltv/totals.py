"""What groups of customers are worth together, with predictive intervals.

Parameters err in the same direction for everybody, so a group's total is summed draw by draw;
chance differs from customer to customer, so those variances add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
from ibis import _
from scipy.special import ndtri

from joren.ltv.blocks import enough_draws
from joren.ltv.gamma_gamma import expected_spend
from joren.ltv.order_model import OrderModel
from joren.ltv.prediction import once, totals_by_group
from joren.ltv.statistics import KEY, PurchaseStatistics
from joren.stats.arrays import Array

MEASURES = ("orders", "value")


@dataclass(frozen=True)
class GroupTotals:
    """Totals of each group: (n_groups,) customers, expectation and predictive interval."""

    customers: Array
    mean: Array
    lower: Array
    upper: Array


def cell_totals(
    cells: ir.Table,
    model: OrderModel,
    order_draws: Array,
    spend_draws: Array,
    horizons: Sequence[int],
    interval: float,
) -> dict[tuple[str, int], tuple[GroupTotals, GroupTotals]]:
    """Orders and value per group and of all groups together, within each horizon.

    Parameters
    ----------
    cells : from `group_cells`
    model : which model of orders
    order_draws, spend_draws : (n_draws, n_parameters) and (n_draws, 3) equally weighted posterior
        samples
    horizons : days ahead
    interval : probability of the intervals

    Returns
    -------
    (measure, days) → the totals by group in ascending order, and their sum as one group; value in
    currency, undiscounted
    """
    frame = _ordered(cells)
    groups, index = np.unique(frame["group"], return_inverse=True)
    customers, first = once(_statistics(frame))
    weights = np.column_stack([frame["customers"], frame["spend"]]).astype(float)
    order_draws, spend_draws = (enough_draws(d, len(customers)) for d in (order_draws, spend_draws))

    def mix(frequency: float) -> Array:
        constant, slope = expected_spend(spend_draws, np.array([frequency]))
        count = np.stack([np.ones(len(order_draws)), np.zeros(len(order_draws))])
        return np.stack([count, np.concatenate([constant, slope])])

    totals = totals_by_group(customers, first, model, order_draws, horizons, index, weights, mix)
    counts = np.bincount(index, weights[:, 0], minlength=len(groups))
    found = {}
    for m, measure in enumerate(MEASURES):
        for h, days in enumerate(horizons):
            chance = np.bincount(index, frame[_chance(measure, days)], minlength=len(groups))
            found[measure, days] = _intervals(totals[:, m, h], chance, counts, interval)
    return found


def group_cells(customers: ir.Table, group: str, horizons: Sequence[int]) -> ir.Table:
    """Count the customers of each group that the models cannot tell apart.

    Parameters
    ----------
    customers : frequency, recency, T, spend (of the repeat days), the group, and for every horizon
        orders_{days}d_chance and value_{days}d_chance: variances given the parameters
    group : column
    horizons : days ahead
    """
    chances = {
        name: _[name].sum()
        for name in (_chance(measure, days) for measure in MEASURES for days in horizons)
    }
    return (
        customers.group_by(_[group].name("group"), *KEY)
        .agg(customers=_.count(), spend=_.spend.sum(), **chances)
        .order_by("frequency", "T", "recency", "group")
    )


def _chance(measure: str, days: int) -> str:
    return f"{measure}_{days}d_chance"


def _ordered(cells: ir.Table) -> dict[str, np.ndarray]:
    table = cells.to_pyarrow()
    return {name: table[name].to_numpy() for name in table.column_names}


def _statistics(frame: dict[str, np.ndarray]) -> PurchaseStatistics:
    names = ("frequency", "recency", "T", "customers")
    return PurchaseStatistics(*(frame[name].astype(float) for name in names))


def _intervals(
    totals: Array, chance: Array, customers: Array, interval: float
) -> tuple[GroupTotals, GroupTotals]:
    z = ndtri((1 + interval) / 2)

    def summarise(by_draw: Array, variance: Array, n: Array) -> GroupTotals:
        mean = by_draw.mean(1)
        half = z * np.sqrt(by_draw.var(1) + variance)
        return GroupTotals(n, mean, np.maximum(mean - half, 0), mean + half)

    everybody = summarise(
        totals.sum(0, keepdims=True), chance.sum(keepdims=True), customers.sum(keepdims=True)
    )
    return summarise(totals, chance, customers), everybody
