"""When within its cycle an end is told, counted on tenths of it.

A subscriber half way to the next order who has said nothing is safer for this cycle than one who
has just received a parcel. Failed payments show on the day the order is due; all other ends are
taken from what was seen, whatever the course.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
from ibis import _

from joren.stats.arrays import Array

_PARTS = 10
_PRIOR = 1.0  # ends that each part is thought to have seen before the data


@dataclass(frozen=True)
class Notice:
    """(n_parts,) share of the ends told in each equal part of the cycle."""

    shares: Array

    def told_by(self, phase: Array) -> Array:
        """Share of the ends of a decision that are told by a share of its cycle, in 0..1."""
        edges = np.linspace(0, 1, len(self.shares) + 1)
        return np.interp(phase, edges, np.concatenate([[0.0], self.shares.cumsum()]))


def notice(tenure: ir.Table) -> Notice:
    """Count when settled ends were told.

    Parameters
    ----------
    tenure : from `tenure.subscription_tenure`
    """
    told = tenure.filter(_.settled & (_.cause != "payment"))
    part = (_.phase * _PARTS).floor().cast("int64").clip(upper=_PARTS - 1)
    counts = told.group_by(part=part).agg(n=_.count()).to_pandas()
    ends = np.full(_PARTS, _PRIOR)
    np.add.at(ends, counts.part.to_numpy(int), counts.n.to_numpy(float))
    return Notice(ends / ends.sum())
