"""How sure the probability of an order is: its posterior interval for every unique customer."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from joren.ltv.blocks import Part, each_part, enough_draws
from joren.ltv.order_model import OrderModel
from joren.ltv.statistics import PurchaseStatistics
from joren.stats.arrays import Array


def chance_intervals(
    statistics: PurchaseStatistics, model: OrderModel, draws: Array, days: int, interval: float
) -> pa.Table:
    """Interval of P(at least one order within the days ahead), of the parameters alone.

    Parameters
    ----------
    statistics : unique (frequency, recency, T), in days
    model : which model of orders
    draws : (n_draws, n_parameters) equally weighted posterior samples
    days : days ahead
    interval : probability of the interval

    Returns
    -------
    frequency, recency, T, p_order_{days}d_lower, p_order_{days}d_upper
    """
    parameters = model.future.prepare(model, enough_draws(draws, len(statistics)))
    bounds = np.empty((2, len(statistics)))
    levels = (1 - interval) / 2, (1 + interval) / 2
    horizon = np.array([float(days)])

    def look_ahead(x: float, ages: Array, scratch: Array) -> Array:
        return model.future.moments(parameters, x, ages, horizon, 1, scratch)[..., 0, 0]

    def take(part: Part) -> None:
        chance = np.einsum("ijd,ijd->id", part.alive, part.ahead[part.at_age])
        bounds[:, part.rows] = np.quantile(chance, levels, axis=1)

    for _ in each_part(statistics, model.future, parameters, look_ahead, take):
        pass
    lower, upper = np.clip(bounds, 0, 1)
    return pa.table(
        statistics.key() | {f"p_order_{days}d_lower": lower, f"p_order_{days}d_upper": upper}
    )
