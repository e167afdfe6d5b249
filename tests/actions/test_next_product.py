"""The next product: what stands out, is not had yet, and is worth most."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from tests.lists.handmade import mapped, rows_of

from joren.actions.next_product import offers


def test_the_pair_worth_most_that_is_no_chance_and_not_had_yet(con):
    identity = mapped(con, ("s", "1", "a"), ("s", "2", "b"))
    orders = rows_of(con, "next_orders", [
        {"source": "s", "order_id": o, "source_id": who, "ordered_at": datetime(2026, 1, 1),
         "amount": Decimal(1), "status": status}
        for o, who, status in [("o1", "1", "valid"), ("o2", "2", "valid"), ("o3", "2", "cancelled")]
    ], "canonical/orders")  # fmt: skip
    lines = rows_of(con, "next_lines", [
        {"source": "s", "order_id": o, "line_no": n, "product_id": p, "quantity": Decimal(1),
         "amount": Decimal(amount)}
        for o, n, p, amount in [
            ("o1", 1, "tea", 500), ("o2", 1, "tea", 500), ("o2", 2, "cup", 1000),
            ("o2", 3, "tin", 3000), ("o3", 1, "pot", 9000),
        ]
    ], "canonical/order_lines")  # fmt: skip
    pairs = rows_of(con, "next_pairs", [
        {"product": "tea", "next_product": p, "customers": 9, "of_customers": 90, "share": 0.2,
         "expected": 0.1, "lift": 2.0, "lower": lower, "upper": 3.0, "q_value": q}
        for p, lower, q in [("cup", 1.5, 0.01), ("tin", 1.5, 0.5), ("pot", 1.5, 0.01)]
    ], "cross_sell")  # fmt: skip
    found = offers(pairs, lines, orders, identity, 0.4).to_pyarrow().to_pylist()
    # tin may be chance; nobody bought a pot validly, so it has no price; b has the cup
    assert [(r["customer_id"], r["next_product"], r["because_of"]) for r in found] == [
        ("a", "cup", "tea")
    ]
    assert found[0]["next_value"] == pytest.approx(0.2 * 1000 * 0.4)
    assert found[0]["next_value_lower"] == pytest.approx(0.1 * 1.5 * 1000 * 0.4)
