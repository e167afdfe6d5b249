from datetime import date, datetime

import pytest

from joren.routes.groups import customer_groups, first_products


@pytest.fixture
def groups(rows, table):
    def make(channels, products=(), segments=()):
        steps = rows([
            {"customer_id": f"C{i}", "kind": "order", "number": 1, "channel": channel}
            for i, channel in enumerate(channels)
        ])  # fmt: skip
        bought = table("canonical/products", []).select(customer_id="product_id", product="name")
        if products:
            bought = rows([
                {"customer_id": f"C{i}", "product": name} for i, name in enumerate(products)
            ])  # fmt: skip
        found = customer_groups(steps, bought, table("segments", list(segments))).to_pandas()
        return found.group_name.value_counts().to_dict()

    return make


def test_small_levels_are_put_together(groups):
    assert groups(["pos"] * 40 + ["ec"] * 30 + ["mall"] * 29 + ["kiosk"]) == {
        "first_channel:pos": 40,
        "first_channel:ec": 30,
        "first_channel:other": 30,
    }


def test_of_many_levels_the_eight_largest_stand_alone(groups):
    found = groups(["pos"], products=[f"p{i}" for i in range(10) for _ in range(30 + i)])
    products = {name: n for name, n in found.items() if name.startswith("product")}
    assert len(products) == 9
    assert products["product:other"] == 30 + 31


def test_segment_and_rank_are_those_of_one_preset(groups):
    segments = [
        {"customer_id": f"C{i}", "preset": preset, "segment": "loyal", "rank": "high"}
        for i in range(35)
        for preset in ("joren", "ltvlab_rfm")
    ]
    found = groups(["pos"], segments=segments)
    assert (found["segment:loyal"], found["rank:high"]) == (35, 35)


def test_the_first_product_is_the_largest_line_of_the_first_order(table):
    member = {"source": "shop", "source_id": "c", "status": "valid", "amount": 10}
    orders = [
        member | {"order_id": "2", "ordered_at": datetime(2026, 2, 1)},
        member | {"order_id": "1", "ordered_at": datetime(2026, 1, 1)},
    ]
    lines = [
        {"source": "shop", "order_id": o, "line_no": n, "product_id": p, "amount": a, "quantity": 1}
        for o, n, p, a in (("1", 1, "tea", 3), ("1", 2, "cup", 7), ("2", 1, "pot", 10))
    ]
    people = [{"source": "shop", "source_id": "c", "customer_id": "C", "household_id": "H",
               "match_rule": "self"}]  # fmt: skip
    found = first_products(
        table("canonical/orders", orders),
        table("canonical/order_lines", lines),
        table("canonical/products", [{"source": "crm", "product_id": "cup", "name": "湯呑"}]),
        table("identity_map", people),
        date(2026, 3, 31),
    )
    assert found.to_pandas().to_dict("records") == [{"customer_id": "C", "product": "湯呑"}]
