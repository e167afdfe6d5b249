"""Were the two groups alike before the campaign? For a hold-out that nobody randomised.

Each covariate's difference must be no larger than chance allows: failed where the largest |z| is
too large for the number of covariates; undecided where the groups are so small that chance alone
may part them by more than `MUCH` standard deviations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from joren.stats.checks import Check, Outcome, undecided

MUCH = 0.1  # standard deviations; the usual limit of matching studies (Austin 2009)
_ALARM = 0.05


@dataclass(frozen=True)
class CovariateMoments:
    """Σx and Σx² of one covariate in each group, known before the campaign."""

    sum_treated: float
    squares_treated: float
    sum_control: float
    squares_control: float


def balance(n: int, n_control: int, covariates: Mapping[str, CovariateMoments]) -> Check:
    """Hold the groups' covariates against each other.

    Parameters
    ----------
    n, n_control : units of each group
    covariates : name → moments; those that do not vary are passed over

    Returns
    -------
    statistic is the largest |standardised difference|; facts: covariates (how many were looked
    at), limit
    """
    found = []
    for moments in covariates.values():
        mean, var = _mean_var(moments.sum_treated, moments.squares_treated, n)
        other, var_other = _mean_var(moments.sum_control, moments.squares_control, n_control)
        pooled = (var + var_other) / 2
        if pooled > 0:
            z = (mean - other) / np.sqrt(var / n + var_other / n_control)
            found.append(((mean - other) / np.sqrt(pooled), z))
    total = n + n_control
    if not found or min(n, n_control) < 2:
        return undecided("balance", total, covariates=len(found))
    largest = max(abs(d) for d, _ in found)
    p_value = min(1.0, len(found) * float(2 * norm.sf(max(abs(z) for _, z in found))))
    room = float(norm.isf(_ALARM / 2)) * np.sqrt(1 / n + 1 / n_control)
    outcome: Outcome = "passed" if room <= MUCH else "undecided"
    if p_value < _ALARM:
        outcome = "failed"
    facts = {"covariates": float(len(found)), "limit": MUCH}
    return Check("balance", outcome, float(largest), p_value, total, facts)


def _mean_var(total: float, squares: float, n: int) -> tuple[float, float]:
    mean = total / n
    return mean, max((squares - n * mean**2) / max(n - 1, 1), 0.0)
