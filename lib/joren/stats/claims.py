"""Which segments may be said to differ from zero: fewer than those whose own interval excludes it.

Two arms beside one control that do nothing are off by chance at 90 % in one of six campaigns, and
whatever all segments share then shows in most of them. Of intervals alone, 16 segments that learn
from each other would claim something in a fifth to a quarter of such campaigns. So a segment is
claimed by one of two ways:

1. Its interval excludes zero on the side on which that of the whole arm does: first everybody is
   asked, then who of them.
2. It is beyond the band that holds all segments of all arms at once at the same level (Besag et al.
   1995): a segment may stand out where everybody does not, but must do so against all of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np

from joren.stats.arrays import Array
from joren.stats.effects import Effect


def joint_tail(draws: Array, weights: Array, level: float) -> float:
    """The probability a tail of each cell's interval leaves, for all to hold together at `level`.

    Parameters
    ----------
    draws : (n_draws, n_cells) of effects
    weights : (n_draws,) summing to 1
    level : posterior probability that no cell is outside its interval

    Returns
    -------
    a number from (1 − level) / 2, of cells that are one, towards that over the number of cells
    """
    order = np.argsort(draws, axis=0, kind="stable")
    below = np.cumsum(weights[order], axis=0) - weights[order] / 2
    place = np.empty_like(draws)
    np.put_along_axis(place, order, below, axis=0)
    tail = np.minimum(place, 1 - place).min(axis=1)  # of the cell that is furthest out
    furthest = np.argsort(tail)
    at = np.searchsorted(np.cumsum(weights[furthest]), 1 - level)
    return float(tail[furthest][min(at, len(tail) - 1)])


def claimed[Key: Hashable](
    cells: Mapping[Key, Effect], whole: Mapping[Key, Effect], tail: float
) -> frozenset[Key]:
    """The cells whose effect may be claimed; see the module.

    Parameters
    ----------
    cells : the effects; whole : of each cell's arm, by the cell's key
    tail : from `joint_tail`
    """
    return frozenset(
        key
        for key, effect in cells.items()
        if (_side(effect) and _side(effect) == _side(whole[key]))
        or (effect.p_better is not None and min(effect.p_better, 1 - effect.p_better) < tail)
    )


def _side(effect: Effect) -> int:
    """1 above zero, -1 below, 0 where the interval includes it."""
    if not effect.excludes_zero():
        return 0
    return 1 if effect.absolute.value > 0 else -1
