"""Which two days a flow compares: month end to month end, quarter, year."""

from __future__ import annotations

from datetime import date, timedelta


def comparisons(as_of: date) -> dict[str, tuple[date, date]]:
    """Name → (first day, last day). The first day is the end of the month that many months back.

    On a month's last day `month` is the end of the month before; within a month, too.
    """
    return {
        name: (_month_end(as_of, back), as_of)
        for name, back in (("month", 1), ("quarter", 3), ("year", 12))
    }


def _month_end(day: date, back: int) -> date:
    months = day.year * 12 + day.month - 1 - back
    following = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return following - timedelta(days=1)
