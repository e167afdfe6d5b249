"""Did the series break before the campaign? Breaks are looked for at dates when nothing was done.

The same regression, on the days before the start only, with its break at the end of the second,
third and fourth fifth of them. Level and slope are tested together, and the smallest p-value is
multiplied by the number of dates. A series whose trend bends by itself cannot be carried on.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
from scipy.stats import f as fisher

from joren.experiments.interrupted_time_series import LEAST_AFTER, LEAST_BEFORE, position, segmented
from joren.stats.checks import Check, by_p_value, undecided

_AT = (0.4, 0.6, 0.8)


def placebo_in_time(values: pd.Series, start: date) -> Check:
    """Test for a break of level or slope at made-up dates.

    Parameters
    ----------
    values : by day, such as `daily_totals`
    start : first day with the campaign

    Returns
    -------
    statistic is the change of level at the date with the clearest break; facts: day (how many days
    before the start it lies), dates (how many were tried)
    """
    before = position(values, start)
    past = values.iloc[:before]
    dates = [int(share * before) for share in _AT]
    dates = [at for at in dates if at >= LEAST_BEFORE // 2 and before - at >= LEAST_AFTER]
    if before < LEAST_BEFORE or not dates or np.ptp(past.to_numpy(float)) == 0:
        return undecided("placebo_in_time", before, dates=len(dates))
    found = []
    for at in dates:
        fit = segmented(past, at)
        change = fit.coefficients[:2]
        wald = float(change @ np.linalg.solve(fit.covariance[:2, :2], change))
        found.append((float(fisher.sf(wald / 2, 2, fit.df)), at, float(change[0])))
    p_value, at, level = min(found)
    return by_p_value(
        "placebo_in_time", level, min(1.0, len(dates) * p_value), before,
        day=float(before - at), dates=float(len(dates)),
    )  # fmt: skip
