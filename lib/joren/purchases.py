"""What counts as a purchase, for every stage: valid orders by customer and day, refunds taken off.

The rule. A purchase day is a day with at least one valid order of a positive or zero amount; all
of a customer's orders on that day are one purchase. Cancelled, pending and returned orders count
for nothing. A negative row is a refund: it lowers the value of the customer's latest purchase day
up to its own day, and is never a purchase. A refund row that repeats, with opposite sign, an order
already marked returned would subtract it twice; such pairs are matched one to one and left out.
`value` is the amount excluding tax where known, else the amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.contract import MONEY

LOG_GAP_UNITS = 1_000_000


def identified_orders(
    orders: ir.Table, identity_map: ir.Table, keep: Sequence[str] = ()
) -> ir.Table:
    """Orders with their customer and their value; `customer_id` is null for anonymous ones.

    Parameters
    ----------
    orders : canonical/orders
    identity_map : identity_map
    keep : more columns of orders

    Returns
    -------
    customer_id, source, source_id, order_id, ordered_at, day, value, status, those kept
    """
    known = identity_map.select("source", "source_id", "customer_id")
    return orders.left_join(known, ["source", "source_id"]).select(
        "customer_id",
        "source",
        "source_id",
        "order_id",
        "ordered_at",
        "status",
        *keep,
        day=_.ordered_at.date(),
        value=ibis.coalesce(_.amount_excluding_tax, _.amount).cast(MONEY),
    )


def counted_orders(orders: ir.Table, as_of: date) -> ir.Table:
    """The rows that count up to as-of: valid orders and refunds, each refund once.

    Parameters
    ----------
    orders : from `identified_orders`
    as_of : last day, inclusive

    Returns
    -------
    the columns of `orders` but source_id and status, and `is_purchase` (a refund otherwise)
    """
    past = orders.filter(_.day <= as_of)
    refund = (_.value < 0) & _.status.isin(["valid", "returned"])
    counted = past.filter(((_.value >= 0) & (_.status == "valid")) | refund)
    return (
        counted.anti_join(refunds_already_returned(past), ["source", "order_id"])
        .mutate(is_purchase=_.value >= 0)
        .drop("source_id", "status")
    )


def refunds_already_returned(orders: ir.Table) -> ir.Table:
    """Refund rows that only repeat an order marked returned: same member, opposite value, later.

    Returns
    -------
    source, order_id of the refund rows to leave out
    """

    def numbered(rows: ir.Table, size: ir.Value) -> ir.Table:
        rows = rows.mutate(size=size)
        window = ibis.window(
            group_by=["source", "source_id", "size"], order_by=["ordered_at", "order_id"]
        )
        return rows.mutate(pair=ibis.row_number().over(window))

    members = orders.filter(_.source_id.notnull())
    returned = numbered(members.filter((_.status == "returned") & (_.value > 0)), _.value)
    refunds = numbered(
        members.filter((_.value < 0) & _.status.isin(["valid", "returned"])), -_.value
    )
    earlier = returned.select("source", "source_id", "size", "pair", returned_at="ordered_at")
    return (
        refunds.join(earlier, ["source", "source_id", "size", "pair"])
        .filter(_.returned_at <= _.ordered_at)
        .select("source", "order_id")
    )


def purchase_days(counted: ir.Table) -> ir.Table:
    """One row per customer and purchase day, refunds taken off the purchase they follow.

    Parameters
    ----------
    counted : from `counted_orders`

    Returns
    -------
    customer_id, day, value, orders, first_at, last_at, visit (1 for the first day; 0 holds refunds
    from before any purchase, with `orders` 0), log_gap (millionths of ln(days since the purchase
    day before), null without one: as integers their sum does not depend on its order)
    """
    identified = counted.filter(_.customer_id.notnull())
    by_day = identified.group_by("customer_id", "day").agg(
        value=_.value.sum().cast(MONEY),
        orders=_.is_purchase.sum(),
        first_at=_.ordered_at.min(where=_.is_purchase),
        last_at=_.ordered_at.max(where=_.is_purchase),
    )
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="day")
    until_then = ibis.window(group_by="customer_id", order_by="day", preceding=(None, 1))
    bought = by_day.mutate(bought=(_.orders > 0).ifelse(_.day, None))
    visits = bought.mutate(
        visit=_.bought.count().over(so_far), before=_.bought.max().over(until_then)
    ).mutate(gap=_.bought.delta(_.before, unit="day"))
    return visits.group_by("customer_id", "visit").agg(
        day=_.day.min(),
        value=_.value.sum().cast(MONEY),
        orders=_.orders.sum(),
        first_at=_.first_at.min(),
        last_at=_.last_at.max(),
        log_gap=(_.gap.ln() * LOG_GAP_UNITS).round().cast("int64").sum(),
    )
