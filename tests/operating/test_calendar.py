"""When a month's report is due."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from joren.operating.calendar import due_day, is_due
from joren.params import Params


@pytest.mark.parametrize(
    ("year", "month", "calendar", "business"),
    [
        (2026, 3, date(2026, 3, 31), date(2026, 3, 31)),  # a Tuesday
        (2026, 2, date(2026, 2, 28), date(2026, 2, 27)),  # a Saturday
        (2028, 2, date(2028, 2, 29), date(2028, 2, 29)),
        (2028, 4, date(2028, 4, 30), date(2028, 4, 28)),  # Sunday; 29 April is 昭和の日
        (2026, 12, date(2026, 12, 31), date(2026, 12, 28)),  # the year's end
    ],
)
def test_the_last_day_of_the_month_and_the_last_business_day(year, month, calendar, business):
    assert due_day(year, month, "month_end_18h") == calendar
    assert due_day(year, month, "business_month_end_18h") == business


@pytest.fixture
def params():
    content = {
        "client": "shop",
        "title": {"ja": "店", "en": "Shop"},
        "sources": {"web": {"format": "tables", "path": "x"}},
    }
    return Params.model_validate(content)


def test_the_hour_is_the_clients(params):
    # 18:00 in Tokyo is 09:00 in Greenwich
    assert not is_due(params, datetime(2026, 3, 31, 8, 59, tzinfo=UTC))
    assert is_due(params, datetime(2026, 3, 31, 9, 0, tzinfo=UTC))
    assert not is_due(params, datetime(2026, 3, 30, 9, 0, tzinfo=UTC))


def test_a_month_already_made_is_not_due_again(params):
    now = datetime(2026, 3, 31, 10, 0, tzinfo=UTC)
    assert not is_due(params, now, sent=date(2026, 3, 31))
    assert is_due(params, now, sent=date(2026, 2, 28))
