import math
from datetime import date
from decimal import Decimal

import ibis
import pandas as pd
import pytest

from joren.contract import MONEY, validate
from joren.engine import connect
from joren.ltv.summary import purchase_summary
from joren.purchases import counted_orders, identified_orders, refunds_already_returned

AS_OF = date(2026, 3, 31)


@pytest.fixture
def orders():
    """A function of rows (member, day, amount, status) → orders with their customers."""
    con = connect()

    def build(*rows, excluding_tax=None):
        frame = pd.DataFrame(rows, columns=["source_id", "at", "amount", "status"])
        frame = frame.assign(
            order_id=[f"{i:03d}" for i in range(len(rows))],
            tax_free=pd.array(excluding_tax or [None] * len(rows), dtype="Int64"),
            source_id=frame.source_id.astype("string"),
        )
        raw = con.create_table("raw", frame, overwrite=True)
        canonical = raw.select(
            "order_id",
            "source_id",
            "status",
            source=ibis.literal("web"),
            ordered_at=raw["at"].cast("timestamp(6)"),
            amount=raw.amount.cast(MONEY),
            amount_excluding_tax=raw.tax_free.cast(MONEY),
        )
        members = canonical.filter(canonical.source_id.notnull()).select("source", "source_id")
        people = members.distinct().mutate(customer_id=ibis._.source_id.upper())
        return identified_orders(canonical, people)

    return build


def summarise(orders: ibis.Table, as_of: date = AS_OF) -> dict[str, dict]:
    table = purchase_summary(counted_orders(orders, as_of), as_of).cache()
    validate(table, "purchase_summary")
    return {row["customer_id"]: row for row in table.to_pyarrow().to_pylist()}


def test_orders_of_one_day_are_one_purchase(orders):
    ann = summarise(
        orders(
            ("ann", "2026-01-01 10:00", 100, "valid"),
            ("ann", "2026-01-11 09:00", 30, "valid"),
            ("ann", "2026-01-11 23:59", 20, "valid"),
            ("ann", "2026-01-21 00:00", 70, "valid"),
        )
    )["ANN"]
    assert (ann["frequency"], ann["recency"], ann["T"], ann["orders"]) == (2, 20, 89, 4)
    assert ann["monetary_value"] == pytest.approx(60)
    assert ann["past_value"] == Decimal("220.0000")


def test_a_customer_who_bought_on_one_day_has_no_monetary_value(orders):
    ann = summarise(orders(("ann", "2026-03-31", 100, "valid")))["ANN"]
    assert (ann["frequency"], ann["recency"], ann["T"]) == (0, 0, 0)
    assert ann["monetary_value"] is None


def test_only_valid_orders_count(orders):
    found = summarise(
        orders(
            ("ann", "2026-01-01", 100, "valid"),
            ("ann", "2026-02-01", 100, "cancelled"),
            ("ann", "2026-02-02", 100, "pending"),
            ("ann", "2026-02-03", 100, "returned"),
            ("bob", "2026-02-03", 100, "cancelled"),
        )
    )
    assert list(found) == ["ANN"]
    assert (found["ANN"]["orders"], found["ANN"]["past_value"]) == (1, Decimal("100.0000"))


def test_a_refund_lowers_the_purchase_it_follows_and_is_none_itself(orders):
    ann = summarise(
        orders(
            ("ann", "2026-01-01", 100, "valid"),
            ("ann", "2026-01-05", -40, "valid"),
            ("ann", "2026-02-01", 50, "valid"),
            ("ann", "2026-02-09", -20, "valid"),
        )
    )["ANN"]
    assert (ann["frequency"], ann["recency"], ann["orders"]) == (1, 31, 2)
    assert ann["monetary_value"] == pytest.approx(30)
    assert ann["past_value"] == Decimal("90.0000")


def test_an_order_marked_returned_and_refunded_by_a_row_is_subtracted_once(orders):
    rows = orders(
        ("ann", "2026-01-01", 100, "valid"),
        ("ann", "2026-01-05", 40, "returned"),
        ("ann", "2026-01-08", -40, "valid"),
        ("ann", "2026-01-09", -40, "valid"),
    )
    assert refunds_already_returned(rows).order_id.to_pyarrow().to_pylist() == ["002"]
    assert summarise(rows)["ANN"]["past_value"] == Decimal("60.0000")


def test_a_refund_before_any_purchase_counts_in_the_total_only(orders):
    ann = summarise(
        orders(("ann", "2026-01-01", -10, "valid"), ("ann", "2026-01-05", 100, "valid"))
    )["ANN"]
    assert (ann["T"], ann["frequency"], ann["past_value"]) == (85, 0, Decimal("90.0000"))


def test_refunds_alone_make_no_customer(orders):
    assert summarise(orders(("ann", "2026-01-01", -10, "valid"))) == {}


def test_orders_after_as_of_and_anonymous_orders_are_left_out(orders):
    found = summarise(
        orders(
            ("ann", "2026-03-31 23:59", 100, "valid"),
            ("ann", "2026-04-01 00:00", 100, "valid"),
            (None, "2026-03-01", 100, "valid"),
        )
    )
    assert list(found) == ["ANN"]
    assert found["ANN"]["orders"] == 1


def test_value_is_without_tax_where_known(orders):
    rows = orders(
        ("ann", "2026-01-01", 110, "valid"),
        ("ann", "2026-01-02", 55, "valid"),
        excluding_tax=[100, None],
    )
    assert summarise(rows)["ANN"]["past_value"] == Decimal("155.0000")


def test_the_times_between_purchase_days_are_kept_as_exact_sums_of_logarithms(orders):
    ann = summarise(
        orders(
            ("ann", "2026-01-01", 100, "valid"),
            ("ann", "2026-01-02", -40, "valid"),
            ("ann", "2026-01-03", 50, "valid"),
            ("ann", "2026-01-13", 50, "valid"),
            ("bob", "2026-01-13", 50, "valid"),
        )
    )
    assert ann["ANN"]["log_gaps"] == round(1e6 * math.log(2)) + round(1e6 * math.log(10))
    assert ann["BOB"]["log_gaps"] == 0
