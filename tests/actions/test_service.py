"""Staff hours: the optimum, what one more hour reaches, and who is held out."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.actions.handmade import AS_OF, facts_of
from tests.lists.handmade import plain

from joren.actions.service import allocate, cells, chosen, guests
from joren.params_actions import Service


def cells_of(*rows):
    return pd.DataFrame(rows, columns=["store", "n", "mean", "se"])


def staff_of(*rows):
    return pd.DataFrame(rows, columns=["store", "role", "hours"])


HOUR = Service(share_of_hours=1.0, minutes_each=30, hold_out=0.0)


def test_hours_go_to_the_most_valuable_of_the_own_store():
    # 3 hours are 6 customers: the 4 worth 100 and 2 of those worth 40
    found = allocate(
        cells_of(("A", 4, 100.0, 0.0), ("A", 10, 40.0, 0.0), ("B", 5, 500.0, 0.0)),
        staff_of(("A", "sales", 3)), HOUR, 0.9, 1,
    )  # fmt: skip
    assert found.value == pytest.approx(480)
    assert found.reached["A"] == pytest.approx(6)
    # one more hour reaches two more of those worth 40; nothing varies, so the interval is closed
    row = found.hours.iloc[0]
    assert (row.shadow_price, row.lower, row.upper) == pytest.approx((80, 80, 80))
    assert row.used == pytest.approx(3)


def test_hours_to_spare_are_worth_nothing_more():
    found = allocate(cells_of(("A", 2, 9.0, 0.0)), staff_of(("A", "x", 10)), HOUR, 0.9, 1)
    assert found.hours.iloc[0].shadow_price == pytest.approx(0)
    assert found.hours.iloc[0].used == pytest.approx(1)


def test_a_desk_where_nobody_buys_looks_after_anybody():
    found = allocate(
        cells_of(("", 1, 70.0, 0.0), ("A", 1, 50.0, 0.0)),
        staff_of(("desk", "service", 0.5), ("A", "sales", 0.5)), HOUR, 0.9, 1,
    )  # fmt: skip
    assert found.value == pytest.approx(120)
    assert found.reached == pytest.approx({"": 1, "A": 1})


def test_who_is_held_out_takes_no_time():
    rules = Service(share_of_hours=1.0, minutes_each=60, hold_out=0.5)
    found = allocate(cells_of(("A", 9, 10.0, 0.0)), staff_of(("A", "x", 2)), rules, 0.9, 1)
    # 4 are reached, 2 of them looked after: an hour is worth one customer
    assert found.reached["A"] == pytest.approx(4)
    assert found.hours.iloc[0].customers == pytest.approx(2)
    assert found.hours.iloc[0].shadow_price == pytest.approx(10)
    assert found.value == pytest.approx(20)


def test_a_role_without_minutes_is_left_out_and_unsure_values_widen_the_interval():
    rules = Service(share_of_hours=1.0, minutes_each=60, minutes={"till": 0}, hold_out=0.0)
    found = allocate(
        cells_of(("A", 9, 10.0, 3.0)), staff_of(("A", "x", 2), ("A", "till", 5)), rules, 0.9, 1
    )
    row = found.hours.iloc[0]
    assert list(found.hours.role) == ["x"]
    assert row.lower < row.shadow_price < row.upper
    assert found.lower < found.value < found.upper


def test_the_hours_reach_the_most_valuable_and_some_of_them_are_held_out(con):
    facts = facts_of(con, *(
        {"customer_id": f"c{n}", "ltv_365d": float(n), "ltv_365d_sd": 1.0, "status": "loyal"}
        for n in range(10)
    ))  # fmt: skip
    homes = plain(con, "homes", {"customer_id": "string", "store": "string"},
                  [(f"c{n}", "A") for n in range(9)])  # fmt: skip
    people = guests(con, facts, homes)
    sums = cells(people)
    assert sums.set_index("store").n.to_dict() == {"": 1, "A": 9}
    assert sums.set_index("store")["mean"]["A"] == pytest.approx(4.0)
    rules = Service(hold_out=0.5)
    near = chosen(con, people, {"A": 4.0}, None, rules, 3, AS_OF).to_pyarrow().to_pylist()
    assert {row["customer_id"] for row in near} == {"c8", "c7", "c6", "c5"}
    assert sorted(row["served"] for row in near) == [False, False, True, True]
    assert {row["arm"] for row in near if row["served"]} == {"treat"}
