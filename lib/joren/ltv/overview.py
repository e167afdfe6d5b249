"""Small tables that a reader can take in: tenths of value, horizons, scores."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from joren.ltv.models import Fit
from joren.ltv.totals import GroupTotals, group_cells, order_totals, value_totals

_TENTHS = 10


def tenths_of_value(
    customers: ir.Table, fit: Fit, days: int, interval: float
) -> tuple[pd.DataFrame, GroupTotals]:
    """Customers in ten equal parts by LTV, and what each part is expected to spend.

    Parameters
    ----------
    customers : from `value.customer_table`
    fit : both models
    days : horizon, one of the table's
    interval : probability of the predictive intervals

    Returns
    -------
    tenth (1 is the most valuable), customers, total, total_lower, total_upper, share; mean, lower,
    upper per customer; and the total of all customers
    """
    by_value = ibis.window(order_by=[ibis.desc(f"ltv_{days}d"), "customer_id"])
    ranked = customers.mutate(tenth=ibis.ntile(_TENTHS).over(by_value) + 1)
    groups, everybody = value_totals(
        group_cells(ranked, "tenth", f"value_{days}d_chance"),
        fit.order_draws(),
        fit.spend_draws(),
        days,
        interval,
    )
    frame = pd.DataFrame(
        {
            "tenth": range(1, len(groups.mean) + 1),
            "customers": groups.customers.astype(int),
            "total": groups.mean,
            "total_lower": groups.lower,
            "total_upper": groups.upper,
            "share": groups.mean / everybody.mean[0],
        }
    )
    per_customer = {"mean": "total", "lower": "total_lower", "upper": "total_upper"}
    return (
        frame.assign(**{name: frame[col] / frame.customers for name, col in per_customer.items()}),
        everybody,
    )


def value_by_horizon(
    customers: ir.Table, fit: Fit, horizons: list[int], interval: float
) -> pd.DataFrame:
    """What all customers together are expected to spend within each horizon.

    Returns
    -------
    days, mean, lower, upper: in currency, undiscounted, predictive
    """
    everybody = customers.mutate(everybody=ibis.literal(1))
    rows = []
    for days in horizons:
        cells = group_cells(everybody, "everybody", f"value_{days}d_chance")
        total = value_totals(cells, fit.order_draws(), fit.spend_draws(), days, interval)[1]
        rows.append((days, total.mean[0], total.lower[0], total.upper[0]))
    return pd.DataFrame(rows, columns=["days", "mean", "lower", "upper"])


def orders_within(customers: ir.Table, fit: Fit, days: int, interval: float) -> GroupTotals:
    """Purchase days of all customers within a horizon, predictive; one group.

    Parameters
    ----------
    customers : from `value.customer_table`
    fit : both models
    days : horizon, one of the table's
    interval : probability of the predictive interval
    """
    everybody = customers.mutate(everybody=ibis.literal(1))
    cells = group_cells(everybody, "everybody", f"orders_{days}d_chance")
    return order_totals(cells, fit.order_draws(), days, interval)[1]


def score_table(backtest: pa.Table) -> pd.DataFrame:
    """The scores of the whole client, measures together, the outcome and the model first.

    Parameters
    ----------
    backtest : `Backtest.table`

    Returns
    -------
    measure and predictor (text keys), value, lower, upper; in the unit of the measure
    """
    first = {"actual": 0, "bg_nbd": 1, "interval_mass": 2}
    rows = [row for row in backtest.to_pylist() if row["group_name"] == "all"]
    measures = list(dict.fromkeys(row["measure"] for row in rows))
    rows.sort(key=lambda r: (measures.index(r["measure"]), first.get(r["predictor"], 9)))
    return pd.DataFrame(
        {
            "measure": [f"ltv.measure.{row['measure']}" for row in rows],
            "predictor": [f"ltv.predictor.{row['predictor']}" for row in rows],
            **{name: [row[name] for row in rows] for name in ("value", "lower", "upper")},
        }
    )
