"""Would the synthetic unit have stayed with the treated one, had the start been earlier?

The start is moved back to two thirds of the time before it, and only periods before the true start
are looked at. The mix found before the made-up start must go on fitting after it as well as those
of the donors do: the log of the gap's growth (after/before) is held against theirs as one more
observation of a normal sample. A unit that had begun to drift away by itself fails.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from joren.experiments.checks.placebo_space import ratio
from joren.experiments.synthetic_control import LEAST_BEFORE, Series, effect_of
from joren.stats.checks import Check, by_p_value, undecided

LEAST_DONORS = 5


def backdated(given: Series) -> Check:
    """Test for an effect before the campaign.

    Returns
    -------
    statistic is the effect from the made-up start to the true one; facts: date, growth (of the
    gap), usual (median growth of the donors' gaps)
    """
    date, donors = (2 * given.start) // 3, len(given.names)
    if date < LEAST_BEFORE or donors < LEAST_DONORS:
        return undecided("backdated", donors, date=date)
    earlier = given.until(given.start, date)
    ours = ratio(earlier)
    others = np.array([ratio(earlier.as_if(j)) for j in range(donors)])
    if not (np.isfinite(ours) and np.isfinite(others).all()):
        return undecided("backdated", donors, date=date)
    logs = np.log(np.maximum(others, 1e-12))
    spread = float(logs.std(ddof=1)) * np.sqrt(1 + 1 / donors)
    away = np.log(max(ours, 1e-12)) - float(logs.mean())
    p_value = float(student.sf(away / spread, donors - 1)) if spread > 0 else 1.0
    return by_p_value(
        "backdated", effect_of(earlier), p_value, donors,
        date=float(date), growth=ours, usual=float(np.median(others)),
    )  # fmt: skip
