"""Did treated customers go on as the model expected, as well as the others did?

Once some of the time that was extrapolated has passed, what customers brought in it is held
against what was expected of them. The model may be off in both arms; where it is off by another
share in the treated one, the campaign pulled orders forward or works on unseen, and the effect
until the horizon does not hold.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from joren.experiments.period_moments import GroupMoments
from joren.stats.checks import Check, by_p_value, undecided

LEAST_CUSTOMERS = 100  # in each arm


def surrogate(treated: GroupMoments, control: GroupMoments) -> Check:
    """Test whether value seen over value expected is the same in both arms.

    Parameters
    ----------
    treated, control : as from `ltv_effect.value_moments`, both values of the same later span: what
        was then seen, and what had been expected of it before

    Returns
    -------
    statistic is the treated arm's ratio over the control arm's, less 1
    """
    n = treated.n + control.n
    if min(treated.n, control.n) < LEAST_CUSTOMERS or min(treated.sums[1], control.sums[1]) <= 0:
        return undecided("surrogate", n)
    ratios, variance = [], 0.0
    for arm in (treated, control):
        ratio = arm.mean[0] / arm.mean[1]
        # variance of a ratio of means, by its linear part
        linear = np.array([1.0, -ratio]) / arm.mean[1]
        variance += float(linear @ arm.covariance @ linear) / arm.n
        ratios.append(float(ratio))
    moved = ratios[0] - ratios[1]
    p_value = float(2 * norm.sf(abs(moved) / np.sqrt(variance))) if variance > 0 else 1.0
    share = moved / ratios[1] if ratios[1] else float("inf")
    return by_p_value("surrogate", share, p_value, n, ratio=ratios[0], ratio_control=ratios[1])
