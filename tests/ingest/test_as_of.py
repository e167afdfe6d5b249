from __future__ import annotations

from datetime import date, datetime, timedelta

import ibis
import pytest

from joren import ingest

TODAY = date(2026, 4, 10)


@pytest.fixture
def orders(con):
    def make(days, status="valid"):
        table = ibis.memtable(
            {"ordered_at": [datetime(d.year, d.month, d.day, 23, 59) for d in days],
             "status": [status] * len(days)},
            schema={"ordered_at": "timestamp(6)", "status": "string"},
        )  # fmt: skip
        return con.create_table("given_orders", table, temp=True, overwrite=True)

    return make


def _days(first: date, n: int) -> list[date]:
    return [first + timedelta(days=k) for k in range(n)]


def test_as_of_is_the_last_day_of_a_valid_order_that_is_not_in_the_future(orders):
    days = [*_days(date(2026, 3, 1), 31), date(2026, 5, 1)]
    as_of, warnings = ingest.resolve_as_of(orders(days), None, TODAY)
    assert as_of == date(2026, 3, 31)
    assert warnings == ["1 orders are dated after today (2026-04-10)"]


def test_cancelled_orders_do_not_move_as_of(orders):
    as_of, warnings = ingest.resolve_as_of(orders([date(2026, 3, 1)], "cancelled"), None, TODAY)
    assert as_of == TODAY
    assert warnings == ["there is no valid order up to today; as_of is 2026-04-10"]


def test_an_outlying_last_day_is_a_warning(orders):
    days = [*_days(date(2025, 1, 1), 300), date(2026, 3, 1)]
    as_of, warnings = ingest.resolve_as_of(orders(days), None, TODAY)
    assert as_of == date(2026, 3, 1)
    assert warnings == [
        "the last day 2026-03-01 rests on 1 orders 125 days after 2025-10-27; "
        "set as_of if they are a mistake"
    ]


def test_a_quiet_shop_has_no_outlying_day(orders):
    days = [date(2025, 1, 1), date(2025, 4, 1), date(2025, 8, 1), date(2026, 1, 1)]
    assert ingest.resolve_as_of(orders(days), None, TODAY) == (date(2026, 1, 1), [])


def test_a_day_asked_for_is_kept_and_said_to_be_beyond_the_data(orders):
    days = _days(date(2026, 3, 1), 10)
    assert ingest.resolve_as_of(orders(days), date(2026, 3, 5), TODAY) == (date(2026, 3, 5), [])
    _, warnings = ingest.resolve_as_of(orders(days), date(2026, 3, 31), TODAY)
    assert warnings == ["as_of is 2026-03-31, but the last valid order is of 2026-03-10"]
