"""Regression discontinuity: customers just above a threshold beside those just below it.

1. Without the campaign the mean outcome would run on smoothly over the threshold.
2. Customers cannot place themselves exactly on one side of it.
3. Nothing else is granted at the same threshold.

The result is that of customers at the threshold, and of nobody else. Where the threshold only
makes the campaign likelier (fuzzy), it is that of customers whom the threshold decides.

Local regression with a triangular kernel within the bandwidth of Imbens & Kalyanaraman (2012). The
estimate and its interval are the bias-corrected, robust ones of Calonico, Cattaneo & Titiunik
(2014) with one bandwidth for estimate and bias, for which they are the local quadratic fit's; the
local linear jump is told beside it. Intervals of a ratio are Fieller's: sound when few follow the
threshold, and without an end when hardly any do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from joren.errors import JorenError
from joren.experiments.bandwidth import imbens_kalyanaraman
from joren.experiments.evidence import Evidence
from joren.experiments.threshold_bins import Bins
from joren.stats.arrays import Array

LEAST_VALUES = 5  # different values of the running variable on each side, within the bandwidth
LEAST_CUSTOMERS = 50  # on each side, within the bandwidth


@dataclass(frozen=True)
class Jump:
    """Jumps of outcome and of the share treated at the threshold.

    Parameters
    ----------
    outcome, treated : right limit less left limit
    covariance : (2, 2) of the two, heteroskedasticity-robust
    left : left limit of the outcome
    n, n_control : customers within the bandwidth at or above, and below
    """

    outcome: float
    treated: float
    covariance: Array
    left: float
    n: int
    n_control: int

    @property
    def se(self) -> float:
        return float(np.sqrt(max(self.covariance[0, 0], 0.0)))


def jump(bins: Bins, bandwidth: float, order: int) -> Jump:
    """Local polynomial limits from both sides.

    Parameters
    ----------
    bins : from `threshold_bins`
    bandwidth : customers farther away have no weight
    order : 1 for local linear, 2 for local quadratic

    Raises
    ------
    JorenError if a side has too few customers or too few different values
    """
    limits = []
    for right in (False, True):
        side = bins.side(right)
        side = side.where(np.abs(side.x) < bandwidth)
        if len(side.x) < LEAST_VALUES or side.n.sum() < LEAST_CUSTOMERS:
            where = "at or above" if right else "below"
            raise JorenError(
                f"{int(side.n.sum())} customers with {len(side.x)} different values lie {where} "
                "the threshold and near it",
                "",
                f"wait until there are {LEAST_CUSTOMERS} with {LEAST_VALUES} values on each side",
            )
        limits.append((*_limit(side, bandwidth, order), int(side.n.sum())))
    (left, cov_left, n_left), (right_limit, cov_right, n_right) = limits
    moved = right_limit - left
    return Jump(
        float(moved[0]), float(moved[1]), cov_left + cov_right, float(left[0]), n_right, n_left
    )


def limit_weights(side: Bins, bandwidth: float, order: int) -> tuple[Array, Array, Array]:
    """What the limit at the threshold takes of each bin's sum: the limit is weights @ sums.

    Returns
    -------
    (k,) weights; (k, order + 1) design; (order + 1, k) matrix from sums to coefficients
    """
    kernel = 1 - np.abs(side.x) / bandwidth
    design = np.vander(side.x / bandwidth, order + 1, increasing=True)
    bread = np.linalg.pinv(design.T @ (design * (kernel * side.n)[:, None]))
    solve = bread @ (design.T * kernel)
    return solve[0], design, solve


def _limit(side: Bins, bandwidth: float, order: int) -> tuple[Array, Array]:
    """Limits of outcome and treated at the threshold, with their covariance."""
    weights, design, solve = limit_weights(side, bandwidth, order)
    sums = np.column_stack([side.y, side.d])
    fy, fd = (design @ solve @ sums).T
    squares = (
        side.yy - 2 * fy * side.y + side.n * fy**2,
        side.dy - fy * side.d - fd * side.y + side.n * fy * fd,
        side.d - 2 * fd * side.d + side.n * fd**2,
    )
    # the limit is a weighted sum of outcomes; so is its variance, of squared residuals
    yy, dy, dd = (float(weights**2 @ square) for square in squares)
    n = float(side.n.sum())
    spare = n / max(n - order - 1, 1.0)
    return weights @ sums, spare * np.array([[yy, dy], [dy, dd]])


def regression_discontinuity(
    bins: Bins, level: float, fuzzy: bool = False, bandwidth: float | None = None
) -> Evidence:
    """Mean effect per customer at the threshold.

    Parameters
    ----------
    bins : from `threshold_bins`
    level : the interval's probability
    fuzzy : the effect of the campaign itself, where the threshold only makes it likelier
    bandwidth : found by Imbens & Kalyanaraman if not given

    Raises
    ------
    JorenError if too little lies near the threshold, or (fuzzy) if too few follow it for the
    interval to have an end
    """
    h = robust_bandwidth(bins) if bandwidth is None else bandwidth
    found = jump(bins, h, order=2)
    if fuzzy:
        effect, lower, upper = fieller(found, level)
        se = None
    else:
        effect, se = found.outcome, found.se
        reach = se * float(norm.ppf((1 + level) / 2))
        lower, upper = effect - reach, effect + reach
    return Evidence(
        "regression_discontinuity", effect, lower, upper, se, level, found.n, found.n_control,
        found.left, "quasi.assumption.regression_discontinuity",
    )  # fmt: skip


def robust_bandwidth(bins: Bins) -> float:
    """Imbens & Kalyanaraman's, but never so narrow that a side has too few values for a curve."""
    sides = [np.sort(np.abs(bins.side(right).x)) for right in (False, True)]
    if min(map(len, sides)) < LEAST_VALUES:
        raise JorenError(
            f"{min(map(len, sides))} different values lie on one side of the threshold",
            "",
            f"wait until there are {LEAST_VALUES} on each side",
        )
    least = max(float(side[LEAST_VALUES - 1]) for side in sides)
    return max(imbens_kalyanaraman(bins), least * (1 + 1e-9) + 1e-9)


def fieller(found: Jump, level: float) -> tuple[float, float, float]:
    """Ratio of the two jumps, with the effects τ for which jump − τ · treated is near zero.

    Raises
    ------
    JorenError if that set is unbounded: the jump of the share treated cannot be told from none
    """
    z2 = float(norm.ppf((1 + level) / 2)) ** 2
    (yy, dy), (_dy, dd) = found.covariance
    a = found.treated**2 - z2 * dd
    if a <= 0:
        raise JorenError(
            "the threshold does not change who has the campaign clearly enough",
            "",
            "look for the rule that really decided, or compare in another way",
        )
    b = found.outcome * found.treated - z2 * dy
    c = found.outcome**2 - z2 * yy
    root = float(np.sqrt(max(b**2 - a * c, 0.0)))
    return found.outcome / found.treated, (b - root) / a, (b + root) / a
