"""What counts as a purchase; how it adds up is tested with the summary of stage 04."""

from __future__ import annotations

from decimal import Decimal

import ibis
import pandas as pd
import pytest

from joren.contract import MONEY
from joren.engine import connect
from joren.purchases import purchase_days


@pytest.fixture
def days_of():
    con = connect()

    def build(*rows):
        frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "value"])
        raw = con.create_table("counted", frame, overwrite=True)
        counted = raw.mutate(
            ordered_at=raw.ordered_at.cast("timestamp(6)"), value=raw.value.cast(MONEY)
        ).mutate(day=ibis._.ordered_at.date(), is_purchase=ibis._.value >= 0)
        found = purchase_days(counted).order_by("customer_id", "visit")
        return [
            (row["customer_id"], row["visit"], str(row["day"]), row["value"], row["orders"])
            for row in found.to_pyarrow().to_pylist()
        ]

    return build


def test_a_day_with_two_orders_is_one_visit_and_a_refund_belongs_to_the_visit_before(days_of):
    found = days_of(
        ("a", "2026-01-01 10:00", 100),
        ("a", "2026-01-01 18:00", 50),
        ("a", "2026-01-09 10:00", -30),
        ("a", "2026-02-01 10:00", 70),
    )
    assert found == [
        ("a", 1, "2026-01-01", Decimal("120.0000"), 2),
        ("a", 2, "2026-02-01", Decimal("70.0000"), 1),
    ]


def test_an_order_of_nothing_is_a_purchase_and_a_refund_first_is_visit_zero(days_of):
    found = days_of(("a", "2026-01-01", -10), ("a", "2026-01-05", 0))
    assert [(row[1], row[4]) for row in found] == [(0, 0), (1, 1)]


def test_orders_without_a_customer_are_left_out(days_of):
    assert days_of((None, "2026-01-01", 10), ("a", "2026-01-02", 10))[0][0] == "a"
