"""How near to a threshold customers must be to be compared: Imbens & Kalyanaraman (2012).

h = C (σ₋² + σ₊²)^⅕ / [f ((m₊ − m₋)² + r₋ + r₊)]^⅕ · N^−⅕ with C = 3.4375 for the triangular
kernel; f the density, σ² the variances and m the curvatures at the threshold on both sides, r
what keeps h finite where the curvatures happen to agree. Steps and constants are the paper's
(section 4.2), on sums by value.
"""

from __future__ import annotations

import numpy as np

from joren.experiments.threshold_bins import Bins
from joren.stats.arrays import Array

_KERNEL = 3.4375
_LEAST = 1e-12


def imbens_kalyanaraman(bins: Bins) -> float:
    """Bandwidth that minimises the expected squared error of the jump, local linear, triangular.

    Parameters
    ----------
    bins : with values on both sides of the threshold

    Returns
    -------
    bandwidth, in the running variable's unit, at most the span of the data
    """
    total = float(bins.n.sum())
    mean = (bins.n * bins.x).sum() / total
    spread = float(np.sqrt((bins.n * (bins.x - mean) ** 2).sum() / (total - 1)))
    pilot = 1.84 * spread * total**-0.2

    sides = (bins.side(False), bins.side(True))
    near = [side.where(np.abs(side.x) <= pilot) for side in sides]
    counted = [max(float(part.n.sum()), 1.0) for part in near]
    density = sum(counted) / (2 * total * pilot)
    variances = [
        _variance(part if part.n.sum() > 1 else side)
        for part, side in zip(near, sides, strict=True)
    ]
    third = 6 * _coefficients(bins, 3, jump=True)[-1]

    curvatures, regular = [], []
    for side, variance in zip(sides, variances, strict=True):
        own = float(side.n.sum())
        steep = max(third**2, _LEAST * variance / spread**6)
        reach = 3.56 * (variance / (density * steep)) ** (1 / 7) * own ** (-1 / 7)
        reach = max(min(reach, float(np.abs(side.x).max())), _third_value(side))
        part = side.where(np.abs(side.x) <= reach)
        curvatures.append(2 * _coefficients(part, 2)[-1])
        regular.append(2160 * variance / (float(part.n.sum()) * reach**4))
    bend = (curvatures[1] - curvatures[0]) ** 2 + sum(regular)
    h = _KERNEL * (sum(variances) / (density * bend)) ** 0.2 * total**-0.2
    return float(min(h, np.abs(bins.x).max()))


def _variance(part: Bins) -> float:
    n = float(part.n.sum())
    centred = float(part.yy.sum()) - float(part.y.sum()) ** 2 / n
    return max(centred / max(n - 1, 1.0), _LEAST)


def _third_value(side: Bins) -> float:
    """Distance that holds four values, the fewest on which a curvature can be told from noise."""
    return float(np.sort(np.abs(side.x))[min(3, len(side.x) - 1)])


def _coefficients(part: Bins, order: int, jump: bool = False) -> Array:
    scale = float(np.abs(part.x).max()) or 1.0
    design = np.vander(part.x / scale, order + 1, increasing=True)
    if jump:
        design = np.column_stack([(part.x >= 0).astype(float), design])
    root = np.sqrt(part.n)
    solved = np.linalg.lstsq(design * root[:, None], part.y / root, rcond=None)[0]
    solved[-1] /= scale**order
    return solved
