from datetime import date
from decimal import Decimal

import ibis
import pytest

from joren.contract import MONEY
from joren.engine import connect
from joren.ltv.holdout import Cut, choose_cut, split


def test_the_cut_asked_for_is_made():
    cut = choose_cut(date(1997, 1, 1), date(1998, 6, 30), 273)
    assert cut.calibration_end == date(1997, 9, 30)
    assert (cut.holdout_days, cut.calibration_days, cut.window_days) == (273, 273, 273)


def test_by_default_a_third_of_the_history_at_most_half_a_year_is_held_out():
    assert choose_cut(date(2026, 1, 1), date(2026, 4, 1), None).holdout_days == 30
    assert choose_cut(date(2020, 1, 1), date(2026, 4, 1), None).holdout_days == 180


@pytest.fixture
def known():
    rows = [
        ("ann", "2026-01-01", 100), ("ann", "2026-01-20", 40), ("ann", "2026-02-05", 60),
        ("ann", "2026-02-20", 70), ("ann", "2026-02-20", 5), ("bob", "2026-01-15", 30),
        ("eve", "2026-02-10", 30),
    ]  # fmt: skip
    table = ibis.memtable(
        [
            {"customer_id": c, "source": "web", "source_id": c, "order_id": str(i), "at": at,
             "value": v, "status": "valid"}
            for i, (c, at, v) in enumerate(rows)
        ]
    ).to_pyarrow()  # fmt: skip
    orders = connect().create_table("orders", table)
    orders = orders.mutate(
        ordered_at=orders["at"].cast("timestamp(6)"),
        day=orders["at"].cast("date"),
        value=orders.value.cast(MONEY),
    )
    cut = Cut(date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 28))
    return {row["customer_id"]: row for row in split(orders, cut).to_pyarrow().to_pylist()}


def test_customers_who_came_after_the_cut_are_not_scored(known):
    assert sorted(known) == ["ann", "bob"]


def test_the_model_knows_nothing_of_what_came_after_the_cut(known):
    ann = known["ann"]
    assert (ann["frequency"], ann["recency"], ann["T"]) == (1, 19, 30)
    assert ann["past_value"] == Decimal("140.0000")


def test_what_came_after_is_counted_in_purchase_days(known):
    assert (known["ann"]["orders_after"], known["ann"]["value_after"]) == (2, 135)
    assert (known["bob"]["orders_after"], known["bob"]["value_after"]) == (0, 0)


def test_only_repeats_inside_the_window_are_what_a_baseline_repeats(known):
    assert (known["ann"]["repeat_orders_before"], known["ann"]["repeat_value_before"]) == (1, 40)
    assert known["bob"]["repeat_orders_before"] == 0
