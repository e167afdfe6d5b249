"""How many come within a time, when some leave for good and some were not watched long enough.

Counts are arranged by step: (groups, steps) who came, went or was last watched at each step 0, 1,
2, … Somebody last watched at step c was at risk up to and including c.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from joren.stats.arrays import Array
from joren.stats.shares import jeffreys


@dataclass(frozen=True)
class CameBy:
    """What share came by the horizon.

    share : (groups,) Aalen–Johansen estimate, the plain share where nobody was lost from sight;
        NaN for a group of nobody
    n : (groups,) how many, all watched to the end, would make it as sure
    complete : (groups,) false where nobody was watched to the horizon and somebody might still
        have come: the share then is that of a shorter time
    """

    share: Array
    n: Array
    complete: NDArray[np.bool_]

    def interval(self, probability: float) -> tuple[Array, Array]:
        """Jeffreys interval of the share at the effective size; NaN for a group of nobody."""
        return jeffreys(np.nan_to_num(self.share) * self.n, self.n, probability)


def came_by(came: Array, gone: Array, censored: Array) -> CameBy:
    """Share that comes by the last step, with the size that gives it its variance.

    From F, the share of those at risk at step m that comes from m on, with hazards q (comes) and e
    (goes) and s = 1 − q − e: F_m = q_m + s_m F_{m+1}. Its variance follows by the delta method for
    the multinomial of each step, backwards; without losses it is that of a binomial.

    Parameters
    ----------
    came, gone, censored : (groups, steps) counts; who is watched longer than the steps, or comes
        later, is censored at the last one
    """
    at_risk = at_risk_by_step(came, gone, censored)
    some = np.maximum(at_risk, 1.0)
    q, e = came / some, gone / some
    stay = 1 - q - e
    groups, steps = came.shape
    share, variance = np.zeros(groups), np.zeros(groups)
    for m in range(steps - 1, -1, -1):
        own = q[:, m] * (1 - q[:, m]) + stay[:, m] * share * (
            (1 - stay[:, m]) * share - 2 * q[:, m]
        )
        variance = own / some[:, m] + stay[:, m] ** 2 * variance
        share = q[:, m] + stay[:, m] * share
    left = np.where(at_risk > 0, stay, 1.0).prod(axis=1)
    unseen = (at_risk[:, -1] <= 0) & (left > 1e-12)
    begun = at_risk[:, 0]
    spread = share * (1 - share)
    n = np.where(variance > 1e-15, spread / np.maximum(variance, 1e-15), begun)
    n = np.minimum(n, begun)
    return CameBy(np.where(begun > 0, np.clip(share, 0, 1), np.nan), n, ~unseen)


def share_by_step(came: Array, gone: Array, censored: Array) -> Array:
    """(groups, steps) Aalen–Johansen share that came by each step."""
    at_risk = at_risk_by_step(came, gone, censored)
    some = np.maximum(at_risk, 1.0)
    stays = (1 - (came + gone) / some).cumprod(axis=1)
    before = np.hstack([np.ones((len(stays), 1)), stays[:, :-1]])
    return (before * came / some).cumsum(axis=1)


def at_risk_by_step(came: Array, gone: Array, censored: Array) -> Array:
    """(groups, steps) who had neither come, gone nor been lost from sight before each step."""
    leaving = came + gone + censored
    return leaving[:, ::-1].cumsum(axis=1)[:, ::-1].astype(float)
