"""What a customer's first order says of her: channel, half-year, product category."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _


def with_categories(
    summary: ir.Table, counted: ir.Table, orders: ir.Table, order_lines: ir.Table | None = None
) -> ir.Table:
    """Add the categories a customer brings with her first order; null where it says nothing.

    Parameters
    ----------
    summary : purchase_summary
    counted : from `summary.counted_orders`, as the summary was made of
    orders : canonical/orders
    order_lines : canonical/order_lines

    Returns
    -------
    the columns of `summary`; first_channel; cohort (half-year of the first order, `2026H1`);
    first_category (of its first line that has one), absent without `order_lines`
    """
    keys = summary.select("customer_id", ordered_at="first_ordered_at")
    # orders of one instant: the smallest identifier stands for them, whatever the engine's order
    first = (
        counted.filter(_.is_purchase)
        .join(keys, ["customer_id", "ordered_at"])
        .group_by("customer_id")
        .agg(first=ibis.struct({"source": _.source, "order_id": _.order_id}).min())
        .select("customer_id", source=_.first.source, order_id=_.first.order_id)
    )
    told = first.join(orders.select("source", "order_id", "channel"), ["source", "order_id"])
    columns = {"first_channel": told.channel}
    if order_lines is not None:
        lines = order_lines.filter(_.category.notnull()).group_by("source", "order_id")
        category = lines.agg(first_category=_.category.argmin(_.line_no))
        told = told.left_join(category, ["source", "order_id"])
        columns = {"first_channel": told.channel, "first_category": told.first_category}
    half = (summary.first_ordered_at.month() > 6).ifelse("H2", "H1")
    cohort = summary.first_ordered_at.year().cast("string") + half
    found = told.select("customer_id", **columns)
    known = summary.mutate(cohort=cohort).left_join(found, "customer_id")
    return known.select(*summary.columns, "first_channel", "cohort", *list(columns)[1:])
