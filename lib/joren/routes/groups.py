"""By what routes are told apart: first channel, first product, segment and rank.

A group is named `dimension:level`. Small levels are put together as `other`, so that a group's
edges rest on more than a handful of customers. Periods are groups of transitions, not of
customers; see `edges.half_year`.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.purchases import counted_orders, identified_orders
from joren.routes.touchpoints import ORDER, UNKNOWN

REST = "other"
_SMALLEST, _MOST = 30, 8


def customer_groups(steps: ir.Table, products: ir.Table, segments: ir.Table) -> ir.Table:
    """The groups of every customer.

    Parameters
    ----------
    steps : from `steps.coded_steps`
    products : customer_id, product; from `first_products`; may be empty
    segments : segments; the first preset in alphabetical order counts; may be empty

    Returns
    -------
    customer_id, group_name; one row for each dimension that knows the customer
    """
    first = steps.filter((_.kind == ORDER) & (_.number == 1))
    preset = segments.filter(_.preset == segments.preset.min().as_scalar())
    return ibis.union(
        _levels(first.select("customer_id", level=_.channel.fill_null(UNKNOWN)), "first_channel"),
        _levels(products.select("customer_id", level="product"), "product"),
        _levels(preset.select("customer_id", level="segment"), "segment"),
        _levels(preset.select("customer_id", level="rank"), "rank"),
    )


def first_products(
    orders: ir.Table, lines: ir.Table, products: ir.Table, identity_map: ir.Table, as_of: date
) -> ir.Table:
    """What each customer bought first: the product of the largest amount in her first order.

    Parameters
    ----------
    orders, lines, products : canonical tables; lines and products may be empty
    identity_map : source records → customers

    Returns
    -------
    customer_id, product (its name; its ID where no table names it)
    """
    counted = counted_orders(identified_orders(orders, identity_map), as_of)
    bought = counted.filter(_.is_purchase & _.customer_id.notnull())
    order = [bought.ordered_at, bought.source, bought.order_id]
    place = ibis.row_number().over(group_by="customer_id", order_by=order)
    first = bought.mutate(place=place).filter(_.place == 0)
    within = first.select("customer_id", "source", "order_id").join(lines, ["source", "order_id"])
    ranked = [ibis.desc(within.amount), within.product_id, within.line_no]
    largest = within.mutate(
        place=ibis.row_number().over(group_by="customer_id", order_by=ranked)
    ).filter(_.place == 0)
    names = products.group_by("product_id").agg(name=_.name.max())
    return largest.left_join(names, "product_id").select(
        "customer_id", product=ibis.coalesce(_.name, _.product_name, _.product_id)
    )


def _levels(rows: ir.Table, dimension: str) -> ir.Table:
    rows = rows.filter(_.level.notnull())
    kept = (
        rows.group_by("level")
        .agg(size=_.count())
        .filter(_.size >= _SMALLEST)
        .order_by(ibis.desc("size"), "level")
        .limit(_MOST)
        .select(kept="level")
    )
    joined = rows.left_join(kept, rows.level == kept.kept)
    return joined.select(
        "customer_id", group_name=(ibis.literal(f"{dimension}:") + joined.kept.fill_null(REST))
    )
