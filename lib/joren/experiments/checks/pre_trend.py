"""Did the groups run parallel before the campaign? A test of their difference, period by period.

Two looks at the periods before the start: whether the difference between the groups moved at all
(joint Wald test), and whether it drifted in a line (t test, which sees a slow drift that the joint
test spreads over many periods). Each may raise a false alarm in half the share allowed. A pass is
weak: `drift_seen` is the drift per period that would have been noticed in four of five such
studies; a smaller one, times the periods until the effect, may hide in the result (Roth 2022).
"""

from __future__ import annotations

import numpy as np
from scipy.stats import f as fisher
from scipy.stats import norm
from scipy.stats import t as student

from joren.experiments.did import contrast
from joren.experiments.period_moments import GroupMoments
from joren.stats.checks import ALARM, Check, by_p_value, undecided

LEAST_PERIODS = 3  # before the start; of two there is one difference and no trend to speak of
_POWER = 0.8


def pre_trend(treated: GroupMoments, control: GroupMoments, start: int) -> Check:
    """Test for a difference between the groups that moved before the campaign.

    Parameters
    ----------
    treated, control : from `period_moments`
    start : first period with the campaign

    Returns
    -------
    statistic is the drift per period; facts: drift_seen (see above), drift_se
    """
    units = treated.n + control.n
    if start < LEAST_PERIODS:
        return undecided("pre_trend", units, periods=start)
    periods = len(treated.sums)
    moved = contrast(treated, control, np.diff(np.eye(periods), axis=0)[: start - 1])
    centred = np.arange(start) - (start - 1) / 2
    slope = np.zeros(periods)
    slope[:start] = centred / (centred**2).sum()
    drift = contrast(treated, control, slope)

    rank = start - 1
    if moved.df <= rank:
        return undecided("pre_trend", units, periods=start)
    wald = float(moved.estimate @ np.linalg.pinv(moved.covariance) @ moved.estimate)
    # Hotelling's T² as F, exact for one normal group; with thousands of units it is χ²/rank
    joint = float(fisher.sf(wald * (moved.df - rank + 1) / (rank * moved.df), rank,
                            moved.df - rank + 1))  # fmt: skip
    se = float(drift.se[0])
    linear = float(2 * student.sf(abs(drift.estimate[0]) / se, drift.df)) if se > 0 else 1.0
    p_value = min(1.0, 2 * min(joint, linear))
    seen = se * float(norm.ppf(1 - ALARM / 4) + norm.ppf(_POWER))
    return by_p_value(
        "pre_trend", float(drift.estimate[0]), p_value, units,
        drift_seen=seen, drift_se=se, periods=start,
    )  # fmt: skip
