from datetime import date

import ibis
import numpy as np
import pytest
from tests.routes.handmade import shop

from joren.routes.cross_sell import by_category, cross_sell, pairs_compared
from joren.routes.frames import as_table

AS_OF = date(2026, 12, 31)
PRODUCTS = [f"p{i}" for i in range(8)]


def _chance(seed: int, customers: int = 400, follows: float = 0.0) -> list:
    """Four purchases a customer of one or two products at random; after p0, p1 follows with a
    chance of its own."""
    rng = np.random.default_rng(seed)
    sold = []
    for c in range(customers):
        basket: list[str] = []
        for visit in range(4):
            size = 1 + int(rng.random() < 0.4)
            after = "p0" in basket and rng.random() < follows
            basket = list(rng.choice(PRODUCTS, size, replace=False))
            if after and "p1" not in basket:
                basket[0] = "p1"
            sold.append((f"c{c:03d}", 30 * visit, basket))
    return sold


def test_a_planted_pair_is_found_with_its_direction_and_nothing_else(table):
    found = cross_sell(shop(table, _chance(1, follows=0.5), AS_OF).products, 0.9)
    best = found.sort_values("q_value").iloc[0]

    assert (best["product"], best.next_product) == ("p0", "p1")
    assert best.lower > 1.5
    assert best.first_before > 0.5
    back = found[(found["product"] == "p1") & (found.next_product == "p0")].iloc[0]
    assert back.q_value > 0.1
    assert (found.q_value <= 0.1).sum() <= 2


def test_without_a_pattern_pairs_are_found_no_more_often_than_the_rate_says(table):
    runs = 5
    claimed = sum(
        (cross_sell(shop(table, _chance(s, 200), AS_OF).products, 0.9).q_value <= 0.1).any()
        for s in range(runs)
    )
    # at most a tenth of the runs, and binomial noise of three standard deviations
    assert claimed <= runs * 0.1 + 3 * np.sqrt(runs * 0.09)


def test_a_customer_counts_once_however_often_she_repeats(table):
    often = [("loud", 2 * k, ["p0" if k % 2 else "p1"]) for k in range(100)]
    quiet = [(f"c{i}", day, [p]) for i in range(60) for day, p in ((0, "p0"), (9, "p2"))]
    quiet += [(f"d{i}", day, [p]) for i in range(60) for day, p in ((0, "p1"), (9, "p2"))]
    found = cross_sell(shop(table, often + quiet, AS_OF).products, 0.9)

    pairs = found.set_index(["product", "next_product"])
    assert ("p0", "p1") not in pairs.index  # one customer's fifty are one
    assert pairs.customers["p0", "p2"] == 60


def test_larger_baskets_alone_are_no_lift(table):
    rng = np.random.default_rng(6)
    sold = []
    for c in range(600):
        size = 4 if c % 2 else 1  # who buys much, buys much of everything
        for visit in range(3):
            sold.append((f"c{c}", 20 * visit, list(rng.choice(PRODUCTS, size, replace=False))))
    found = cross_sell(shop(table, sold, AS_OF).products, 0.9)

    assert found.lift.median() == pytest.approx(1, abs=0.12)


def test_strange_names_and_shuffled_rows(table):
    named = {"p0": "A>B", "p1": '"q"\'\n', "p2": "緑茶, 大"}
    sold = [
        (c, d, [named.get(p, p) for p in ps]) for c, d, ps in _chance(2, 150)
    ]  # fmt: skip
    tables = [
        as_table(cross_sell(shop(table, sold, AS_OF, reverse).products, 0.9), "cross_sell")
        for reverse in (False, True)
    ]
    assert tables[0].equals(tables[1])
    assert set(named.values()) <= set(tables[0]["product"].to_pylist())


def test_categories_may_follow_themselves_and_all_pairs_are_counted(table):
    made = shop(table, _chance(4), AS_OF)
    names = ibis.memtable(
        {"product_id": PRODUCTS, "category": ["teas"] * 4 + ["cups"] * 3 + [None]}
    )
    found = cross_sell(by_category(made.products, names), 0.9, same=True)

    assert set(found["product"]) == {"teas", "cups"}
    assert len(found) == 4
    assert pairs_compared(made.products) == 8 * 7
