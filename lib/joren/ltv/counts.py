"""What was bought, as counts: valid orders, and customers by number of purchase days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.ltv.accuracy import share
from joren.purchases import counted_orders, refunds_already_returned

# the last number of purchase days of each class; the last class is open
_LAST_DAYS = (1, 2, 3, 5, 10)
CLASS_NAMES = ("1", "2", "3", "4_to_5", "6_to_10", "from_11")


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


def purchase_class(frequency: ir.Value | ir.Deferred) -> ir.Value | ir.Deferred:
    """Name of the class of purchase days (repeat days and the first), one of CLASS_NAMES."""
    named = zip(_LAST_DAYS, CLASS_NAMES, strict=False)
    return ibis.cases(
        *((frequency + 1 <= last, name) for last, name in named), else_=CLASS_NAMES[-1]
    )


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
    found = {
        row["class"]: row
        for row in summary.group_by(purchase_class(_.frequency).name("class"))
        .agg(customers=_.count(), value=_.past_value.sum().cast("float64"))
        .to_pyarrow()
        .to_pylist()
    }
    total = sum(row["customers"] for row in found.values())
    rows = []
    for name in (name for name in CLASS_NAMES if name in found):
        row = found[name]
        measure = share(row["customers"], total, interval)
        rows.append(
            {
                "label": f"ltv.purchase_days.{name}",
                "customers": row["customers"],
                "share": measure.value,
                "lower": measure.lower,
                "upper": measure.upper,
                "value": row["value"],
            }
        )
    return pd.DataFrame(rows)
