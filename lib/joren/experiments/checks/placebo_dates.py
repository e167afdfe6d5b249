"""Would the same comparison have found an effect at dates when nothing was done?

The start is moved to every earlier period that leaves one before it, and only periods before the
true start are looked at. The largest |effect / se| is held against its own distribution: the
estimates at neighbouring dates are far from independent, so their joint normal law is sampled.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from joren.experiments.did import before_and_after, contrast
from joren.experiments.period_moments import GroupMoments
from joren.stats.checks import Check, by_p_value, undecided

LEAST_PERIODS = 3
_DRAWS = 20_000


def placebo_dates(treated: GroupMoments, control: GroupMoments, start: int, seed: int) -> Check:
    """Test the effects at made-up dates against zero, all at once.

    Parameters
    ----------
    treated, control : from `period_moments`
    start : first period with the campaign
    seed : of the draws behind the p-value

    Returns
    -------
    statistic is the placebo effect farthest from zero in standard errors, in the outcome's unit;
    facts: date (the period it was found at), dates (how many were tried)
    """
    units = treated.n + control.n
    if start < LEAST_PERIODS:
        return undecided("placebo_dates", units, dates=max(start - 1, 0))
    periods = len(treated.sums)
    dates = range(1, start)
    weights = np.zeros((len(dates), periods))
    for row, date in enumerate(dates):
        weights[row, :start] = before_and_after(start, date)
    found = contrast(treated, control, weights)
    se = np.where(found.se > 0, found.se, np.inf)
    worst = int(np.abs(found.estimate / se).argmax())
    largest = abs(float(found.estimate[worst] / se[worst]))

    # Student's tail is brought to the normal scale on which the largest of several is sampled
    largest = float(norm.isf(student.sf(largest, found.df)))
    correlation = found.covariance / np.outer(se, se)
    root = np.linalg.cholesky(correlation + 1e-9 * np.eye(len(dates)))
    draws = np.random.default_rng(seed).standard_normal((_DRAWS, len(dates))) @ root.T
    p_value = float((np.abs(draws).max(1) >= largest).mean())
    return by_p_value(
        "placebo_dates", float(found.estimate[worst]), p_value, units,
        date=float(dates[worst]), dates=float(len(dates)),
    )  # fmt: skip
