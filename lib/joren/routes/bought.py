"""Orders as steps of a customer: her purchase days, numbered, and what she bought on each.

What counts as a purchase is said in `joren.purchases`: orders of one day are one. Products are
known by their `product_id`, whatever system sold them.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.purchases import counted_orders, identified_orders


def customer_orders(orders: ir.Table, identity_map: ir.Table, as_of: date) -> ir.Table:
    """Purchases of known customers up to as-of; refunds and anonymous orders are left out.

    Parameters
    ----------
    orders : canonical/orders
    identity_map : identity_map
    as_of : last day, inclusive

    Returns
    -------
    customer_id, source, order_id, ordered_at, day, value, channel
    """
    counted = counted_orders(identified_orders(orders, identity_map, ("channel",)), as_of)
    bought = counted.filter(_.is_purchase & _.customer_id.notnull())
    return bought.select(
        "customer_id", "source", "order_id", "ordered_at", "day", "value", "channel"
    )


def purchase_days(bought: ir.Table) -> ir.Table:
    """One row per customer and purchase day.

    Parameters
    ----------
    bought : from `customer_orders`

    Returns
    -------
    customer_id, day, value, nth (1 for the first), next_day (null for the last)
    """
    by_day = bought.group_by("customer_id", "day").agg(value=_.value.sum())
    in_order = ibis.window(group_by="customer_id", order_by="day")
    return by_day.mutate(
        nth=ibis.row_number().over(in_order) + 1, next_day=_.day.lead().over(in_order)
    )


def catalogue(lines: ir.Table, products: ir.Table) -> ir.Table:
    """What each product is called and which category it is of: as the product list says, else
    as its lines do.

    Parameters
    ----------
    lines, products : canonical tables, either may be empty

    Returns
    -------
    product_id, name, category (null where nothing tells it)
    """
    listed = products.group_by("product_id").agg(name=_.name.min(), category=_.category.min())
    sold = lines.group_by("product_id").agg(name=_.product_name.min(), category=_.category.min())
    both = sold.outer_join(listed, "product_id")
    return both.select(
        product_id=ibis.coalesce(_.product_id, _.product_id_right),
        name=ibis.coalesce(_.name_right, _.name, _.product_id, _.product_id_right),
        category=ibis.coalesce(_.category_right, _.category),
    )


def product_names(catalog: ir.Table) -> dict[str, str]:
    """What to call each product: its name, with its ID where others bear the same name.

    Parameters
    ----------
    catalog : from `catalogue`
    """
    bearers = _.product_id.count().over(group_by="name")
    shared = (bearers > 1) & (_.name != _.product_id)
    called = shared.ifelse(_.name + " (" + _.product_id + ")", _.name)
    rows = catalog.select("product_id", name=called).to_pandas()
    return dict(rows.itertuples(index=False))


def products_bought(days: ir.Table, bought: ir.Table, lines: ir.Table) -> ir.Table:
    """One row per customer, purchase day and product.

    Parameters
    ----------
    days : from `purchase_days`
    bought : from `customer_orders`
    lines : canonical/order_lines; lines of a negative amount are corrections and left out

    Returns
    -------
    customer_id, product_id, day, nth, next_day, spent, quantity
    """
    kept = lines.filter(_.amount >= 0).select(
        "source", "order_id", "product_id", "quantity", spent="amount"
    )
    of_days = bought.select("customer_id", "day", "source", "order_id")
    by_product = (
        of_days.join(kept, ["source", "order_id"])
        .group_by("customer_id", "day", "product_id")
        .agg(spent=_.spent.sum(), quantity=_.quantity.sum())
    )
    return by_product.join(days.drop("value"), ["customer_id", "day"]).select(
        "customer_id", "product_id", "day", "nth", "next_day", "spent", "quantity"
    )


def entry_products(products: ir.Table) -> ir.Table:
    """The product each customer came in by: the one she spent most on, on her first day.

    Parameters
    ----------
    products : from `products_bought`

    Returns
    -------
    customer_id, product_id; equal amounts go to the smaller identifier
    """
    ranked = products.filter(_.nth == 1).mutate(
        place=ibis.row_number().over(
            group_by="customer_id", order_by=[ibis.desc("spent"), "product_id"]
        )
    )
    return ranked.filter(_.place == 0).select("customer_id", "product_id")
