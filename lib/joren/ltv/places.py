"""Where and when each customer bought: month, channel and store, for whoever looks at a part."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _


def purchases_by_place(counted: ir.Table) -> ir.Table:
    """The table `purchase_places`: known customers' orders by month, channel and store.

    Parameters
    ----------
    counted : from `purchases.counted_orders`, with channel and store; refunds count for nothing
        here, as in routes

    Returns
    -------
    customer_id; month (its first day); channel, store (null where the source names none); orders;
    value (excluding tax where known)
    """
    bought = counted.filter(_.is_purchase & _.customer_id.notnull())
    # a truncated date would be a moment once it is written
    month = ibis.date(_.day.year(), _.day.month(), 1)
    return (
        bought.group_by("customer_id", "channel", "store", month=month)
        .agg(orders=_.count(), value=_.value.sum().cast(bought.value.type()))
        .select("customer_id", "month", "channel", "store", "orders", "value")
    )
