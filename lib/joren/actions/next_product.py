"""What a customer may buy next: the pair of products that stands out most among what she has.

Shares and lifts come from table `cross_sell` (associations: those who bought the one went on to the
other more often than her kind does); what a purchase brings is the product's usual line, times the
margin.
"""

from __future__ import annotations

import ibis.expr.types as ir
from ibis import _

LARGEST_Q = 0.1


def offers(
    cross_sell: ir.Table,
    lines: ir.Table,
    orders: ir.Table,
    identity_map: ir.Table,
    margin_rate: float,
) -> ir.Table:
    """The next product of each customer worth most, among pairs that are not chance.

    Parameters
    ----------
    cross_sell : table; pairs with a q-value above `LARGEST_Q` or a lift that may be 1 are left out
    lines, orders : canonical/order_lines, canonical/orders

    Returns
    -------
    customer_id, next_product, because_of (the product she bought), next_value (share x usual line x
    margin) with its lower and upper (the lift's interval)
    """
    pairs = cross_sell.filter((_.q_value <= LARGEST_Q) & (_.lower > 1))
    valid = orders.filter(_.status == "valid").select("source", "order_id", "source_id")
    owned = lines.inner_join(valid, ["source", "order_id"])
    usual = owned.group_by("product_id").agg(
        line=owned.amount.sum().cast("float64") / owned.count()
    )
    owners = identity_map.select("source", "source_id", "customer_id")
    bought = owned.inner_join(owners, ["source", "source_id"])
    bought = bought.select("customer_id", "product_id").distinct()
    ahead = bought.inner_join(pairs, bought.product_id == pairs["product"])
    had = bought.select("customer_id", next_product="product_id")
    new = ahead.anti_join(had, ["customer_id", "next_product"])
    priced = new.inner_join(usual.rename(next_product="product_id"), "next_product")
    brings = priced.line * margin_rate
    priced = priced.mutate(
        next_value=priced.share * brings,
        next_value_lower=priced.expected * priced.lower * brings,
        next_value_upper=priced.expected * priced.upper * brings,
    )
    order = [priced.next_value.desc(), priced.next_product, priced["product"]]
    return priced.group_by("customer_id").agg(
        next_product=priced.next_product.first(order_by=order),
        because_of=priced["product"].first(order_by=order),
        **{
            name: priced[name].first(order_by=order)
            for name in ("next_value", "next_value_lower", "next_value_upper")
        },
    )
