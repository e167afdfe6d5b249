"""The catalogue's products and prices."""

from __future__ import annotations

import numpy as np

from joren.simulate.catalogue import CATEGORIES, COURSES, GOODS, product_near, products


def test_products_are_numbered_from_one_and_courses_come_last():
    table = products().to_pylist()
    assert [row["product_no"] for row in table] == list(range(1, GOODS + len(COURSES) + 1))
    assert len({row["product_id"] for row in table}) == len({row["name"] for row in table})
    assert [row["name"] for row in table[GOODS:]] == [course.name for course in COURSES]
    assert all(0 < row["unit_cost"] < row["price"] for row in table)


def test_food_is_taxed_at_eight_percent_and_the_rest_at_ten():
    rates = {row["category"]: row["tax_rate"] for row in products().to_pylist()[:GOODS]}
    assert {name for name, rate in rates.items() if rate == 8} == {"お茶", "お菓子", "食品"}


def test_the_nearest_product_is_of_the_category_and_close_in_price():
    table = products()
    category = np.repeat(np.arange(len(CATEGORIES)), 500)
    unit_price = np.tile(np.geomspace(200, 20_000, 500), len(CATEGORIES))
    found = product_near(category, unit_price) - 1
    names = np.array(table["category"].to_pylist())[found]
    assert (names == np.array([c.name for c in CATEGORIES])[category]).all()
    prices = np.array(table["price"].to_pylist())[found]
    assert np.abs(np.log(unit_price / prices)).max() < 0.14
