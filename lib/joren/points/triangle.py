"""Redemption triangles: points by grant month and age in months, one for each validity class.

The engine reduces `point_flows` to one row per grant month, class and age; the youngest cohorts
have not come to the later ages yet, and what is not known there is NaN, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _
from numpy.typing import NDArray

from joren.stats.arrays import Array

CLASSES = ("<=31d", "<=92d", "<=12m", ">12m", "none")  # of validity, shortest first
UNTOLD = "untold"  # points of which it shows only at their expiry that they had one
_EXTRAORDINARY = 5
_GONE = ("expired", "cancelled", "transferred")


@dataclass(frozen=True)
class Triangle:
    """Points of one validity class, cohorts of every month from the first to the last.

    Attributes
    ----------
    cohorts : (n,) grant months, datetime64[M]; the last one is the last month known
    granted : (n,) points
    used, gone : (n, n) points of each age in months (gone: expired, cancelled, moved elsewhere); a
        month may give points back and be negative; 0 where age has not been reached
    lapsed : whether any points have expired
    """

    validity: str
    cohorts: NDArray[np.datetime64]
    granted: NDArray[np.int64]
    used: NDArray[np.int64]
    gone: NDArray[np.int64]
    lapsed: bool = False

    @property
    def last(self) -> np.datetime64:
        return self.cohorts[-1]

    @property
    def reached(self) -> NDArray[np.bool_]:
        """(n, n) whether the cohort has completed the age."""
        n = len(self.cohorts)
        return np.add.outer(np.arange(n), np.arange(n)) < n

    @property
    def ordinary(self) -> NDArray[np.bool_]:
        """(n,) whether the month granted at most five times the median of months with grants.

        What one large campaign gave away says how that campaign went, not how points are used.
        """
        given = self.granted[self.granted > 0]
        return self.granted <= _EXTRAORDINARY * (np.median(given) if len(given) else 0)

    def cumulative(self, kind: str = "used") -> Array:
        """(n, n) points used (or `gone`) up to and including each age; NaN where not reached."""
        return np.where(self.reached, getattr(self, kind).cumsum(axis=1), np.nan)

    def at_risk(self) -> NDArray[np.int64]:
        """(n, n) points outstanding when the age begins."""
        left = (self.used + self.gone).cumsum(axis=1)
        return self.granted[:, None] - np.pad(left, ((0, 0), (1, 0)))[:, :-1]

    def outstanding(self) -> NDArray[np.int64]:
        """(n,) points outstanding at the end of the last month."""
        return self.granted - (self.used + self.gone).sum(axis=1)

    def until(self, month: np.datetime64) -> Triangle:
        """The triangle as it was at the end of an earlier month, the diagonals after it hidden."""
        n = int((month - self.cohorts[0]).astype(int)) + 1
        seen = np.add.outer(np.arange(n), np.arange(n)) < n
        used, gone = (np.where(seen, part[:n, :n], 0) for part in (self.used, self.gone))
        return replace(
            self, cohorts=self.cohorts[:n], granted=self.granted[:n], used=used, gone=gone
        )


def last_closed_month(as_of: date) -> date:
    """The first day of the last month that `as_of` completes."""
    tomorrow = as_of + timedelta(days=1)
    return (tomorrow - timedelta(days=tomorrow.day)).replace(day=1)


def triangle_rows(flows: ir.Table, last: date) -> ir.Table:
    """Grant month, validity and age in months with the points granted, used, gone, expired in it.

    Parameters
    ----------
    flows : `point_flows`, points signed by month
    last : first day of the last month counted
    """

    def of(*kinds: str) -> ir.Value:
        return _.points.sum(where=_.kind.isin(kinds)).fill_null(0).cast("int64")

    age = (_.month.year() - _.grant_month.year()) * 12 + _.month.month() - _.grant_month.month()
    return (
        flows.filter(_.month <= ibis.literal(last), _.grant_month <= ibis.literal(last))
        .group_by("grant_month", "validity", age=age)
        .agg(granted=of("granted"), used=of("used"), gone=of(*_GONE), expired=of("expired"))
        .order_by("grant_month", "validity", "age")
    )


def triangles(flows: ir.Table, last: date) -> dict[str, Triangle]:
    """The triangle of every validity class that has points, shortest validity first.

    Parameters
    ----------
    flows : `point_flows`, points signed by month
    last : first day of the last month counted, see `last_closed_month`
    """
    rows = triangle_rows(flows, last).to_pandas()
    if rows.empty:
        return {}
    month = rows.grant_month.to_numpy().astype("datetime64[M]")
    first, end = month.min(), np.datetime64(last, "M")
    one = np.timedelta64(1, "M")
    cohorts = np.arange(first, end + one, one)
    at = (month - first).astype(int)
    found = {}
    for validity in CLASSES:
        of = (rows.validity == validity).to_numpy()
        if not rows.granted[of].sum() > 0:
            continue
        parts = {}
        for name in ("granted", "used", "gone"):
            part = np.zeros((len(cohorts), len(cohorts)), np.int64)
            np.add.at(part, (at[of], rows.age[of].to_numpy()), rows[name][of].to_numpy())
            parts[name] = part
        parts["granted"] = parts["granted"].sum(axis=1)
        lapsed = bool(rows.expired[of].sum() > 0)
        found[validity] = Triangle(validity, cohorts, **parts, lapsed=lapsed)
    return found


def usual(found: dict[str, Triangle]) -> dict[str, Triangle]:
    """The triangles without the points of months that are not `ordinary`."""
    kept = {}
    for name, of in found.items():
        on = of.ordinary
        kept[name] = replace(
            of, granted=of.granted * on, used=of.used * on[:, None], gone=of.gone * on[:, None]
        )
    return kept


def undivided(found: dict[str, Triangle], expiry: dict[str, Any]) -> dict[str, Triangle]:
    """The triangles without classes that only the outcome tells apart.

    Where a source tells expiries as they happen, the lots of an account that has seen one are
    without expiry on record (`none`), those of an account that has not have the rule's. Who uses
    all her points would then be in the rule's class and who does not in `none`, which says more of
    the past than can be known of points outstanding. The two are one class, UNTOLD.

    Parameters
    ----------
    expiry : `points.expiry`, the rule
    """
    if "none" not in found or not found["none"].lapsed:
        return found
    days = expiry.get("days", 30.5 * expiry.get("months", 12))
    ruled = next(
        (c for c, most in zip(CLASSES, (31, 92, 366), strict=False) if days <= most), CLASSES[3]
    )
    # another policy gives validities of every length
    mixed = {ruled, "none"} if expiry.get("policy") == "fixed" else set(CLASSES)
    parts = [of for name, of in found.items() if name in mixed]
    if len(parts) == 1:
        return found
    whole = replace(
        parts[0], validity=UNTOLD, lapsed=True,
        **{n: sum(getattr(of, n) for of in parts) for n in ("granted", "used", "gone")},
    )  # fmt: skip
    return {name: of for name, of in found.items() if name not in mixed} | {UNTOLD: whole}


def until(found: dict[str, Triangle], month: np.datetime64) -> dict[str, Triangle]:
    """The triangles as they were at the end of an earlier month; classes not yet granted left out.

    Parameters
    ----------
    month : at or after the first cohort
    """
    cut = {validity: triangle.until(month) for validity, triangle in found.items()}
    return {validity: triangle for validity, triangle in cut.items() if triangle.granted.any()}


def redeemed_since(found: dict[str, Triangle], month: np.datetime64, steps: int) -> Array:
    """(n,) points of each cohort up to `month` that were used in the `steps` months after it."""
    n = int((month - next(iter(found.values())).cohorts[0]).astype(int)) + 1
    total = np.zeros(n)
    for triangle in found.values():
        ages = np.add.outer(np.arange(n), np.arange(triangle.used.shape[1]))
        after = (ages >= n) & (ages < n + steps)
        total += np.where(after, triangle.used[:n], 0).sum(axis=1)
    return total
