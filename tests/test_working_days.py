"""When an office works."""

from __future__ import annotations

from datetime import date

from joren.working_days import is_free, working_days_after


def test_week_ends_holidays_and_the_turn_of_the_year_are_free_in_japan():
    assert is_free(date(2026, 4, 29))  # 昭和の日, a Wednesday
    assert is_free(date(2026, 12, 30)) and not is_free(date(2026, 12, 30), "DE")
    assert not is_free(date(2026, 4, 28))
    assert is_free(date(2026, 4, 25)) and not is_free(date(2026, 4, 25), weekdays=range(1, 7))


def test_the_next_working_days_skip_golden_week():
    assert [f"{day:%m-%d}" for day in working_days_after(date(2026, 4, 30), 4)] == [
        "05-01", "05-07", "05-08", "05-11",
    ]  # fmt: skip
