"""Do customers place themselves above the threshold? A jump in how many there are says so.

McCrary (2008): counts in bins that do not straddle the threshold (his width, 2 · sd · n^−½, in
whole steps), and the jump of their local regression there; bandwidth and robust bias correction
are those of the outcome's own jump. Somebody who spends a little more to reach the points leaves
too few just below and too many just above.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from joren.experiments.regression_discontinuity import LEAST_VALUES, limit_weights, robust_bandwidth
from joren.experiments.threshold_bins import Bins
from joren.stats.arrays import Array
from joren.stats.checks import Check, by_p_value, undecided

LEAST_BINS = 10  # on each side
_SPAN = 3.0  # standard deviations on each side that are looked at


def density(bins: Bins) -> Check:
    """Test for a jump in the number of customers at the threshold.

    Parameters
    ----------
    bins : from `threshold_bins`

    Returns
    -------
    statistic is the jump as a share of the count below; facts: width of a bin, bandwidth
    """
    total = int(bins.n.sum())
    counts, width = histogram(bins)
    sides = [int(((counts.x >= 0) == right).sum()) for right in (False, True)]
    if min(sides) < LEAST_BINS:
        return undecided("density", total, bins=float(min(sides)))
    h = max(robust_bandwidth(counts), width * (LEAST_VALUES + 2))
    limits, variance = [], 0.0
    for right in (False, True):
        side = counts.side(right)
        side = side.where(np.abs(side.x) < h)
        weights = limit_weights(side, h, order=2)[0]
        limits.append(float(weights @ side.y))
        # a count is Poisson: it is its own variance, and no residual is needed
        variance += float(weights**2 @ side.y)
    moved = limits[1] - limits[0]
    p_value = float(2 * norm.sf(abs(moved) / np.sqrt(variance))) if variance > 0 else 1.0
    share = moved / limits[0] if limits[0] > 0 else float("inf")
    return by_p_value("density", share, p_value, total, width=width, bandwidth=h)


def histogram(bins: Bins) -> tuple[Bins, float]:
    """Counts as outcomes of bins of equal width, empty ones included, and that width."""
    total = float(bins.n.sum())
    mean = float((bins.n * bins.x).sum() / total)
    spread = float(np.sqrt((bins.n * (bins.x - mean) ** 2).sum() / total))
    # a width that is no multiple of the values' own step holds now more of them, now fewer
    step = float(np.diff(bins.x).min()) if len(bins.x) > 1 else 1.0
    width = max(float(np.ceil(2 * spread / np.sqrt(total) / step)), 1.0) * step
    place = np.floor(bins.x / width).astype(int)
    # inside the data only: the empty space beyond an end would be a cliff of its own
    low = max(int(place.min()) + 1, -int(_SPAN * spread / width))
    high = min(int(place.max()), int(_SPAN * spread / width))
    kept = (place >= low) & (place < high)
    counts = np.bincount(place[kept] - low, bins.n[kept], minlength=max(high - low, 0))
    return _as_bins((np.arange(low, low + len(counts)) + 0.5) * width, counts), width


def _as_bins(x: Array, counts: Array) -> Bins:
    ones = np.ones_like(counts)
    above = (x >= 0).astype(float)
    return Bins(x, ones, counts, counts**2, above, above * counts)
