"""What groups of customers are worth together, with predictive intervals.

Parameters err in the same direction for everybody, so a group's total is summed draw by draw;
chance differs from customer to customer, so those variances add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
from ibis import _
from scipy.special import ndtri

from joren.ltv.blocks import enough_draws
from joren.ltv.gamma_gamma import expected_spend
from joren.ltv.order_model import OrderModel
from joren.ltv.prediction import totals_by_group
from joren.ltv.statistics import PurchaseStatistics
from joren.stats.arrays import Array


@dataclass(frozen=True)
class GroupTotals:
    """Totals of each group: (n_groups,) customers, expectation and predictive interval."""

    customers: Array
    mean: Array
    lower: Array
    upper: Array


def order_totals(
    cells: ir.Table, model: OrderModel, draws: Array, horizon: int, interval: float
) -> tuple[GroupTotals, GroupTotals]:
    """Orders per group and of all groups together.

    Parameters
    ----------
    cells : from `group_cells`
    model : which model of orders
    draws : (n_draws, n_parameters) equally weighted posterior samples of the model
    horizon : days ahead
    interval : probability of the intervals

    Returns
    -------
    the totals by group in ascending order, and their sum as one group
    """
    frame = _ordered(cells)
    groups, index = np.unique(frame["group"], return_inverse=True)
    customers = frame["customers"].astype(float)
    draws = enough_draws(draws, len(index))
    orders = totals_by_group(_statistics(frame), model, draws, horizon, index, customers[:, None])
    chance = np.bincount(index, frame["chance"], minlength=len(groups))
    counts = np.bincount(index, customers, minlength=len(groups))
    return _intervals(orders[..., 0], chance, counts, interval)


def value_totals(
    cells: ir.Table,
    model: OrderModel,
    order_draws: Array,
    spend_draws: Array,
    horizon: int,
    interval: float,
) -> tuple[GroupTotals, GroupTotals]:
    """Value per group and of all groups together, in currency, undiscounted.

    Parameters
    ----------
    cells : from `group_cells`
    model : which model of orders
    order_draws, spend_draws : (n_draws, n_parameters) and (n_draws, 3) equally weighted posterior
        samples
    horizon : days ahead
    interval : probability of the intervals
    """
    frame = _ordered(cells)
    groups, index = np.unique(frame["group"], return_inverse=True)
    frequencies, by_frequency = np.unique(frame["frequency"], return_inverse=True)
    both = index * len(frequencies) + by_frequency
    weights = np.column_stack([frame["customers"], frame["spend"]]).astype(float)
    order_draws, spend_draws = (enough_draws(d, len(both)) for d in (order_draws, spend_draws))
    orders = totals_by_group(_statistics(frame), model, order_draws, horizon, both, weights)
    orders = np.pad(orders, ((0, len(groups) * len(frequencies) - len(orders)), (0, 0), (0, 0)))
    orders = orders.reshape(len(groups), len(frequencies), len(order_draws), 2)
    constant, slope = expected_spend(spend_draws, frequencies.astype(float))
    totals = (orders[..., 0] * constant + orders[..., 1] * slope).sum(1)
    chance = np.bincount(index, frame["chance"], minlength=len(groups))
    counts = np.bincount(index, weights[:, 0], minlength=len(groups))
    return _intervals(totals, chance, counts, interval)


def group_cells(customers: ir.Table, group: str, chance: str) -> ir.Table:
    """Count the customers of each group that the models cannot tell apart.

    Parameters
    ----------
    customers : frequency, recency, T, spend (of the repeat days) and the columns named
    group : integer column
    chance : column of variances given the parameters
    """
    return (
        customers.group_by(_[group].name("group"), "frequency", "recency", "T")
        .agg(customers=_.count(), spend=_.spend.sum(), chance=_[chance].sum())
        .order_by("frequency", "T", "recency", "group")
    )


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
