from datetime import date

import ibis
import pandas as pd
import pytest
from tests.routes.handmade import shop

from joren.routes.cohorts import cohorts, entry_days, with_interval

SOLD = [("a", 0, ["tea"]), ("a", 20, ["cup"]), ("a", 70, ["cup"]), ("b", 10, ["cup"]),
        ("c", 40, ["tea"])]  # fmt: skip
AS_OF = date(2024, 5, 1)  # day 121


def test_a_cohort_is_followed_only_as_far_as_all_of_it_has_been(table):
    made = shop(table, SOLD, AS_OF)
    found = cohorts(made.days, entry_days(made.days), AS_OF).set_index(["month", "day"])
    january, february = pd.Timestamp(2024, 1, 1), pd.Timestamp(2024, 2, 1)

    assert found.loc[january].index.tolist() == [30, 60, 90]
    assert found.loc[february].index.tolist() == [30, 60]
    assert found.repeated[january, 30] == 0.5
    assert found.spend[january, 30] == pytest.approx(150)
    assert found.spend[january, 90] == pytest.approx(200)


def test_entry_may_be_the_first_purchase_of_a_product_or_category(table):
    made = shop(table, SOLD, AS_OF)
    names = ibis.memtable({"product_id": ["tea", "cup"], "category": ["drinks", "things"]})
    by_product = entry_days(made.days, made.products, product_id="cup").to_pandas()
    by_category = entry_days(made.days, made.products, category="drinks", names=names).to_pandas()

    entered = by_product.set_index("customer_id").entered_on.astype(str)
    assert entered.to_dict() == {"a": "2024-01-21", "b": "2024-01-11"}
    assert sorted(by_category.customer_id) == ["a", "c"]


def test_what_was_bought_before_the_entry_does_not_count(table):
    made = shop(table, SOLD, AS_OF)
    entry = entry_days(made.days, made.products, product_id="cup")
    found = cohorts(made.days, entry, AS_OF).set_index(["month", "day"])

    assert found.spend[pd.Timestamp(2024, 1, 1), 30] == pytest.approx(100)


def test_a_share_has_its_interval():
    curves = pd.DataFrame({"repeated": [0.5], "customers": [10]})
    row = with_interval(curves, 0.9).iloc[0]
    assert 0.2 < row.lower < 0.5 < row.upper < 0.8
