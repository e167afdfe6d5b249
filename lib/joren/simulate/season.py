"""The year's rise and fall of buying, and the hours at which people buy.

Purchases run on an operational clock that goes faster in strong months: a process of constant
rate on that clock has the season's intensity on the calendar. Days are counted from START.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from joren.simulate.world import DAY, DAYS, FUTURE_DAYS, START

# intensity by month, January first; scaled to mean 1 over the days of the two observed years
MONTH_FACTORS = (0.92, 0.85, 1.02, 1.0, 0.98, 0.94, 1.08, 0.9, 0.88, 0.98, 1.1, 1.35)

HORIZON = DAYS + FUTURE_DAYS
_MONTH_OF_DAY = np.array([(START + timedelta(days=day)).month for day in range(HORIZON)])
_RAW = np.array(MONTH_FACTORS)[_MONTH_OF_DAY - 1]
DAY_FACTORS = _RAW / _RAW[:DAYS].mean()
_CALENDAR = np.arange(HORIZON + 1, dtype=float)
_OPERATIONAL = np.concatenate([[0.0], np.cumsum(DAY_FACTORS)])

# share of a day's purchases that came before each hour
SHOP_HOURS = ((10, 12, 14, 16, 18, 20), (0.0, 0.2, 0.4, 0.62, 0.86, 1.0))
WEB_HOURS = (
    (0, 1, 6, 9, 12, 13, 18, 20, 22, 24),
    (0, 0.05, 0.08, 0.18, 0.33, 0.42, 0.6, 0.74, 0.92, 1),
)
CALL_HOURS = ((9, 12, 13, 18), (0.0, 0.4, 0.48, 1.0))
NIGHT_HOURS = ((4, 5), (0.0, 1.0))  # when the renewals of the day are made


def to_operational(day: np.ndarray) -> np.ndarray:
    """Operational days passed since START at a calendar day (fractions allowed)."""
    return np.interp(day, _CALENDAR, _OPERATIONAL)


def to_calendar(clock: np.ndarray) -> np.ndarray:
    """The calendar day (fraction included) at which the operational clock stands there."""
    return np.interp(clock, _OPERATIONAL, _CALENDAR)


def at_hours(day: np.ndarray, hours: tuple[tuple[float, ...], tuple[float, ...]]) -> np.ndarray:
    """Seconds since START: the same day, its uniform fraction moved into the given hours."""
    date = np.floor(day)
    second = np.interp(day - date, hours[1], np.array(hours[0]) * 3600.0)
    return (date * DAY).astype(np.int64) + np.minimum(second.astype(np.int64), DAY - 1)


def timestamps(seconds: np.ndarray) -> np.ndarray:
    """Seconds since START as datetime64[us]."""
    return np.datetime64(START, "us") + seconds.astype("timedelta64[s]")
