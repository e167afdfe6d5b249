"""Small tables that a reader can take in: purchase classes, tenths of value, horizons, scores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis import _

from joren.ltv.accuracy import share
from joren.ltv.models import Fit
from joren.ltv.summary import counted_orders, refunds_already_returned
from joren.ltv.totals import GroupTotals, group_cells, order_totals, value_totals

# first and last number of purchase days of each class; the last class is open
_CLASSES = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 10), (11, None))
_TENTHS = 10


@dataclass(frozen=True)
class OrderCounts:
    """Valid orders up to as-of, those nobody is known for, and refunds that would count twice."""

    orders: int
    anonymous: int
    refunded_twice: int


def order_counts(orders: ir.Table, as_of: date) -> OrderCounts:
    """Count what `purchase_summary` rests on and what it leaves out.

    Parameters
    ----------
    orders : from `summary.identified_orders`
    as_of : last day, inclusive
    """
    counted = counted_orders(orders, as_of)
    row = (
        counted.filter(_.is_purchase)
        .agg(orders=_.count(), anonymous=_.customer_id.isnull().sum())
        .to_pyarrow()
        .to_pylist()[0]
    )
    twice = refunds_already_returned(orders.filter(_.day <= as_of)).count().to_pyarrow().as_py()
    return OrderCounts(row["orders"], row["anonymous"] or 0, twice)


def purchase_classes(summary: ir.Table, interval: float) -> pd.DataFrame:
    """How many customers bought on one day, on two, …

    Parameters
    ----------
    summary : purchase_summary
    interval : probability of the intervals of the shares

    Returns
    -------
    label (text key), customers, share, lower, upper, value (what they have spent)
    """
    days = _.frequency + 1
    classes = ibis.cases(
        *((days <= last, i) for i, (_first, last) in enumerate(_CLASSES[:-1])),
        else_=len(_CLASSES) - 1,
    )
    found = {
        row["class"]: row
        for row in summary.group_by(classes.name("class"))
        .agg(customers=_.count(), value=_.past_value.sum().cast("float64"))
        .to_pyarrow()
        .to_pylist()
    }
    total = sum(row["customers"] for row in found.values())
    rows = []
    for i, row in sorted(found.items()):
        measure = share(row["customers"], total, interval)
        rows.append(
            {
                "label": f"ltv.purchase_days.{_class_name(*_CLASSES[i])}",
                "customers": row["customers"],
                "share": measure.value,
                "lower": measure.lower,
                "upper": measure.upper,
                "value": row["value"],
            }
        )
    return pd.DataFrame(rows)


def _class_name(first: int, last: int | None) -> str:
    if last is None:
        return f"from_{first}"
    return str(first) if first == last else f"{first}_to_{last}"


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
