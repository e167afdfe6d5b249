"""Who was at risk of ending, when and why: subscriptions as counts on tenure × category cells.

Within one decision the causes come in the order of CAUSES: who leaves of her own will or for
another reason is not charged any more, and only who is charged can fail to pay. The causes then
are independent binomials, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _
from numpy.typing import NDArray

from joren.churn.levels import FACTORS
from joren.churn.tenure import CAUSES
from joren.stats.arrays import Array

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Categories:
    """The labels of the courses, and of each factor's levels."""

    courses: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Places:
    """Where a subscription can be.

    course : (n,) position in `Categories.courses`; level : factor → (n,) position in its levels
    waived : (n,) decisions the commitment holds her at; decision : (n,) its number, from 1
    """

    course: Codes
    level: dict[str, Codes]
    waived: Array
    decision: Array

    @cached_property
    def spots(self) -> tuple[Places, Codes]:
        """The places that differ in more than their levels, and (n,) each one's position there."""
        seen = np.column_stack([self.course, self.waived, self.decision])
        _unique, at, spot = np.unique(seen, axis=0, return_index=True, return_inverse=True)
        return self.take(at), spot.ravel()

    def take(self, which: Array | slice) -> Places:
        """The places at these positions, or of a mask."""
        level = {factor: codes[which] for factor, codes in self.level.items()}
        return Places(self.course[which], level, self.waived[which], self.decision[which])


@dataclass(frozen=True)
class Cells:
    """Counts by cell.

    at_risk : (n,) subscriptions that came to the decision; ends : cause → (n,) of them
    """

    categories: Categories
    places: Places
    at_risk: Array
    ends: dict[str, Array]

    def by_size(self) -> list[str]:
        """The courses, that of the most subscriptions first."""
        begun = np.bincount(
            self.places.course, self.at_risk * (self.places.decision == 1),
            minlength=len(self.categories.courses),
        )  # fmt: skip
        return [self.categories.courses[code] for code in np.argsort(-begun, kind="stable")]

    def exposed(self, cause: str) -> Array:
        """(n,) subscriptions that could end by the cause.

        None can leave of her own will at a decision that her commitment waives.
        """
        before = CAUSES[: CAUSES.index(cause)]
        exposed = self.at_risk - sum((self.ends[c] for c in before), np.zeros_like(self.at_risk))
        if cause == "voluntary":
            exposed = np.where(self.places.decision > self.places.waived, exposed, 0.0)
        return exposed


def risk_cells(rows: ir.Table) -> Cells:
    """Counts by cell; only unique rows with their number leave the engine.

    Parameters
    ----------
    rows : from `levels.with_levels`
    """
    keys = ["course", *FACTORS, "waived"]
    # an end that is not settled yet has passed its decisions but the last, as an active one
    settled = rows.mutate(cause=_.settled.ifelse(_.cause, ibis.null("string")).fill_null(""))
    counted = (
        settled.group_by(*keys, "made", "cause").agg(n=_.count()).order_by(*keys, "made", "cause")
    ).to_pandas()
    groups = counted[keys].drop_duplicates(ignore_index=True)
    group = counted.groupby(keys, sort=False).ngroup().to_numpy()
    made, n, ended_by = (counted[name].to_numpy() for name in ("made", "n", "cause"))
    reached = np.zeros((len(groups), made.max(initial=0) + 1))
    ends = {cause: np.zeros_like(reached) for cause in CAUSES}
    np.add.at(reached, (group, made - (ended_by == "")), n)
    for cause, counts in ends.items():
        of = ended_by == cause
        np.add.at(counts, (group[of], made[of]), n[of])
    at_risk = reached[:, ::-1].cumsum(axis=1)[:, ::-1]
    at_risk[:, 0] = 0  # there is no decision before the first order
    at, decision = np.nonzero(at_risk)
    categories = Categories(
        _labels(groups.course), {factor: _labels(groups[factor]) for factor in FACTORS}
    )
    places = coded(groups.take(at).assign(decision=decision), categories)
    at_cell = (at, decision)
    return Cells(categories, places, at_risk[at_cell], {c: ends[c][at_cell] for c in ends})


def coded(frame, categories: Categories) -> Places:
    """Rows of course, FACTORS, waived and decision by their positions in the labels.

    Parameters
    ----------
    frame : pandas data frame
    """
    return Places(
        _codes(frame.course, categories.courses),
        {factor: _codes(frame[factor], categories.levels[factor]) for factor in FACTORS},
        frame.waived.to_numpy(float),
        frame.decision.to_numpy(float),
    )


def _labels(column) -> tuple[str, ...]:
    return tuple(sorted(column.unique()))


def _codes(column, labels: tuple[str, ...]) -> Codes:
    return np.searchsorted(np.array(labels, object), column.to_numpy(object)).astype(np.int64)
