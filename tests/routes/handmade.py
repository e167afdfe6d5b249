"""Purchases written as short rows, and the tables that flows read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import ibis.expr.types as ir

from joren.routes.bought import customer_orders, products_bought, purchase_days

START = date(2024, 1, 1)


@dataclass(frozen=True)
class Shop:
    """What a shop sold: canonical tables, and purchases as flows read them."""

    orders: ir.Table
    lines: ir.Table
    identity: ir.Table
    bought: ir.Table
    days: ir.Table
    products: ir.Table


def shop(
    table: Callable[..., ir.Table], sold: list[tuple[str, int, list[str]]], as_of: date,
    reverse: bool = False,
) -> Shop:  # fmt: skip
    """A shop of purchases given as (customer, day from START, products), 100 yen a product."""
    orders, lines = [], []
    for i, (customer, day, products) in enumerate(sold):
        at = datetime(2024, 1, 1, 10) + timedelta(days=day)
        orders.append({
            "source": "shop", "order_id": f"{i:06d}", "source_id": customer, "ordered_at": at,
            "amount": 100 * len(products), "status": "valid", "channel": "ec",
        })  # fmt: skip
        lines += [
            {"source": "shop", "order_id": f"{i:06d}", "line_no": n, "product_id": product,
             "product_name": product, "quantity": 1, "amount": 100}
            for n, product in enumerate(products)
        ]  # fmt: skip
    members = [
        {"source": "shop", "source_id": c, "customer_id": c, "household_id": c,
         "match_rule": "self"}
        for c in sorted({customer for customer, _day, _products in sold})
    ]  # fmt: skip
    if reverse:
        orders, lines, members = orders[::-1], lines[::-1], members[::-1]
    made = [table("canonical/orders", orders), table("canonical/order_lines", lines),
            table("identity_map", members)]  # fmt: skip
    bought = customer_orders(made[0], made[2], as_of)
    days = purchase_days(bought)
    return Shop(*made, bought, days, products_bought(days, bought, made[1]))
