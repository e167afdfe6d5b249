"""Before and after: what the field looks at, shown so that it can be seen beside what holds.

The same customers' outcome after the start less the one before. It counts as effect whatever else
changed: season, prices, the weather, and customers drifting back to their own average. Whoever was
chosen for having bought little buys more afterwards without any campaign. Its grade is D, always.
"""

from __future__ import annotations

import numpy as np

from joren.errors import JorenError
from joren.experiments.did import before_and_after
from joren.experiments.evidence import Evidence, from_se
from joren.experiments.period_moments import GroupMoments


def before_after(treated: GroupMoments, start: int, level: float) -> Evidence:
    """Mean change per unit and period from `start` on, with the spread between units.

    Parameters
    ----------
    treated : from `period_moments`
    start : first period with the campaign
    level : the interval's probability; it knows of chance among units, not of what else changed

    Raises
    ------
    JorenError if there are fewer than two units, or no period on one side of the start
    """
    periods = len(treated.sums)
    if treated.n < 2 or not 1 <= start < periods:
        raise JorenError(
            f"{treated.n} units and a start at {start} of {periods} periods show no change",
            "",
            "look at more units, or at a longer span",
        )
    weights = before_and_after(periods, start)
    effect = float(weights @ treated.mean)
    se = float(np.sqrt(weights @ treated.covariance @ weights / treated.n))
    before = float(treated.mean[:start].mean())
    return from_se(
        "before_after", effect, se, level=level, n=treated.n, n_control=0,
        counterfactual=before, df=treated.n - 1,
    )  # fmt: skip
