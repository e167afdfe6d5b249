"""How right and how complete the linking is, estimated from its own probabilities, no labels.

Precision: the mean probability of the links. Recall: of the compared pairs expected to be one
person, those that ended up together. How many more there are among records that share nothing to
compare, nothing tells: it bounds the recall over all pairs from above. Pairs of one customer are
right or wrong together, so an interval counts customers, not pairs: Beta(1 + right, 1 + wrong) of
that many.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
from scipy.special import betaincinv


@dataclass(frozen=True)
class Estimate:
    """A share with its interval; n is what it was estimated from."""

    value: float
    lower: float
    upper: float
    n: int


@dataclass(frozen=True)
class Quality:
    """precision: share of links that are right; recall: of compared pairs of one person, found.

    None where there is nothing to estimate from; recall needs the fuzzy model.
    """

    precision: Estimate | None
    recall: Estimate | None


def estimate_quality(
    records: ir.Table, edges: ir.Table, scored: ir.Table | None, interval: float
) -> Quality:
    """Estimate precision and recall.

    Parameters
    ----------
    records : record, cluster
    edges : decided edges
    scored : left, right, match_probability of every pair the model saw, None without a model
    interval : probability the intervals hold
    """
    links = edges.filter(edges.decision == "link")
    row = links.agg(n=links.count(), right=links.match_probability.sum()).to_pyarrow().to_pylist()
    found = row[0]["n"]
    if not found:
        return Quality(None, None)
    sizes = records.group_by("cluster").agg(size=records.count())
    merged = sizes.filter(sizes["size"] > 1)
    inside = merged.agg(
        customers=merged.count(), pairs=(merged["size"] * (merged["size"] - 1) / 2).sum()
    ).to_pyarrow().to_pylist()[0]  # fmt: skip
    customers, pairs = inside["customers"], inside["pairs"] or 0.0
    precision = _estimate(row[0]["right"] / found, customers, interval)
    if scored is None or not pairs:
        return Quality(precision, None)
    right = pairs * precision.value
    missed = _expected_apart(records, scored)
    people = customers * (right + missed) / max(right, 1.0)
    return Quality(precision, _estimate(right / (right + missed), people, interval))


def _expected_apart(records: ir.Table, scored: ir.Table) -> float:
    """Pairs expected to be one person among those whose clusters are two."""
    owner = records.select("record", "cluster")
    left = owner.rename(left="record", left_cluster="cluster")
    right = owner.rename(right="record", right_cluster="cluster")
    both = scored.select("left", "right", "match_probability").join(left, "left")
    both = both.join(right, "right")
    apart = both.filter(both.left_cluster != both.right_cluster)
    return float(apart.match_probability.sum().fill_null(0).execute())


def _estimate(share: float, n: float, interval: float) -> Estimate:
    tail = (1 - interval) / 2
    right, wrong = 1 + share * n, 1 + (1 - share) * n
    lower, upper = betaincinv(right, wrong, tail), betaincinv(right, wrong, 1 - tail)
    return Estimate(share, min(float(lower), share), max(float(upper), share), round(n))
