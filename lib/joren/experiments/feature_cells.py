"""Customers of a test as cells of equal features: all that learning whom it moved needs.

Features are cut into few levels in the engine (numbers at their quantiles, words at their most
frequent ones). Whatever the number of customers, what reaches Python is one row per cell, fold and
arm; a score is worked out per cell and joined back to everybody in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from joren.errors import JorenError
from joren.stats.arrays import Array

FOLDS = 5
MAX_CELLS = 200_000  # rows of sums that Python holds; beyond, features are cut more coarsely
_LEVELS = 8
_MISSING = -1

Cuts = dict[str, tuple[float, ...] | tuple[str, ...]]


@dataclass(frozen=True)
class Cells:
    """Sums by fold and cell of features.

    Parameters
    ----------
    cuts : how each feature was cut
    codes : (k, F) level of each feature, −1 where it is missing
    fold : (k,)
    n, y, yy : (2, k) customers, Σ outcome and Σ outcome², of control (0) and treated (1)
    """

    cuts: Cuts
    codes: Array
    fold: Array
    n: Array
    y: Array
    yy: Array

    @property
    def customers(self) -> Array:
        """(k,) of both arms."""
        return self.n.sum(0)

    @property
    def share(self) -> float:
        """Share treated."""
        return float(self.n[1].sum() / self.n.sum())

    @property
    def effect(self) -> float:
        """Mean difference between the arms."""
        mean = self.y.sum(1) / self.n.sum(1)
        return float(mean[1] - mean[0])


def feature_cells(rows: ir.Table, features: Sequence[str]) -> Cells:
    """Cut the features of a randomised test and add its outcomes up.

    Parameters
    ----------
    rows : customer_id, treated (boolean), outcome, and the features, known before the test; one
        row a customer
    features : columns of numbers or words

    Raises
    ------
    JorenError if an arm is empty, or if there are too many cells even of halves
    """
    levels = _LEVELS
    while levels >= 2:
        cuts = cut_points(rows, features, levels)
        found = _sums(with_codes(rows, cuts), cuts)
        if len(found) <= MAX_CELLS:
            return _arranged(found, cuts)
        levels //= 2
    raise JorenError(
        f"{len(features)} features make more than {MAX_CELLS} cells", "", "name fewer features"
    )


def cut_points(rows: ir.Table, features: Sequence[str], levels: int) -> Cuts:
    """Where each feature is cut: inner quantiles of numbers, most frequent words."""
    cuts: Cuts = {}
    for name in features:
        column = rows[name]
        if isinstance(column, ir.StringColumn):
            counted = rows.filter(column.notnull()).group_by(name).agg(n=_.count())
            top = counted.order_by(_.n.desc(), name).limit(levels - 1)
            cuts[name] = tuple(top.to_pandas()[name])
        else:
            value = column.cast("float64")
            inner = [i / levels for i in range(1, levels)]
            row = rows.agg(**{f"q{i}": value.quantile(q) for i, q in enumerate(inner)}).to_pandas()
            points = np.unique(row.to_numpy(float)[0])
            cuts[name] = tuple(float(p) for p in points[np.isfinite(points)])
    return cuts


def with_codes(rows: ir.Table, cuts: Mapping[str, tuple]) -> ir.Table:
    """Rows with the level of each feature as column `code_<feature>`."""
    codes = {}
    for name, points in cuts.items():
        column = rows[name]
        if isinstance(column, ir.StringColumn):
            named = [(column == word, level) for level, word in enumerate(points)]
            code = ibis.cases(*named, else_=len(points)) if named else ibis.literal(0)
        else:
            value = column.cast("float64")
            code = ibis.literal(0)
            for point in points:
                code = code + (value > point).cast("int64")
        codes[f"code_{name}"] = ibis.ifelse(column.isnull(), _MISSING, code).cast("int64")
    return rows.mutate(**codes)


def _sums(rows: ir.Table, cuts: Cuts):
    outcome = ibis.coalesce(_.outcome.cast("decimal(18, 2)"), 0).cast("decimal(18, 2)")
    keys = [f"code_{name}" for name in cuts]
    return (
        rows.mutate(
            outcome=outcome,
            # a customer's fold follows from her ID alone
            fold=(_.customer_id.cast("string").hash() % FOLDS + FOLDS) % FOLDS,
        )
        .group_by("fold", *keys, _.treated.cast("int64").name("arm"))
        .agg(
            n=_.count(),
            y=_.outcome.sum().cast("float64"),
            yy=(_.outcome * _.outcome).sum().cast("float64"),
        )
        .order_by("fold", *keys, "arm")
        .limit(2 * MAX_CELLS + 1)
        .to_pandas()
    )


def _arranged(found, cuts: Cuts) -> Cells:
    if set(found.arm) != {0, 1}:
        raise JorenError("one arm has no customers", "", "compare two arms that were both used")
    keys = ["fold", *(f"code_{name}" for name in cuts)]
    wide = found.pivot(index=keys, columns="arm", values=["n", "y", "yy"]).fillna(0.0)
    index = wide.index.to_frame(index=False).to_numpy(float)
    sums = (wide[name][[0, 1]].to_numpy(float).T for name in ("n", "y", "yy"))
    return Cells(cuts, index[:, 1:], index[:, 0], *sums)
