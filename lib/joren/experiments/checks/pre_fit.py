"""Is there a mix of the others that was like the treated unit at all?

A unit that lies outside the others cannot be mixed from them, and what is left over then passes
for an effect. Its root mean squared gap before the start is held against the gaps of the donors,
each mixed from the rest: twice their median is too much (Abadie, Diamond & Hainmueller leave out
placebos whose squared gap is five times as large, for the same reason).
"""

from __future__ import annotations

import numpy as np

from joren.experiments.synthetic_control import Series, gaps
from joren.stats.checks import Check, undecided

LIMIT = 2.0
LEAST_DONORS = 5


def pre_fit(given: Series) -> Check:
    """Compare the treated unit's fit before the start with the donors' own.

    Returns
    -------
    statistic is the ratio of the root mean squared gap to the donors' median one; facts: limit,
    gap (in the outcome's unit)
    """
    donors = len(given.names)
    if donors < LEAST_DONORS:
        return undecided("pre_fit", donors)
    ours = before_gap(given)
    others = [before_gap(given.as_if(j)) for j in range(donors)]
    usual = float(np.median(others))
    ratio = ours / usual if usual > 0 else float("inf") if ours > 0 else 0.0
    outcome = "passed" if ratio <= LIMIT else "failed"
    return Check("pre_fit", outcome, ratio, None, donors, {"limit": LIMIT, "gap": ours})


def before_gap(given: Series) -> float:
    """Root mean squared gap before the start."""
    return float(np.sqrt((gaps(given)[: given.start] ** 2).mean()))
