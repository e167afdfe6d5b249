"""Placebos in space: would the method have found as much at units where nothing was done?

Each donor takes the treated unit's place. What is compared is the root mean squared gap after the
start over that before, so that badly mixed placebos do not pass for effects; p is the treated
unit's rank among all (Abadie, Diamond & Hainmueller 2010). The check fails where an effect is
claimed (its interval is off zero) that does not stand out among the placebos.
"""

from __future__ import annotations

import numpy as np

from joren.experiments.evidence import Evidence
from joren.experiments.synthetic_control import Series, gaps
from joren.stats.checks import Check, Outcome, undecided

LEAST_UNITS = 10  # with fewer, no rank is small


def placebo_space(given: Series, found: Evidence) -> Check:
    """Rank the treated unit among its placebos.

    Parameters
    ----------
    given, found : the series and what `synthetic_control` found in them

    Returns
    -------
    statistic is the treated unit's ratio after/before; p_value its rank; facts: claimed (1 if the
    interval is off zero)
    """
    units = len(given.names) + 1
    if units < LEAST_UNITS:
        return undecided("placebo_space", units)
    ours = ratio(given)
    placebos = np.array([ratio(given.as_if(j)) for j in range(units - 1)])
    p_value = float((1 + (placebos >= ours).sum()) / units)
    claimed = not found.lower <= 0 <= found.upper
    unusual = p_value <= max(1 - found.level, 1 / units) + 1e-9
    outcome: Outcome = "failed" if claimed and not unusual else "passed"
    return Check("placebo_space", outcome, ours, p_value, units, {"claimed": float(claimed)})


def ratio(given: Series) -> float:
    """Root mean squared gap after the start over that before."""
    gap = gaps(given)
    before = float(np.sqrt((gap[: given.start] ** 2).mean()))
    after = float(np.sqrt((gap[given.start :] ** 2).mean()))
    return after / before if before > 0 else float("inf") if after > 0 else 1.0
