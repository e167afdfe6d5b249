"""Orders as written down: taxes by rate, points, everything that was ordered."""

from types import SimpleNamespace

import pyarrow as pa

from joren.simulate.order_records import record_orders


def _recorded(**order):
    row = {
        "order_no": 1, "system": "pos", "ordered_at": "2024-05-01 10:00:00", "goods_8": 0,
        "goods_10": 0, "shipping": 0, "fee": 0, "discount": 0, **order,
    }  # fmt: skip
    row["amount"] = (
        row["goods_8"] + row["goods_10"] + row["shipping"] + row["fee"] - row["discount"]
    )
    lines = [
        {"order_no": 1, "line_no": 1, "quantity": 2},
        {"order_no": 1, "line_no": 2, "quantity": 3},
    ]
    behaviour = SimpleNamespace(
        orders=pa.Table.from_pylist([row]), lines=pa.Table.from_pylist(lines)
    )
    accounts = SimpleNamespace(
        orders=pa.table({"order_no": [1], "order_id": ["A"], "source_id": ["M"]})
    )
    ledger = SimpleNamespace(
        orders=pa.table(
            {
                "order_no": [2], "points_used": [5], "points_granted": [5], "balance_before": [0],
                "balance": [0],
            }
        )
    )  # fmt: skip
    orders, written = record_orders(behaviour, accounts, ledger)
    return orders.to_pylist()[0], written.to_pylist()


def test_tax_is_taken_from_each_rate_after_its_share_of_the_discount():
    order, _ = _recorded(goods_8=1_080, goods_10=2_160, discount=300, shipping=550)
    assert (order["net_8"], order["net_10"]) == (980, 2_510)
    assert (order["tax_8"], order["tax_10"]) == (72, 228)


def test_a_refund_takes_back_exactly_the_tax_of_its_sale():
    sale, _ = _recorded(goods_8=1_234, goods_10=777, discount=100)
    refund, _ = _recorded(goods_8=-1_234, goods_10=-777, discount=-100)
    # a discount in yen that cannot be shared evenly may fall on the other rate, never be lost
    assert refund["net_8"] + refund["net_10"] == -(sale["net_8"] + sale["net_10"])
    assert abs(refund["net_8"] + sale["net_8"]) <= 1


def test_an_order_without_goods_has_no_share_to_spread():
    order, _ = _recorded(shipping=550)
    assert (order["net_8"], order["tax_10"]) == (0, 50)


def test_an_order_without_points_used_and_earned_none():
    order, lines = _recorded(goods_8=108)
    assert (order["points_used"], order["points_granted"], order["balance"]) == (0, 0, None)
    assert order["pieces"] == 5
    assert [line["order_id"] for line in lines] == ["A", "A"]
