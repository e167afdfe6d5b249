from datetime import date

import pytest
from tests.routes.handmade import shop

from joren.routes.product_mix import product_mix

AS_OF = date(2025, 12, 30)


def test_first_time_and_repeat_buyers_of_each_product(table):
    sold = [("a", 0, ["tea"]), ("a", 5, ["tea", "cup"]), ("a", 9, ["tea"]), ("b", 0, ["cup"])]
    found = product_mix(shop(table, sold, AS_OF).products, AS_OF, 0.9).set_index("product_id")

    tea, cup = found.loc["tea"], found.loc["cup"]
    assert (tea.customers, tea.new_customers, tea.purchases, tea.again) == (1, 1, 3, 2)
    assert (cup.customers, cup.new_customers, cup.purchases, cup.again) == (2, 1, 2, 0)
    assert tea.again_share == pytest.approx(2 / 3)
    assert found.repeat_rate.isna().all()  # of too few customers


def test_a_repeat_rate_is_of_customers_not_of_orders(table):
    sold = [(f"c{i}", i, ["tea"]) for i in range(40)]
    sold += [(f"c{i}", i + 20 * k, ["tea"]) for i in range(10) for k in range(1, 9)]
    row = product_mix(shop(table, sold, AS_OF).products, AS_OF, 0.9).iloc[0]

    assert row.repeat_rate == pytest.approx(0.25)
    assert row.lower < 0.25 < row.upper
    assert row.median_days == 20
