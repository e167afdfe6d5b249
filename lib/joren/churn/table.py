"""From states to subscriptions: the rows of the table `churn`."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from joren.churn.forecast import Forecast
from joren.churn.states import KEY, States

KIND = "contractual"


def churn_rows(
    active: ir.Table, states: States, forecast: Forecast, why: list[list[str]], margin_rate: float
) -> ir.Table:
    """One row per active subscription, joined in the engine.

    Parameters
    ----------
    active : from `states.active_rows`
    states, forecast : of these subscriptions; 90 is one of the horizons
    why : reasons of each state
    margin_rate : of the value of an order

    Returns
    -------
    the contract's `churn` (lower and upper are of p_end_90d); p_end_<horizon>d for the other
    horizons; product_id, orders (so far), residual_orders and residual_value (margin, null where
    no order's value is known) of the next `forecast.VALUE_YEARS` years, discounted
    """
    end = {f"p_end_{h}d": p for h, p in zip(forecast.horizons, forecast.end, strict=True)}
    columns = {
        "hazard_next": forecast.next_end[0],
        **{name: mean for name, (mean, _lower, _upper) in end.items()},
        "lower": end["p_end_90d"][1],
        "upper": end["p_end_90d"][2],
        "reasons": pa.array(why, pa.list_(pa.string())),
        "residual_orders": forecast.orders,
        "usual_value": pa.array(states.usual_value, from_pandas=True),
    }
    found = pa.Table.from_pandas(states.rows, preserve_index=False)
    for name, values in columns.items():
        found = found.append_column(name, pa.array(values))
    value = ibis.coalesce(_.order_value, _.usual_value)
    rows = active.join(ibis.memtable(found), list(KEY)).mutate(
        kind=ibis.literal(KIND),
        orders=_.made,
        residual_value=_.residual_orders * value * margin_rate,
    )
    told = [name for name in columns if name != "usual_value"]
    keys = ["source", "subscription_id", "customer_id", "kind"]
    return rows.select(*keys, *told, "product_id", "orders", "residual_value").cache()
