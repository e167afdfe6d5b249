"""When a month's report is due: the last day, or the last business day, at 18:00 local time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from joren.params import Params
from joren.working_days import is_free

DUE = time(18, 0)


def due_day(year: int, month: int, schedule: str, country: str = "JP") -> date:
    """The day a month's report is due.

    Parameters
    ----------
    schedule : `month_end_18h` (the last calendar day) or `business_month_end_18h` (the last day
        that is neither a week-end nor a public holiday)
    country : whose holidays, ISO 3166
    """
    following = date(year + month // 12, month % 12 + 1, 1)
    day = following - timedelta(days=1)
    if schedule == "business_month_end_18h":
        while is_free(day, country):
            day -= timedelta(days=1)
    return day


def is_due(params: Params, now: datetime, sent: date | None = None) -> bool:
    """Whether the month's report is due now and was not yet made for this month.

    Parameters
    ----------
    now : any timezone
    sent : day of the last report, local
    """
    local = now.astimezone(params.zone)
    day = due_day(local.year, local.month, params.report.schedule)
    reached = (local.date(), local.time()) >= (day, DUE)
    return reached and (sent is None or (sent.year, sent.month) < (local.year, local.month))
