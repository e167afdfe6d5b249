"""Sufficient statistics: unique customers with counts, arranged as the models read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from joren.errors import JorenError
from joren.stats.arrays import Array

# the columns by which the engine knows a unique customer
KEY = ["frequency", "recency", "T"]


@dataclass(frozen=True)
class PurchaseStatistics:
    """Unique (frequency, recency, T) with the number of customers that share them, in days.

    Rows are ordered by (frequency, T, recency), so that every (frequency, T) is one block.
    `log_gaps` is Σ ln(days between consecutive orders) over the customers of a row, where it is
    known: only models of regular buyers ask for it.
    """

    frequency: Array
    recency: Array
    age: Array
    customers: Array
    log_gaps: Array | None = None

    def __len__(self) -> int:
        return len(self.frequency)

    @property
    def total(self) -> float:
        """Number of customers."""
        return float(self.customers.sum())

    def key(self) -> dict[str, NDArray[np.int64]]:
        """The columns of KEY, to join what is worked out for each row back in the engine."""
        columns = (self.frequency, self.recency, self.age)
        return {name: of.astype(np.int64) for name, of in zip(KEY, columns, strict=True)}

    def median_age(self) -> float:
        """Weighted median of T, at least one day: the scale the priors are relative to."""
        return max(_weighted_median(self.age, self.customers), 1.0)

    def rows(self, places: np.ndarray) -> PurchaseStatistics:
        """Some of the rows, in the order asked for."""
        columns = {name: c if c is None else c[places] for name, c in vars(self).items()}
        return PurchaseStatistics(**columns)

    def thinned(self, share: float, rng: np.random.Generator) -> PurchaseStatistics:
        """A random share of the customers, at least one; those of a row have its mean gaps."""
        left = rng.binomial(self.customers.astype(np.int64), share)
        if not left.any():
            left[rng.integers(len(left))] = 1
        kept = np.flatnonzero(left)
        gaps = None if self.log_gaps is None else self.log_gaps * left / self.customers
        return replace(self, customers=left.astype(float), log_gaps=gaps).rows(kept)


@dataclass(frozen=True)
class SpendStatistics:
    """Unique (frequency, mean spend of a repeat day) of repeat buyers, with their number."""

    frequency: Array
    mean_spend: Array
    customers: Array

    def __len__(self) -> int:
        return len(self.frequency)

    @property
    def total(self) -> float:
        """Number of customers."""
        return float(self.customers.sum())

    def median_spend(self) -> float:
        """Weighted median of the mean spend: the scale the priors are relative to."""
        return _weighted_median(self.mean_spend, self.customers)


def purchase_statistics(
    frequency: ArrayLike,
    recency: ArrayLike,
    age: ArrayLike,
    customers: ArrayLike | None = None,
    log_gaps: ArrayLike | None = None,
) -> PurchaseStatistics:
    """Group customers that the purchase model cannot tell apart.

    Parameters
    ----------
    frequency, recency, age : (n,) repeat purchase days, days from first to last, days to as-of
    customers : (n,) customers each row stands for; one each when absent
    log_gaps : (n,) Σ ln(days between consecutive orders) over the customers of each row

    Raises
    ------
    JorenError if there is no row, or 0 <= recency <= T or frequency >= 0 is broken
    """
    x, t, age_ = (np.asarray(values, float) for values in (frequency, recency, age))
    weight = np.ones(len(x)) if customers is None else np.asarray(customers, float)
    if len(x) == 0:
        raise JorenError("there is no customer to model", "purchase_summary", "add orders")
    broken = (x < 0) | (t < 0) | (t > age_) | ~np.isfinite(x + t + age_)
    if broken.any():
        raise JorenError(
            f"{int(broken.sum())} customers have a recency outside 0..T or a negative frequency",
            "purchase_summary",
            "rebuild it with notebooks/04_ltv/10_purchases.ipynb",
        )
    unique, at = unique_rows(np.column_stack([x, age_, t]))
    gaps = None if log_gaps is None else np.bincount(at, np.asarray(log_gaps, float))
    return PurchaseStatistics(
        unique[:, 0], unique[:, 2], unique[:, 1], np.bincount(at, weight).astype(float), gaps
    )


def spend_statistics(
    frequency: ArrayLike, mean_spend: ArrayLike, customers: ArrayLike | None = None
) -> SpendStatistics:
    """Group repeat buyers by frequency and mean spend; the others carry no information.

    Parameters
    ----------
    frequency : (n,) repeat purchase days
    mean_spend : (n,) mean value of a repeat day, in currency
    customers : (n,) customers each row stands for; one each when absent

    Raises
    ------
    JorenError if nobody bought again for a positive amount
    """
    x, z = np.asarray(frequency, float), np.asarray(mean_spend, float)
    weight = np.ones(len(x)) if customers is None else np.asarray(customers, float)
    told = (x > 0) & (z > 0)
    if not told.any():
        raise JorenError(
            "nobody bought again for a positive amount", "purchase_summary", "wait for more orders"
        )
    unique, at = unique_rows(np.column_stack([x[told], z[told]]))
    return SpendStatistics(unique[:, 0], unique[:, 1], np.bincount(at, weight[told]).astype(float))


def stacked(groups: Sequence[PurchaseStatistics]) -> tuple[NDArray[np.int64], list[Array]]:
    """The rows of several groups one after the other.

    Returns
    -------
    (n,) number of each row's group; and (n,) each: frequency, recency, age, customers
    """
    group = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    names = ("frequency", "recency", "age", "customers")
    return group, [np.concatenate([getattr(g, name) for g in groups]) for name in names]


def histogram(values: Array, weight: Array) -> tuple[Array, Array]:
    """Unique values in ascending order and the weight on each."""
    unique, inverse = np.unique(values, return_inverse=True)
    return unique, np.bincount(inverse, weight, minlength=len(unique)).astype(float)


def unique_rows(rows: Array) -> tuple[Array, np.ndarray]:
    """Unique rows in ascending order, and which of them each row is."""
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    new = np.r_[True, (ordered[1:] != ordered[:-1]).any(1)]
    place = np.empty(len(rows), np.int64)
    place[order] = np.cumsum(new) - 1
    return ordered[new], place


def _weighted_median(values: Array, weight: Array) -> float:
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(cumulative, cumulative[-1] / 2)])
