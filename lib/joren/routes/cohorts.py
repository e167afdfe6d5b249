"""LTV推移: cohorts by month of entry, with repeat share and spend at 30-day steps.

Entry is the first purchase ever, or the first purchase of a given product or category
(指定商品初回購入日). Only steps that a whole cohort has reached are given, so that a later
cohort is never compared at a day some of its members have yet to see.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.stats.shares import jeffreys

STEP = 30
STEPS = 12


def entry_days(
    days: ir.Table,
    products: ir.Table | None = None,
    *,
    product_id: str | None = None,
    category: str | None = None,
    names: ir.Table | None = None,
) -> ir.Table:
    """The day each customer entered by.

    Parameters
    ----------
    days : from `bought.purchase_days`
    products : from `bought.products_bought`, needed for a product or a category
    product_id, category : the first purchase of which is the entry; neither for the first ever
    names : from `bought.catalogue`, needed for a category

    Returns
    -------
    customer_id, entered_on
    """
    if product_id is None and category is None:
        chosen = days
    elif product_id is not None:
        chosen = products.filter(_.product_id == product_id)
    else:
        chosen = products.semi_join(names.filter(_.category == category), "product_id")
    return chosen.group_by("customer_id").agg(entered_on=_.day.min())


def cohorts(days: ir.Table, entry: ir.Table, as_of: date) -> pd.DataFrame:
    """Each month's entrants at 30, 60, … days.

    Parameters
    ----------
    days : from `bought.purchase_days`
    entry : from `entry_days`
    as_of : last day, inclusive

    Returns
    -------
    month (its first day), day, customers, repeated (share with a further purchase day by then),
    spend (mean value by then, entry included)
    """
    after = days.join(entry, "customer_id").mutate(
        age=_.day.delta(_.entered_on, unit="day"), month=_.entered_on.truncate("M")
    )
    after = after.filter((_.age >= 0) & (_.age <= STEP * STEPS))
    per_customer = after.mutate(step=ibis.greatest((_.age + STEP - 1) // STEP, 1)).group_by(
        "month", "customer_id", "step"
    )
    by_step = per_customer.agg(value=_.value.sum(), more=(_.age > 0).any())
    first_more = by_step.mutate(
        new=_.more & (_.more.cast("int64").sum().over(
            ibis.cumulative_window(group_by="customer_id", order_by="step")) == 1)
    )  # fmt: skip
    counted = (
        first_more.group_by("month", "step")
        .agg(value=_.value.sum().cast("float64"), repeaters=_.new.sum())
        .order_by("month", "step")
    ).to_pandas()
    entrants = entry.mutate(month=_.entered_on.truncate("M"))
    sizes = (
        entrants.group_by("month").agg(n=_.count(), last=_.entered_on.max()).order_by("month")
    ).to_pandas()
    return _curves(counted, sizes, as_of)


def with_interval(curves: pd.DataFrame, interval: float) -> pd.DataFrame:
    """Add lower and upper of the share that bought again (Jeffreys)."""
    hits = (curves.repeated * curves.customers).round()
    lower, upper = jeffreys(hits, curves.customers, interval)
    return curves.assign(lower=lower, upper=upper)


def _curves(counted: pd.DataFrame, sizes: pd.DataFrame, as_of: date) -> pd.DataFrame:
    rows = []
    for of in sizes.itertuples():
        own = counted[counted.month == of.month].set_index("step")
        whole = (pd.Timestamp(as_of) - pd.Timestamp(of.last)).days // STEP
        steps = own.reindex(range(1, min(whole, STEPS) + 1)).fillna(0)
        total = steps[["value", "repeaters"]].cumsum() / of.n
        rows += [
            {"month": pd.Timestamp(of.month), "day": step * STEP, "customers": of.n,
             "repeated": row.repeaters, "spend": row.value}
            for step, row in zip(steps.index, total.itertuples(), strict=True)
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=["month", "day", "customers", "repeated", "spend"])
