"""How many touchpoints a chain should remember: BIC, and journeys left out customer by customer.

A higher order always fits better, and what it costs must be counted. BIC charges ln(n)/2 for every
probability of every memory seen, n being the steps. Cross-validation predicts the journeys of a
tenth of the customers from those of the others; probabilities are smoothed by half a count. The
order chosen by it is the lowest within one standard error of the best, and the order used is the
lower of the two choices. AIC is not asked: it gives memory to journeys that have none.

A customer's journeys are always left out together: two of one customer are alike, and one would
tell of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
from ibis import _

from joren.stats.arrays import Array

FOLDS = 10
_HALF_A_COUNT = 0.5


@dataclass(frozen=True)
class OrderChoice:
    """What speaks for each order.

    Parameters
    ----------
    bic : (K,) of orders 1…K, lower is better
    score : (K,) log-likelihood of left-out journeys, each, higher is better
    behind : (K,) by how much it lies behind the best; behind_se : standard error of that
    by_bic, by_journeys : the order each chooses
    journeys : closed and open ones together
    """

    bic: Array
    score: Array
    behind: Array
    behind_se: Array
    by_bic: int
    by_journeys: int
    journeys: int

    @property
    def order(self) -> int:
        return min(self.by_bic, self.by_journeys)


def choose_order(memories: ir.Table, touchpoints: int, order: int) -> OrderChoice:
    """Choose among the orders 1…`order`.

    Parameters
    ----------
    memories : from `chain.memories`, of the highest order
    touchpoints : C, the largest code
    """
    folded = memories.mutate(fold=_.customer_id.cast("string").hash().abs() % FOLDS)
    base = touchpoints + 1
    grams = folded.group_by("fold", "gram").agg(n=_.n.sum()).order_by("fold", "gram")
    last = folded.filter(_.is_last).mutate(end=_.gram % base**order)
    ends = last.group_by("fold", "end").agg(
        converted=_.converted.sum(), null=_.null.sum(), open=_.open.sum()
    )
    found = [
        {name: t[name].to_numpy() for name in t.column_names}
        for t in (grams.to_pyarrow(), ends.order_by("fold", "end").to_pyarrow())
    ]
    return choose(*found, touchpoints, order)


def choose(
    grams: dict[str, Array], ends: dict[str, Array], touchpoints: int, order: int
) -> OrderChoice:
    """Choose among the orders 1…`order` from counts by fold.

    Parameters
    ----------
    grams : fold, gram, n; ends : fold, end, converted, null, open
    """
    base, symbols = touchpoints + 1, touchpoints + 2
    by_fold = np.bincount(
        ends["fold"].astype(int), ends["converted"] + ends["null"] + ends["open"], minlength=FOLDS
    )
    kept = np.flatnonzero(by_fold)
    bic, scores = np.empty(order), np.empty((order, len(kept)))
    for k in range(1, order + 1):
        context = np.concatenate([
            grams["gram"] // base % base**k, *[ends["end"] % base**k] * 2
        ])  # fmt: skip
        symbol = np.concatenate([
            grams["gram"] % base,
            np.full(len(ends["end"]), touchpoints + 1),
            np.full(len(ends["end"]), touchpoints + 2),
        ])  # fmt: skip
        n = np.concatenate([grams["n"], ends["converted"], ends["null"]]).astype(float)
        fold = np.concatenate([grams["fold"], ends["fold"], ends["fold"]]).astype(int)
        pairs, at = np.unique(context * (symbols + 1) + symbol, return_inverse=True)
        seen = np.zeros((FOLDS, len(pairs)))
        np.add.at(seen, (fold, at), n)
        contexts, of = np.unique(pairs // (symbols + 1), return_inverse=True)
        total = seen.sum(0)
        leaving = np.bincount(of, total, minlength=len(contexts))
        some = total > 0
        fitted = (total[some] * np.log(total[some] / leaving[of][some])).sum()
        parameters = (leaving > 0).sum() * (symbols - 1)
        bic[k - 1] = parameters * np.log(total.sum()) - 2 * fitted
        for place, out in enumerate(kept):
            train = total - seen[out]
            known = np.bincount(of, train, minlength=len(contexts))
            chance = (train + _HALF_A_COUNT) / (known[of] + _HALF_A_COUNT * symbols)
            scores[k - 1, place] = (seen[out] * np.log(chance)).sum() / by_fold[out]
    return _chosen(bic, scores, int(by_fold.sum()))


def _chosen(bic: Array, scores: Array, journeys: int) -> OrderChoice:
    score = scores.mean(1)
    best = int(score.argmax())
    apart = scores[best] - scores
    behind = apart.mean(1)
    folds = max(scores.shape[1], 2)
    behind_se = apart.std(1, ddof=1) / np.sqrt(folds) if scores.shape[1] > 1 else np.zeros_like(bic)
    by_journeys = int(np.flatnonzero(behind <= behind_se)[0]) + 1
    return OrderChoice(bic, score, behind, behind_se, int(bic.argmin()) + 1, by_journeys, journeys)
