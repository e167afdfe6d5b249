"""Counts of orders, and customers by number of purchase days."""

from __future__ import annotations

from datetime import date

import ibis
import pyarrow as pa
import pytest
from ibis import _

from joren import text
from joren.contract import MONEY
from joren.engine import connect
from joren.ltv.counts import order_counts, purchase_classes


@pytest.fixture
def orders():
    rows = [
        ("ann", "a", "2026-03-01", 100, "valid"), ("ann", "a", "2026-03-02", 40, "returned"),
        ("ann", "a", "2026-03-03", -40, "valid"), (None, None, "2026-03-04", 50, "valid"),
        (None, None, "2026-03-05", 50, "cancelled"), ("bob", "b", "2026-05-01", 9, "valid"),
    ]  # fmt: skip
    names = ("customer_id", "source_id", "at", "amount", "status")
    given = pa.Table.from_pylist(
        [dict(zip(names, row, strict=True)) | {"order_id": str(i)} for i, row in enumerate(rows)]
    )
    table = connect().create_table("orders", given)
    return table.mutate(
        source=ibis.literal("web"),
        ordered_at=_["at"].cast("timestamp(6)"),
        day=_["at"].cast("date"),
        value=_.amount.cast(MONEY),
    )


def test_anonymous_orders_and_refunds_that_would_count_twice_are_counted(orders):
    counts = order_counts(orders, date(2026, 3, 31))
    assert (counts.orders, counts.anonymous, counts.refunded_twice) == (2, 1, 1)


def test_every_customer_is_in_one_class_and_every_class_has_its_label():
    days = [1, 1, 2, 3, 4, 5, 10, 11, 40]
    given = pa.table({"frequency": [n - 1 for n in days], "past_value": [10] * len(days)})
    summary = connect().create_table("summary", given).mutate(past_value=_.past_value.cast(MONEY))
    classes = purchase_classes(summary, 0.9)
    assert classes.customers.tolist() == [2, 1, 1, 2, 1, 2]
    assert classes.value.tolist() == [20, 10, 10, 20, 10, 20]
    assert (classes.lower < classes.share).all()
    assert all(text.has(label) for label in classes.label)


def test_classes_nobody_is_in_are_left_out():
    given = pa.table({"frequency": [0, 20], "past_value": [1, 1]})
    summary = connect().create_table("summary", given).mutate(past_value=_.past_value.cast(MONEY))
    classes = purchase_classes(summary, 0.9)
    assert [label.split(".")[-1] for label in classes.label] == ["1", "from_11"]
