"""Difference in differences: how much more the treated group changed than the other one.

1. Without the campaign both groups would have changed by the same amount (parallel trends).
2. Nobody changes before the campaign because it is coming.
3. The campaign does not reach the comparison group, and starts for all of its units at once.

Everything is a contrast c of period means: effect = cᵀ(ȳ₁ − ȳ₀), with variance
cᵀ(S₁/n₁ + S₀/n₀)c, S the covariance between units: standard errors are by unit (Bertrand, Duflo &
Mullainathan 2004), and with few units (stores) the interval is Welch's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from joren.errors import JorenError
from joren.experiments.evidence import Evidence, from_se
from joren.experiments.period_moments import GroupMoments
from joren.stats.arrays import Array


@dataclass(frozen=True)
class Contrast:
    """Estimates of some contrasts of periods with their covariance.

    Parameters
    ----------
    estimate : (k,) differences in differences
    covariance : (k, k)
    df : Welch's degrees of freedom, the smallest of the k
    """

    estimate: Array
    covariance: Array
    df: float

    @property
    def se(self) -> Array:
        return np.sqrt(np.diag(self.covariance))


def contrast(treated: GroupMoments, control: GroupMoments, weights: Array) -> Contrast:
    """Differences between the groups in given combinations of periods.

    Parameters
    ----------
    weights : (k, P) or (P,), each row a combination of periods

    Raises
    ------
    JorenError if a group has fewer than two units
    """
    if min(treated.n, control.n) < 2:
        raise JorenError(
            "a group with fewer than two units has no spread to judge a difference by",
            "",
            "compare smaller units, such as customers instead of stores",
        )
    rows = np.atleast_2d(np.asarray(weights, float))
    parts = [rows @ (g.covariance / g.n) @ rows.T for g in (treated, control)]
    covariance = parts[0] + parts[1]
    own = [np.diag(part) for part in parts]
    spread = own[0] ** 2 / (treated.n - 1) + own[1] ** 2 / (control.n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.where(spread > 0, np.diag(covariance) ** 2 / spread, np.inf)
    return Contrast(rows @ (treated.mean - control.mean), covariance, float(df.min()))


def before_and_after(periods: int, start: int, end: int | None = None) -> Array:
    """(P,) weights: mean of the periods from `start` to before `end`, less the mean before."""
    weights = np.zeros(periods)
    weights[start:end] = 1 / len(weights[start:end])
    weights[:start] = -1 / start
    return weights


def difference_in_differences(
    treated: GroupMoments, control: GroupMoments, start: int, level: float
) -> Evidence:
    """Mean effect per unit and period from `start` on.

    Parameters
    ----------
    treated, control : from `period_moments`
    start : first period with the campaign
    level : the interval's probability

    Returns
    -------
    Evidence without checks; the counterfactual is the treated mean less the effect

    Raises
    ------
    JorenError if there is no period before or after the start
    """
    periods = len(treated.sums)
    if not 1 <= start < periods:
        raise JorenError(
            f"no period lies on one side of the start ({start} of {periods})",
            "",
            "look at a longer span",
        )
    found = contrast(treated, control, before_and_after(periods, start))
    effect = float(found.estimate[0])
    after = float(treated.mean[start:].mean())
    return from_se(
        "did", effect, float(found.se[0]), level=level, n=treated.n, n_control=control.n,
        counterfactual=after - effect, df=found.df,
    )  # fmt: skip


def event_study(treated: GroupMoments, control: GroupMoments, start: int) -> Contrast:
    """Differences between the groups in each period, relative to the last one before the start.

    Returns
    -------
    (P,) estimates; the one of period start − 1 is 0 with variance 0
    """
    periods = len(treated.sums)
    weights = np.eye(periods)
    weights[:, start - 1] -= 1
    return contrast(treated, control, weights)
