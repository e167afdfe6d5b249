from datetime import date

import numpy as np
import pytest
from tests.routes.handmade import shop

from joren.routes.bought import entry_products
from joren.routes.frames import as_table
from joren.routes.purchase_flow import leaving_products, longest_flow, purchase_flow

AS_OF = date(2025, 12, 30)  # day 729


def _staggered(
    n: int, seed: int, product: str = "tea", returns: float = 0.6, then: str = "cup"
) -> list:
    """Customers who begin all through two years; `returns` of them come back after 10–190 days."""
    rng = np.random.default_rng(seed)
    sold = []
    for i in range(n):
        began = int(rng.integers(0, 730))
        sold.append((f"{product}{i}", began, [product]))
        back = began + int(rng.integers(10, 191))
        if rng.random() < returns and back <= 729:
            sold.append((f"{product}{i}", back, [then]))
    return sold


def test_customers_who_have_only_just_bought_are_not_counted_as_lost(table):
    made = shop(table, _staggered(3000, seed=2), AS_OF)
    first = purchase_flow(made.days, None, AS_OF, 0.9).iloc[0]

    assert first.lower < 0.6 < first.upper
    assert first.rate == pytest.approx(0.6, abs=0.03)
    assert first.naive_rate < 0.55
    assert first.median_days == pytest.approx(100, abs=12)


def test_an_entry_product_has_a_flow_of_its_own_under_its_own_name(table):
    strange = 'A>B "x"\'\n茶'
    made = shop(table, _staggered(200, 1) + _staggered(200, 3, strange, 0.2), AS_OF)
    found = purchase_flow(made.days, entry_products(made.products), AS_OF, 0.9)

    second = found[found.from_order == 1].set_index("product").rate
    assert second[strange] < 0.35 < 0.5 < second["tea"]
    assert found["product"].isna().sum() >= 1


def test_shuffled_rows_give_the_same_table(table):
    tables = []
    for reverse in (False, True):
        made = shop(table, _staggered(300, 5), AS_OF, reverse)
        found = purchase_flow(made.days, entry_products(made.products), AS_OF, 0.9)
        tables.append(as_table(found, "purchase_flow"))
    assert tables[0].equals(tables[1])


def test_too_short_a_history_gives_no_rate(table):
    made = shop(table, [(f"c{i}", i, ["tea"]) for i in range(100)], date(2024, 6, 1))
    assert purchase_flow(made.days, None, date(2024, 6, 1), 0.9).empty


def test_a_year_of_data_is_told_over_half_a_year(table):
    as_of = date(2024, 12, 30)
    days = shop(table, _staggered(600, seed=2), as_of).days
    flow, horizon = longest_flow(days, None, as_of, 0.9)

    assert horizon == 180
    assert set(flow.horizon) == {180}
    assert flow.from_order.iloc[0] == 1


def test_where_nobody_was_watched_for_long_no_horizon_is_told(table):
    made = shop(table, [(f"c{i}", i % 20, ["tea"]) for i in range(100)], date(2024, 2, 1))
    flow, horizon = longest_flow(made.days, None, date(2024, 2, 1), 0.9)
    assert flow.empty
    assert horizon == 90


def test_the_product_after_which_customers_leave_is_found(table):
    sold = _staggered(400, 7) + _staggered(400, 8, "pot", returns=0.1)
    found = leaving_products(shop(table, sold, AS_OF).products, AS_OF, 0.9).set_index("product_id")

    assert found.left["pot"] == pytest.approx(0.9, abs=0.05)
    assert found.q_value["pot"] < 0.001


def test_without_a_difference_no_product_stands_out(table):
    sold = [row for i in range(6) for row in _staggered(150, 20 + i, f"p{i}", then=f"p{i}")]
    found = leaving_products(shop(table, sold, AS_OF).products, AS_OF, 0.9)

    assert len(found) == 6
    assert (found.q_value > 0.05).all()
