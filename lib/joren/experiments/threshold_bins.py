"""Outcomes on both sides of a threshold, as sums by value of what decides who gets the campaign.

Points and amounts are integers: every value of the running variable is one row of sums, and a
local regression on those sums is the regression on all customers, its robust variance included.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from joren.errors import JorenError
from joren.stats.arrays import Array

MAX_VALUES = 20_000


@dataclass(frozen=True)
class Bins:
    """Sums by distance to the threshold.

    Parameters
    ----------
    x : (k,) running variable less the threshold, ascending; x ≥ 0 is the side with the campaign
    n, y, yy : (k,) customers, Σ outcome, Σ outcome²
    d, dy : (k,) Σ treated, Σ treated · outcome (fuzzy designs; treated is 0 or 1, so Σd² = Σd)
    """

    x: Array
    n: Array
    y: Array
    yy: Array
    d: Array
    dy: Array

    def side(self, right: bool) -> Bins:
        """The bins at and above the threshold, or those below it."""
        return self.where((self.x >= 0) == right)

    def where(self, kept: np.ndarray) -> Bins:
        return Bins(*(part[kept] for part in (self.x, self.n, self.y, self.yy, self.d, self.dy)))


def threshold_bins(rows: ir.Table, threshold: float, width: int = 1) -> Bins:
    """Sums by value of the running variable, added up in the engine.

    Parameters
    ----------
    rows : running, outcome and, where not everybody above the threshold has the campaign (or
        somebody below it), treated (boolean); one row a customer. Rows without a running variable
        are not looked at
    threshold : the first value at which the campaign is granted
    width : values per bin, counted from the threshold so that none straddles it

    Raises
    ------
    JorenError if there are more bins than Python should hold
    """
    outcome = _.outcome.cast("decimal(18, 2)")
    treated = _.treated if "treated" in rows.columns else _.running >= threshold
    bins = (
        rows.filter(_.running.notnull())
        .mutate(outcome=ibis.coalesce(outcome, 0).cast("decimal(18, 2)"), treated=treated)
        .mutate(place=((_.running - threshold) / width).floor().cast("int64"))
        .group_by("place")
        .agg(
            n=_.count(),
            y=_.outcome.sum().cast("float64"),
            yy=(_.outcome * _.outcome).sum().cast("float64"),
            d=ibis.coalesce(_.treated.sum(), 0),
            dy=ibis.coalesce(_.outcome.sum(where=_.treated), 0).cast("float64"),
        )
        .order_by("place")
        .limit(MAX_VALUES + 1)
        .to_pandas()
    )
    if len(bins) > MAX_VALUES:
        raise JorenError(
            f"the running variable has more than {MAX_VALUES} values",
            "",
            f"put {2 * width} or more values into one bin",
        )
    x = bins.place.to_numpy(float) * width + (width - 1) / 2
    rest = (bins[name].to_numpy(float) for name in ("n", "y", "yy", "d", "dy"))
    return Bins(x, *rest)


def of_rows(x: Array, y: Array, treated: Array | None = None) -> Bins:
    """Bins of customers at hand as arrays: distances to the threshold, outcomes, treated (0/1)."""
    values, place = np.unique(x, return_inverse=True)
    d = (x >= 0).astype(float) if treated is None else treated
    parts = (np.ones_like(y), y, y * y, d, d * y)
    return Bins(values, *(np.bincount(place, part) for part in parts))
