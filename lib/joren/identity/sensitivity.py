"""How far the main figures would move if pairs waiting for review were one person after all.

Merges of the review queue are drawn by their probability, under the guards that linking itself
obeys, many times over with a fixed seed; each draw gives the figures anew. Pairs the guard refused
or a reviewer decided are not drawn. The LTV of a merged customer is read from customers whose
history is like the merged one's, so it is an approximation and says so.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from joren.identity.clustering import Clusters, Edge, Traits, cluster_strongest_first
from joren.identity.waiting import Queue

DRAWS, FEWEST_DRAWS = 200, 50
_UNIONS = 2_000_000
_NEIGHBOURS = 15


def bands(
    queue: Queue,
    traits: dict[str, tuple],
    facts: pd.DataFrame,
    ltv: pd.DataFrame | None,
    totals: dict[str, float],
    *,
    seed: int,
    interval: float,
) -> pd.DataFrame:
    """The figures as they are, and as far as plausible merges would move them.

    Parameters
    ----------
    queue : see `waiting.queue_of`
    traits : customer → (birth date, gender), None where unknown
    facts : by customer_id: value, first_day (days), last_day (days); customers of the queue alone
    ltv : by customer_id: ltv, frequency, recency, T, monetary_value of every customer; None before
        stage 04 has run
    totals : customers, buyers, repeaters, value (and ltv), of all customers, as they are
    seed : of the draws
    interval : probability of the band

    Returns
    -------
    measure, value (as they are), lower, upper, n (pairs)
    """
    rng = np.random.default_rng(seed)
    draws = int(np.clip(_UNIONS // max(len(queue), 1), FEWEST_DRAWS, DRAWS))
    known = facts.reindex(queue.customers)
    lookup = None if ltv is None else LtvOfHistory(ltv, queue.customers)
    known_traits = {n: Traits(*traits.get(c, ())) for n, c in enumerate(queue.customers)}
    found = []
    for _ in range(draws):
        groups = draw_merges(queue, known_traits, rng)
        found.append(_figures(groups, known, lookup, totals))
    now = _figures([], known, lookup, totals)
    drawn = pd.DataFrame(found)
    tail = (1 - interval) / 2
    rows = [
        (m, now[m], min(now[m], drawn[m].quantile(tail)), max(now[m], drawn[m].quantile(1 - tail)),
         len(queue))
        for m in now
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["measure", "value", "lower", "upper", "n"])


def draw_merges(
    queue: Queue, traits: dict[int, Traits], rng: np.random.Generator
) -> list[list[int]]:
    """Groups of customers that one draw makes one, as the guard allows."""
    chosen = np.flatnonzero(rng.random(len(queue)) < queue.probability)
    clusters = Clusters(traits, queue.apart)
    edges = [
        Edge(int(queue.left[i]), int(queue.right[i]), float(queue.probability[i])) for i in chosen
    ]
    cluster_strongest_first(clusters, edges)
    roots = sorted({clusters.find(edge.left) for edge in edges})
    return [members for root in roots if len(members := clusters.members(root)) > 1]


def _figures(
    groups: list[list[int]],
    facts: pd.DataFrame,
    lookup: LtvOfHistory | None,
    totals: dict[str, float],
) -> dict[str, float]:
    value = facts.value.to_numpy(float)
    first, last = facts.first_day.to_numpy(float), facts.last_day.to_numpy(float)
    fewer, buyers, repeaters = 0, 0, 0
    for members in groups:
        fewer += len(members) - 1
        bought = [m for m in members if not np.isnan(value[m])]
        if len(bought) < 2:
            continue
        buyers += len(bought) - 1
        together = min(first[bought]) < max(last[bought])
        repeaters += int(together) - int((first[bought] < last[bought]).sum())
    n_buyers = totals["buyers"] - buyers
    figures = {
        "customers": totals["customers"] - fewer,
        "repeat_rate": (totals["repeaters"] + repeaters) / max(n_buyers, 1),
        "value_per_buyer": totals["value"] / max(n_buyers, 1),
    }
    if lookup is not None:
        figures["ltv_total"] = totals["ltv"] + lookup.change(groups)
    return figures


class LtvOfHistory:
    """What customers of a given history are worth: the mean of the nearest ones.

    Parameters
    ----------
    ltv : see `bands`
    customers : whose merges are asked for
    """

    def __init__(self, ltv: pd.DataFrame, customers: list[str]) -> None:
        self._ltv = ltv.ltv.to_numpy(float)
        points = self._points(ltv.frequency, ltv.recency, ltv["T"], ltv.monetary_value)
        self._centre, self._scale = points.mean(axis=0), points.std(axis=0) + 1e-9
        self._tree = cKDTree((points - self._centre) / self._scale)
        own = ltv.reindex(customers)[["ltv", "frequency", "recency", "T", "monetary_value"]]
        self._own = own.to_numpy(float)

    def change(self, groups: list[list[int]]) -> float:
        """LTV of the merged customers less that of their parts."""
        rows = [self._own[members] for members in groups]
        rows = [own[~np.isnan(own[:, 0])] for own in rows]
        rows = [own for own in rows if len(own) > 1]
        if not rows:
            return 0.0
        begin = np.cumsum([0, *(len(own) for own in rows[:-1])])
        ltv, frequency, recency, age, money = np.concatenate(rows).T
        visits = frequency + 1
        together = np.add.reduceat(visits, begin)
        oldest = np.maximum.reduceat(age, begin)
        latest = np.minimum.reduceat(age - recency, begin)
        spend = np.add.reduceat(np.nan_to_num(money) * visits, begin) / together
        points = self._points(together - 1, oldest - latest, oldest, spend)
        near = self._tree.query(
            (points - self._centre) / self._scale, k=min(_NEIGHBOURS, len(self._ltv))
        )[1]
        merged = self._ltv[near.reshape(len(points), -1)].mean(axis=1)
        return float(merged.sum() - ltv.sum())

    @staticmethod
    def _points(frequency, recency, age, money) -> np.ndarray:
        silence = np.asarray(age, float) - np.asarray(recency, float)
        money = np.nan_to_num(np.asarray(money, float))
        return np.column_stack([
            np.log1p(np.asarray(frequency, float)), np.log1p(silence),
            np.log1p(np.asarray(age, float)), np.log1p(np.maximum(money, 0)),
        ])  # fmt: skip
