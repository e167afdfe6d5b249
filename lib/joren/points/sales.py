"""Sales that points came with: what was paid and what was granted for it, by month."""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _


def sales_with_points(entries: ir.Table, orders: ir.Table) -> ir.Table:
    """The grants that name an order, with what that order's customer paid.

    Parameters
    ----------
    entries : `canonical/point_entries`; an entry told twice counts once
    orders : `canonical/orders`; valid ones count, without tax where it is known

    Returns
    -------
    month (of the grant), sales (money), tied (points)
    """
    grants = (
        entries.filter(_.kind == "grant", _.order_id.notnull())
        .mutate(of_source=_.order_source.fill_null(_.source))
        .group_by("source", "entry_id")
        .agg(
            at=_.occurred_at.min(),
            of_source=_.of_source.min(),
            order_id=_.order_id.min(),
            points=_.points.min(),
        )
        .mutate(month=_.at.truncate("M").date())
    )
    counted = orders.filter(_.status.fill_null("valid") == "valid", _.amount > 0)
    paid = counted.select(
        of_source=_.source, order_id=_.order_id, paid=_.amount_excluding_tax.fill_null(_.amount)
    )
    # points of one order may come in several grants; what was paid counts once
    by_order = grants.group_by("of_source", "order_id").agg(
        month=_.month.min(), tied=_.points.sum()
    )
    return (
        by_order.join(paid, ["of_source", "order_id"])
        .group_by("month")
        .agg(sales=_.paid.sum(), tied=_.tied.sum().cast("int64"))
        .order_by("month")
    )
