"""Sample-ratio mismatch: whether the arms are as large as planned. If not, no effect is shown.

A lost or doubled share of one arm changes who is compared with whom, and nothing in the outcomes
can mend that. The threshold is strict, since the test runs on every campaign and a real defect of
assignment shows overwhelmingly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb, lgamma
from typing import Literal

import numpy as np
from scipy import stats

from joren.errors import JorenError
from joren.stats.arrays import Array

THRESHOLD = 0.001
_SMALLEST_EXPECTED = 5  # below, the chi-square distribution is no approximation
_MOST_SPLITS = 200_000  # ways to split the customers that are worth listing


@dataclass(frozen=True)
class Srm:
    """How the observed arms stand against the planned shares.

    observed : arm → customers; expected : arm → customers by the plan
    p : probability of a split at least as unlikely, if the plan was carried out
    mismatch : p below `threshold`
    """

    observed: dict[str, int]
    expected: dict[str, float]
    p: float
    method: Literal["chi_square", "exact"]
    mismatch: bool
    threshold: float = THRESHOLD


def sample_ratio(observed: Mapping[str, int], planned: Mapping[str, float] | None = None) -> Srm:
    """Hold the sizes of arms against the shares that were planned.

    Parameters
    ----------
    observed : arm → assigned customers; a planned arm that is missing has none
    planned : arm → share, in any unit (9 : 1 is as good as .9 : .1); None means equal shares

    Raises
    ------
    JorenError if nobody is assigned, a share is not positive or an arm has no share
    """
    shares = dict(planned) if planned else dict.fromkeys(observed, 1.0)
    unplanned = sorted(set(observed) - set(shares))
    if unplanned:
        raise JorenError(f"arm {unplanned[0]} has no planned share", "planned_shares", "add it")
    if any(not share > 0 for share in shares.values()):
        raise JorenError("a planned share is not positive", "planned_shares", "correct it")
    counts = {arm: int(observed.get(arm, 0)) for arm in shares}
    n = sum(counts.values())
    if not n:
        raise JorenError("nobody is assigned to an arm", "assignments", "give the assignments")
    found = np.array(list(counts.values()))
    weights = np.array([float(share) for share in shares.values()])
    weights = weights / weights.sum()
    splits = comb(n + len(counts) - 1, len(counts) - 1)
    exact = (n * weights).min() < _SMALLEST_EXPECTED and splits <= _MOST_SPLITS
    p = _exact(found, weights) if exact else _chi_square(found, n * weights)
    return Srm(
        counts,
        dict(zip(counts, (n * weights).tolist(), strict=True)),
        p,
        "exact" if exact else "chi_square",
        p < THRESHOLD,
    )


def _chi_square(found: Array, expected: Array) -> float:
    return float(stats.chi2.sf(((found - expected) ** 2 / expected).sum(), len(found) - 1))


def _exact(found: Array, shares: Array) -> float:
    """Exact multinomial test: all splits no likelier than the one found."""
    n, arms = int(found.sum()), len(found)
    bars = np.array(list(combinations(range(n + arms - 1), arms - 1)), dtype=int).reshape(
        -1, arms - 1
    )
    edges = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), n + arms - 1)])
    splits = np.diff(edges) - 1
    log_factorial = np.array([lgamma(i + 1) for i in range(n + 1)])
    logs = log_factorial[n] + splits @ np.log(shares) - log_factorial[splits].sum(axis=1)
    own = log_factorial[n] + found @ np.log(shares) - log_factorial[found].sum()
    return float(min(np.exp(logs[logs <= own + 1e-9]).sum(), 1.0))
