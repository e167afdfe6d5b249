"""From orders to money, per customer, in the engine.

Given the parameters, N orders of a customer with spend parameter ν are worth a sum V of N Gamma(p,
ν) amounts, so E[V] = E[N]·p/ν and E[V²] = E[N]·p/ν² + E[N²]·(p/ν)². Order and spend parameters
are independent a posteriori, hence both moments are products of one order moment per unique
(frequency, recency, T) and one polynomial of the customer's own spend per frequency: exact, and
O(1) per customer.

A customer's predictive distribution of V is a hurdle: nothing with probability P(N = 0), exactly,
else a gamma with the exact mean and variance of V given an order (its 95 % point holds 94–96 % of
the true distribution). Discounting multiplies V by the
customer's mean discount factor E[discounted N]/E[N]; its spread around that mean is left out (over
two years at 10 % it moves the standard deviation by less than 1 %).
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _, udf

from joren.ltv.gamma_gamma import SpendMoments
from joren.ltv.hurdle_gamma import hurdle_gamma_quantiles
from joren.ltv.prediction import OrderForecast
from joren.ltv.statistics import KEY, PurchaseStatistics

_FIVE_YEARS = 5 * 365


def customer_table(
    summary: ir.Table,
    statistics: PurchaseStatistics,
    forecast: OrderForecast,
    spend: SpendMoments,
    *,
    as_of: date,
    margin_rate: float,
    interval: float,
) -> ir.Table:
    """What to expect of every customer: the table `ltv` and the variances of its values.

    Parameters
    ----------
    summary : purchase_summary
    statistics, forecast : unique customers and their order forecast, row by row
    spend : spend moments of every frequency in `statistics`
    as_of : last day of data
    margin_rate : margin per revenue
    interval : probability of the predictive intervals

    Returns
    -------
    the columns of contract.py's `ltv` for each horizon h of the forecast, and what `totals` needs:
    frequency, recency, T, spend, and the variances given the parameters `orders_{h}d_chance` and
    `value_{h}d_chance`
    """
    joined = (
        summary.mutate(
            spend=ibis.greatest((_.frequency * _.monetary_value).fill_null(0.0), ibis.literal(0.0))
        )
        .join(ibis.memtable(_forecast_rows(statistics, forecast)), KEY)
        .join(ibis.memtable(_spend_rows(spend)), "frequency")
    )
    for days in forecast.horizons:
        joined = _with_horizon(joined, days, margin_rate, interval)
    names = [name for days in forecast.horizons for name in _names(days)]
    days_ahead = ibis.greatest(joined.next_order.round(), 1).cast("int64").as_interval("D")
    in_time = joined.next_order <= _FIVE_YEARS
    next_order_at = (ibis.literal(as_of).cast("timestamp(6)") + days_ahead).cast("timestamp(6)")
    customers = joined.mutate(
        expected_next_order_at=in_time.ifelse(next_order_at, ibis.null("timestamp(6)")),
        overdue_ratio=(joined["T"] - joined.recency) / joined.usual_gap.nullif(0.0),
    )
    timing = ("expected_next_order_at", "overdue_ratio", "past_value")
    return customers.select("customer_id", "p_alive", *names, *timing, *KEY, "spend").cache()


def ltv_table(customers: ir.Table) -> ir.Table:
    """The columns of `customer_table` that make the table `ltv`."""
    working = [name for name in customers.columns if name.endswith("_chance")]
    return customers.drop(*KEY, "spend", *working)


def _names(days: int) -> list[str]:
    return [
        f"p_order_{days}d",
        f"expected_orders_{days}d",
        f"expected_value_{days}d",
        f"ltv_{days}d",
        f"ltv_{days}d_lower",
        f"ltv_{days}d_upper",
        f"ltv_{days}d_sd",
        f"orders_{days}d_chance",
        f"value_{days}d_chance",
    ]


def _with_horizon(table: ir.Table, days: int, margin_rate: float, interval: float) -> ir.Table:
    mean, square = table[f"expected_orders_{days}d"], table[f"square_{days}d"]
    p_order = table[f"p_order_{days}d"]
    value = mean * _polynomial(table, "mean")
    value_square = mean * _polynomial(table, "variance") + square * _polynomial(table, "square")
    explained = table[f"mean_square_{days}d"] * _polynomial(table, "mean_square")
    to_margin = margin_rate * table[f"discount_{days}d"]

    def bound(level: float) -> ir.Value:
        return to_margin * hurdle_gamma_quantile(
            ibis.literal(level, "float64"), p_order, value, value_square
        )

    return table.mutate(
        **{
            f"expected_value_{days}d": value,
            f"ltv_{days}d": to_margin * value,
            f"ltv_{days}d_lower": bound((1 - interval) / 2),
            f"ltv_{days}d_upper": bound((1 + interval) / 2),
            f"ltv_{days}d_sd": to_margin
            * ibis.greatest(value_square - value * value, ibis.literal(0.0)).sqrt(),
            f"orders_{days}d_chance": square - table[f"mean_square_{days}d"],
            f"value_{days}d_chance": ibis.greatest(value_square - explained, ibis.literal(0.0)),
        }
    )


def _polynomial(table: ir.Table, name: str) -> ir.Value:
    coefficients = [table[c] for c in table.columns if c.startswith(f"spend_{name}_at_")]
    total = coefficients[0]
    for power, coefficient in enumerate(coefficients[1:], start=1):
        for _times in range(power):
            coefficient = coefficient * table.spend
        total = total + coefficient
    return total


def _forecast_rows(statistics: PurchaseStatistics, forecast: OrderForecast) -> pa.Table:
    columns = {
        **statistics.key(),
        "p_alive": forecast.p_alive,
        "next_order": forecast.next_order,
        "usual_gap": forecast.usual_gap,
    }
    for h, days in enumerate(forecast.horizons):
        mean = forecast.mean[:, h]
        columns |= {
            f"p_order_{days}d": forecast.p_order[:, h],
            f"expected_orders_{days}d": mean,
            f"square_{days}d": forecast.square[:, h],
            f"mean_square_{days}d": forecast.mean_square[:, h],
            f"discount_{days}d": np.divide(
                forecast.discounted[:, h], mean, out=np.ones_like(mean), where=mean > 0
            ),
        }
    return pa.table(columns)


def _spend_rows(spend: SpendMoments) -> pa.Table:
    columns = {"frequency": spend.frequency.astype(np.int64)}
    for name in ("mean", "mean_square", "variance", "square"):
        for power, coefficient in enumerate(getattr(spend, name).T):
            columns[f"spend_{name}_at_{power}"] = coefficient
    return pa.table(columns)


@udf.scalar.pyarrow
def hurdle_gamma_quantile(level: float, p_order: float, mean: float, square: float) -> float:
    """`hurdle_gamma_quantiles` inside the engine."""
    columns = [column.to_numpy(zero_copy_only=False) for column in (level, p_order, mean, square)]
    return pa.array(hurdle_gamma_quantiles(float(columns[0][0]), *columns[1:]))
