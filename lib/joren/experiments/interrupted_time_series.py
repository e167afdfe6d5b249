"""Interrupted time series: one series, its own past carried on, and what came instead.

1. Without the campaign, trend and seasons would have gone on as before.
2. Nothing else began at the same time.
3. What is left over depends on its own last values only (autoregressive errors).

Segmented regression: level and slope may change at the start; days of the week where the series is
daily, and two waves a year where the past covers a year and a half. Errors are autoregressive
(`autoregression.py`). It is the weakest of the designs that may earn a C.
"""

from __future__ import annotations

from datetime import date

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from joren.errors import JorenError
from joren.experiments.autoregression import AutoregressiveFit, regression
from joren.experiments.evidence import Evidence, from_se
from joren.stats.arrays import Array

LEAST_BEFORE = 56  # eight weeks of days
LEAST_AFTER = 7
_YEAR = 365.25
_YEARLY_FROM = 548  # days before the start from which waves of the year can be told from a trend


def daily_totals(outcomes: ir.Table, first: date, last: date) -> pd.Series:
    """Outcome by day, added up in the engine; days without rows are 0.

    Parameters
    ----------
    outcomes : date, value
    first, last : both included
    """
    found = (
        outcomes.filter(_.date.between(first, last))
        .group_by("date")
        .agg(value=_.value.cast("decimal(18, 2)").sum().cast("float64"))
        .to_pandas()
    )
    days = pd.date_range(first, last, freq="D")
    values = pd.Series(found.value.to_numpy(float), pd.to_datetime(found.date).astype(days.dtype))
    return values.reindex(days, fill_value=0.0)


def interrupted_time_series(values: pd.Series, start: date, level: float) -> Evidence:
    """Mean effect per day from `start` on.

    Parameters
    ----------
    values : by day, without gaps, such as `daily_totals`
    start : first day with the campaign
    level : the interval's probability

    Raises
    ------
    JorenError if too few days lie before or after the start
    """
    at = position(values, start)
    if at < LEAST_BEFORE or len(values) - at < LEAST_AFTER:
        raise JorenError(
            f"{at} days lie before the start and {len(values) - at} after",
            "",
            f"look at {LEAST_BEFORE} or more before and {LEAST_AFTER} or more after",
        )
    fit = segmented(values, at)
    after = len(values) - at
    mean = np.array([1.0, (after - 1) / 2])
    effect = float(mean @ fit.coefficients[:2])
    se = float(np.sqrt(mean @ fit.covariance[:2, :2] @ mean))
    return from_se(
        "interrupted_time_series", effect, se, level=level, n=after, n_control=at,
        counterfactual=float(values.iloc[at:].mean()) - effect, df=fit.df,
    )  # fmt: skip


def position(values: pd.Series, start: date) -> int:
    """How many days lie before `start`."""
    return int((values.index < pd.Timestamp(start)).sum())


def segmented(values: pd.Series, at: int) -> AutoregressiveFit:
    """Regression with a break after `at` days; its first two coefficients are the changes of level
    and of slope (per day).

    Raises
    ------
    JorenError if the series does not vary
    """
    y = values.to_numpy(float)
    if np.ptp(y) == 0:
        raise JorenError("the series does not vary", "", "check that its outcomes are there")
    return regression(y, _design(pd.DatetimeIndex(values.index), at))


def _design(days: pd.DatetimeIndex, at: int) -> Array:
    """Columns: change of level, change of slope, constant, trend, days of week, waves of the year.

    The trend counts from the start, in spans of the whole series, so that no column is huge.
    """
    time = np.arange(len(days)) - at
    after = time >= 0
    columns = [after, np.where(after, time, 0), np.ones(len(days)), time / len(days)]
    columns += [(days.day_of_week == day) for day in range(1, 7)]
    if at >= _YEARLY_FROM:
        angle = 2 * np.pi * np.asarray(days.day_of_year) / _YEAR
        columns += [wave(k * angle) for k in (1, 2) for wave in (np.sin, np.cos)]
    return np.column_stack(columns).astype(float)
