"""Orders → one row per customer: how often, how recently, how long known, how much."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.contract import MONEY
from joren.purchases import purchase_days


def purchase_summary(counted: ir.Table, as_of: date) -> ir.Table:
    """One row per customer who ever bought: the table `purchase_summary`.

    Parameters
    ----------
    counted : from `counted_orders`
    as_of : last day, inclusive

    Returns
    -------
    customer_id; frequency (purchase days − 1); recency (first to last day) and T (first day to
    as-of), in days; monetary_value (mean value of the repeat days, null without one);
    log_gaps (millionths of Σ ln(days between purchase days)); first_ordered_at, last_ordered_at;
    orders (valid orders); past_value (all value to date)
    """
    by_customer = (
        purchase_days(counted)
        .group_by("customer_id")
        .agg(
            frequency=_.visit.max() - 1,
            first_day=_.day.min(where=_.visit > 0),
            last_day=_.day.max(where=_.visit > 0),
            repeat_value=_.value.sum(where=_.visit > 1).cast("float64"),
            log_gaps=_.log_gap.sum(),
            first_ordered_at=_.first_at.min(),
            last_ordered_at=_.last_at.max(),
            orders=_.orders.sum(),
            past_value=_.value.sum().cast(MONEY),
        )
    )
    return by_customer.filter(_.orders > 0).select(
        "customer_id",
        "frequency",
        recency=_.last_day.delta(_.first_day, unit="day"),
        T=ibis.literal(as_of).delta(by_customer.first_day, unit="day"),
        monetary_value=_.repeat_value / _.frequency.nullif(0),
        log_gaps=_.log_gaps.fill_null(0).cast("int64"),
        first_ordered_at=_.first_ordered_at,
        last_ordered_at=_.last_ordered_at,
        orders=_.orders,
        past_value=_.past_value,
    )
