"""Does the result hang on one of the units it is compared with?

Every donor with weight is left out in turn. An effect that moves by more than half the width of the
result's interval shows that one donor carries it: something may have befallen that store, not ours.
"""

from __future__ import annotations

import numpy as np

from joren.experiments.evidence import Evidence
from joren.experiments.synthetic_control import LEAST_DONORS, Series, effect_of, mix
from joren.stats.checks import Check, Outcome, undecided

_NO_WEIGHT = 1e-6


def leave_one_out(given: Series, found: Evidence) -> Check:
    """Find the effect again without each donor that has weight.

    Parameters
    ----------
    given, found : the series and what `synthetic_control` found in them

    Returns
    -------
    statistic is the effect farthest from the result; facts: lowest, highest
    """
    donors = len(given.names)
    if donors <= LEAST_DONORS:
        return undecided("leave_one_out", donors)
    before = slice(None, given.start)
    weights = mix(given.treated[before], given.donors[before])
    used = np.flatnonzero(weights > _NO_WEIGHT)
    effects = [effect_of(given.without(int(j))) for j in used]
    lowest, highest = min(effects), max(effects)
    farthest = max(effects, key=lambda effect: abs(effect - found.effect))
    room = (found.upper - found.lower) / 2
    outcome: Outcome = "passed" if abs(farthest - found.effect) <= room else "failed"
    facts = {"lowest": lowest, "highest": highest}
    return Check("leave_one_out", outcome, farthest, None, len(used), facts)
