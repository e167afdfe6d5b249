"""Days on which an office works: neither week-end nor public holiday, nor between the years."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta


def is_free(day: date, country: str = "JP", weekdays: Container[int] = range(1, 6)) -> bool:
    """Whether nobody is at work.

    Parameters
    ----------
    country : whose public holidays, ISO 3166
    weekdays : on which work is done otherwise, 1 Monday to 7 Sunday
    """
    import holidays

    public = holidays.country_holidays(country, years=[day.year])
    return day.isoweekday() not in weekdays or day in public or _between_years(day, country)


def working_days_after(
    day: date, number: int, country: str = "JP", weekdays: Container[int] = range(1, 6)
) -> list[date]:
    """The next `number` working days after a day, in order.

    Parameters
    ----------
    country, weekdays : see `is_free`; at least one weekday
    """
    found: list[date] = []
    while len(found) < number:
        day += timedelta(days=1)
        if not is_free(day, country, weekdays):
            found.append(day)
    return found


def _between_years(day: date, country: str) -> bool:
    # 29 December to 3 January: Japanese offices and banks are closed, though no holiday by law
    return country == "JP" and ((day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3))
