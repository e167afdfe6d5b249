"""What customers bought, added up so that two of them can be taken for one without their orders.

Purchases here are valid orders of a positive or zero amount; refunds lower the value. A customer
who bought on two days or more is a repeater. Value is the amount excluding tax where known.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

TOP_SHARE = 0.1


def purchases_by_customer(orders: ir.Table, owners: ir.Table) -> ir.Table:
    """Each buyer's purchases.

    Parameters
    ----------
    orders : canonical/orders
    owners : source, source_id, customer_id

    Returns
    -------
    customer_id, value (currency), first_day, last_day (dates), purchases (orders)
    """
    known = orders.inner_join(
        owners.select("source", "source_id", "customer_id"), ["source", "source_id"]
    )
    value = ibis.coalesce(known.amount_excluding_tax, known.amount).cast("float64")
    known = known.mutate(value=value, day=known.ordered_at.date())
    bought = (known.status == "valid") & (known.value >= 0)
    counted = known.filter(bought | ((known.value < 0) & known.status.isin(["valid", "returned"])))
    return counted.group_by("customer_id").agg(
        value=counted.value.sum(),
        first_day=counted.day.min(where=counted.value >= 0),
        last_day=counted.day.max(where=counted.value >= 0),
        purchases=(counted.value >= 0).sum(),
    ).filter(ibis._.purchases > 0)  # fmt: skip


def totals(purchases: ir.Table) -> dict[str, float]:
    """buyers, repeat_rate, value_per_buyer and top_tenth_share of `purchases_by_customer`."""
    rank = ibis.percent_rank().over(order_by=purchases.value.desc())
    ranked = purchases.mutate(rank=rank)
    row = ranked.agg(
        buyers=ranked.count(),
        repeat_rate=(ranked.first_day < ranked.last_day).mean(),
        value_per_buyer=ranked.value.mean(),
        top_tenth_share=ranked.value.sum(where=ranked["rank"] < TOP_SHARE) / ranked.value.sum(),
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    return {name: float(value or 0) for name, value in row.items()}
