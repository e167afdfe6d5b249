from datetime import date, timedelta

import pandas as pd
import pytest
from tests.routes.handmade import START, shop

from joren.routes.bought import catalogue
from joren.routes.stock import candidates, category_shares, stock_cover

AS_OF = START + timedelta(days=200)


@pytest.fixture
def client(table):
    """Tea lovers t0–t9, cup lovers u0–u9; `pot` is a cup nobody bought but u0."""
    sold = [(f"t{i}", 150 + k, ["tea"]) for i in range(10) for k in range(0, 40, 8)]
    sold += [(f"u{i}", 150 + k, ["cup"]) for i in range(10) for k in range(0, 40, 8)]
    sold += [("t0", 199, ["cup"]), ("u0", 195, ["pot"])]
    made = shop(table, sold, AS_OF)
    products = table("canonical/products", [
        {"source": "s", "product_id": p, "name": p.title(), "category": c, "unit_cost": cost}
        for p, c, cost in (("tea", "teas", 40), ("cup", "cups", 95), ("pot", "cups", 60))
    ])  # fmt: skip
    return made, products, catalogue(made.lines, products)


def _cover(table, client, stock: dict[str, int], counted: date = AS_OF) -> pd.DataFrame:
    made, products, names = client
    rows = [{"source": "s", "product_id": p, "date": counted, "quantity": q}
            for p, q in stock.items()]  # fmt: skip
    rows += [{"source": "s", "product_id": p, "date": counted - timedelta(days=30), "quantity": 999}
             for p in stock]  # fmt: skip
    return stock_cover(
        table("canonical/stock", rows), made.lines, made.orders, products, names, AS_OF, 0.9
    ).set_index("product_id")


def test_what_lasts_too_long_even_at_the_fastest_pace_is_overstocked(table, client):
    found = _cover(table, client, {"tea": 50, "cup": 5000, "pot": 40})

    assert found.on_hand["cup"] == 5000  # the latest count
    assert found.sold["tea"] == 50
    assert found.cover_days["tea"] == pytest.approx(90)
    assert found.overstocked.to_dict() == {"tea": False, "cup": True, "pot": True}
    assert (found.cover_lower < found.cover_days).all()
    assert (found.cover_days < found.cover_upper).all()


def test_the_price_may_fall_to_cost_and_margin_and_no_further(table, client):
    found = _cover(table, client, {"cup": 5000, "pot": 400})

    assert found.floor_price["pot"] == pytest.approx(60 / 0.9)
    assert found.largest_discount["pot"] == pytest.approx(1 - 60 / 0.9 / 100)
    assert found.largest_discount["cup"] == 0  # 95 of 100 leaves no room


def test_an_old_count_says_nothing(table, client):
    assert _cover(table, client, {"tea": 50}, AS_OF - timedelta(days=60)).empty


def test_candidates_love_the_category_and_do_not_have_the_product(table, client):
    made, _products, names = client
    cover = _cover(table, client, {"cup": 5000, "pot": 400}).reset_index()
    found = candidates(cover, made.products, names, None, AS_OF).order_by("place").to_pandas()

    assert set(found.product_id) == {"pot"}  # cups have no room for a coupon
    assert set(found.customer_id) == {f"u{i}" for i in range(1, 10)} | {"t0"}
    assert found.customer_id.iloc[-1] == "t0"
    assert found.place.tolist() == list(range(1, 11))


def test_who_is_likelier_to_order_at_all_comes_first(table, rows, client):
    made, _products, names = client
    cover = _cover(table, client, {"pot": 400}).reset_index()
    ltv = rows([{"customer_id": f"u{i}", "p_order_90d": i / 10} for i in range(1, 10)])
    found = candidates(cover, made.products, names, ltv, AS_OF).order_by("place").to_pandas()

    assert found.customer_id.tolist() == [f"u{i}" for i in range(9, 0, -1)]


def test_a_customers_mix_is_drawn_to_everybodys(client):
    made, _products, names = client
    shares = (
        category_shares(made.products, names).to_pandas().set_index(["customer_id", "category"])
    )

    assert 0.6 < shares.share["t1", "teas"] < 1
    assert shares.share["t0", "cups"] == pytest.approx((1 + 3 * 52 / 102) / (6 + 3))
