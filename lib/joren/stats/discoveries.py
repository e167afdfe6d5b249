"""What stands out among many tests: false discovery rates."""

from __future__ import annotations

import numpy as np

from joren.stats.arrays import Array


def q_values(p: Array, tests: int | None = None) -> Array:
    """Adjusted p-values of Benjamini & Hochberg (1995), JRSS B 57.

    The rows with q ≤ α hold, in expectation, a share of at most α that are no discoveries.

    Parameters
    ----------
    p : (n,) p-values
    tests : how many tests were made, where the unremarkable ones are not among the rows; they
        are taken as larger than every row given

    Raises
    ------
    ValueError if fewer tests were made than there are rows
    """
    p = np.asarray(p, float)
    made = len(p) if tests is None else tests
    if made < len(p):
        raise ValueError(f"{len(p)} p-values of {made} tests")
    order = np.argsort(p, kind="stable")
    scaled = p[order] * made / np.arange(1, len(p) + 1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted
