"""How much more often customers are lost after a sign, beside others at the same point.

The Mantel-Haenszel risk ratio over cells of recency and number of orders: who ordered for the first
time last week is compared with others who did. A customer's weeks are alike, so the variance of
its logarithm is that of sums over customers (linearised; Huber 1967). Each customer's part is a
linear form in her counts by cell; what leaves the engine are the sums of their products.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import norm

from joren.stats.arrays import Array

SIGN = ("source", "target")


@dataclass(frozen=True)
class Counts:
    """Counts of one period.

    total : (2K,) customer-weeks, then lost ones, by cell; gram : (2K, 2K) sums over customers of
    the products of their own
    signs : source, target, customers, weeks, lost (weeks), lost_customers
    shown : (s, 2K) counts after each sign; gram_shown : (s, 2K, 2K) sums of products of counts
    after it; gram_both : (s, 2K, 2K) of counts after it (rows) with all counts
    """

    total: Array
    gram: Array
    signs: pd.DataFrame
    shown: Array
    gram_shown: Array
    gram_both: Array


def counts_of(risk: ir.Table, shown: ir.Table, cells: int) -> Counts:
    """Sums of one period.

    Parameters
    ----------
    risk : customer_id, cell, lost; shown : the same with source and target
    cells : K
    """
    everyone = _long(risk, (), cells).cache()
    after = shown.mutate(source=_.source.fill_null(-1))
    signs = (
        after.group_by(*SIGN)
        .agg(
            customers=_.customer_id.nunique(),
            weeks=_.count(),
            lost=_.lost.sum(),
            lost_customers=_.customer_id.nunique(where=_.lost == 1),
        )
        .order_by(*SIGN)
        .to_pandas()
    )
    own = _long(after, SIGN, cells).cache()
    width = 2 * cells
    total, gram = np.zeros(width), np.zeros((width, width))
    sums = everyone.group_by("place").agg(n=_.n.sum()).to_pandas()
    total[sums.place.to_numpy(int)] = sums.n
    _place(gram, _products(everyone, everyone.view(), ()), ())
    at = {key: i for i, key in enumerate(signs[list(SIGN)].itertuples(index=False, name=None))}
    shape = (len(signs), width, width)
    gram_shown, gram_both = np.zeros(shape), np.zeros(shape)
    _place(gram_shown, _products(own, own.view(), SIGN), at)
    _place(gram_both, _products(own, everyone, ()), at)
    of_sign = own.group_by(*SIGN, "place").agg(n=_.n.sum()).to_pandas()
    counts = np.zeros((len(signs), width))
    places = [at[key] for key in of_sign[list(SIGN)].itertuples(index=False, name=None)]
    counts[places, of_sign.place.to_numpy(int)] = of_sign.n
    return Counts(total, gram, signs, counts, gram_shown, gram_both)


def lifts(counts: Counts, level: float) -> pd.DataFrame:
    """Risk ratio of every sign.

    Parameters
    ----------
    level : of the intervals

    Returns
    -------
    the columns of `counts.signs`; lift, lower, upper (NaN where no cell has both kinds of weeks or
    nobody is lost in one); precision (share of its weeks that are lost); recall (share of lost
    weeks that come after it)
    """
    reach = norm.ppf(0.5 + level / 2)
    lost = counts.total[len(counts.total) // 2 :].sum()
    rows = [
        _ratio(counts.total, counts.gram, *parts)
        for parts in zip(counts.shown, counts.gram_shown, counts.gram_both, strict=True)
    ]
    log, se = np.array(rows).reshape(-1, 2).T
    return counts.signs.assign(
        lift=np.exp(log), lower=np.exp(log - reach * se), upper=np.exp(log + reach * se),
        precision=counts.signs.lost / counts.signs.weeks,
        recall=counts.signs.lost / max(lost, 1.0),
    )  # fmt: skip


def _ratio(
    total: Array, gram: Array, shown: Array, gram_shown: Array, gram_both: Array
) -> tuple[float, float]:
    """Logarithm of the ratio, and its standard error."""
    n, y = np.split(total, 2)
    n1, y1 = np.split(shown, 2)
    n0, y0 = n - n1, y - y1
    share = np.divide(n1, n, out=np.zeros_like(n), where=n > 0)
    above, below = (y1 * (1 - share)).sum(), (y0 * share).sum()
    if not (above > 0 and below > 0):
        return np.nan, np.nan
    p1 = np.divide(y1, n1, out=np.zeros_like(n), where=n1 > 0)
    p0 = np.divide(y0, n0, out=np.zeros_like(n), where=n0 > 0)
    a, b = (1 - share) / above, share / below
    after = np.concatenate([-a * p1 - b * p0, a + b])
    every = np.concatenate([b * p0, -b])
    variance = after @ gram_shown @ after + 2 * after @ gram_both @ every + every @ gram @ every
    return float(np.log(above / below)), float(np.sqrt(max(variance, 0.0)))


def _long(rows: ir.Table, keys: tuple[str, ...], cells: int) -> ir.Table:
    """customer_id, `keys`, place (cell, or K + cell for the lost), n; none of zero."""
    sums = rows.group_by(*keys, "customer_id", "cell").agg(weeks=_.count(), lost=_.lost.sum())
    columns = (*keys, "customer_id", "place", "n")
    weeks = sums.mutate(place=_.cell, n=_.weeks.cast("int64")).select(*columns)
    lost = sums.mutate(place=_.cell + cells, n=_.lost.cast("int64")).select(*columns)
    return ibis.union(weeks, lost.filter(_.n > 0))


def _products(one: ir.Table, other: ir.Table, keys: tuple[str, ...]) -> pd.DataFrame:
    """Sums over customers of products; signs of `one` and places of both."""
    renamed = other.select("customer_id", *keys, other_place="place", other_n="n")
    kept = [key for key in SIGN if key in one.columns]
    joined = one.join(renamed, ["customer_id", *keys])
    summed = joined.group_by(*kept, "place", "other_place").agg(n=(_.n * _.other_n).sum())
    return summed.to_pandas()


def _place(array: Array, rows: pd.DataFrame, at: dict | tuple) -> None:
    where = (rows.place.to_numpy(int), rows.other_place.to_numpy(int))
    if isinstance(at, dict):
        places = [at[key] for key in rows[list(SIGN)].itertuples(index=False, name=None)]
        where = (np.array(places, dtype=int), *where)
    array[where] = rows.n.to_numpy(float)
