"""Do two groups, or two periods, take different routes? Tested customer by customer.

A customer's transitions are alike, so a test that counts transitions finds differences between any
two halves of the same customers (a G-test in 99 of 100). Here whole customers change sides:

1. Each edge has a score, the difference between the sides in a sum over customers, divided by its
   standard deviation under exchange, which no exchange alters.
2. Groups: the labels are permuted among customers, within strata where there are any. Periods: each
   customer's two periods change places or not, by the toss of a coin.
3. The largest score of all edges in each exchange (max-T; Westfall & Young 1993) gives the adjusted
   p: one edge below .05 in less than 5 % of comparisons of what is alike.
4. q is the share of false discoveries among edges with scores as large: the average count of such
   edges over the exchanges, divided by the count observed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.stats import norm

from joren.stats.arrays import Array

PERMUTATIONS = 999
_AT_ONCE = 10_000_000  # labels of customers × exchanges held in memory


@dataclass(frozen=True)
class Journeys:
    """Each customer's transitions.

    edges : (n, e) customers × edges; leaving : (n, o) customers × origins
    origin : (e,) each edge's column in `leaving`
    """

    edges: sp.csr_matrix
    leaving: sp.csr_matrix
    origin: Array

    def take(self, rows: Array) -> Journeys:
        """Some of the customers."""
        return replace(self, edges=self.edges[rows], leaving=self.leaving[rows])


@dataclass(frozen=True)
class Comparison:
    """One side beside the other, edge by edge; all (e,).

    value, other : probability of the edge after its origin, or transitions a customer
    difference, lower, upper : value − other, with the interval of customers
    score : see the module; p : adjusted over all edges; q : of false discoveries
    customers, others : on each side
    """

    value: Array
    other: Array
    difference: Array
    lower: Array
    upper: Array
    score: Array
    p: Array
    q: Array
    customers: int
    others: int

    @property
    def smallest_p(self) -> float:
        return float(self.p.min(initial=1.0))


def journeys_of(row: Array, origin: Array, edge: Array, n: Array, size: int) -> Journeys:
    """Each customer's counts side by side.

    Parameters
    ----------
    row : customer of each count, from 0; origin : its origin, any code; edge : its edge, from 0
    n : how often
    size : customers
    """
    edges = sp.csr_matrix((n.astype(float), (row, edge)), shape=(size, int(edge.max()) + 1))
    codes, places = np.unique(origin, return_inverse=True)
    of_edge = np.zeros(edges.shape[1], dtype=int)
    of_edge[edge] = places
    leaving = sp.csr_matrix((n.astype(float), (row, places)), shape=(size, len(codes)))
    return Journeys(edges, leaving, of_edge)


def compare_groups(
    journeys: Journeys, level: Array, interval: float, seed: int, strata: Array | None = None,
    permutations: int = PERMUTATIONS, per_customer: bool = False,
) -> dict[int, Comparison]:  # fmt: skip
    """Each level's customers beside those of all other levels.

    Parameters
    ----------
    level : (n,) level of each customer, from 0; with two levels only level 0 is compared
    interval : probability of the intervals
    strata : (n,) within which labels are exchanged
    per_customer : compare transitions a customer, not probabilities after the origin

    Returns
    -------
    level → comparison; a level that all or nobody has is left out
    """
    size = len(level)
    sides = {
        k: level == k
        for k in range(int(level.max()) + 1)
        if 0 < (level == k).sum() < size and (k == 0 or level.max() > 1)
    }
    scores = _Scores(journeys, per_customer)
    strata = np.zeros(size) if strata is None else np.unique(strata, return_inverse=True)[1]
    order = np.argsort(strata, kind="stable")  # exchanged labels stay within a stratum's rows

    def weights(side: Array) -> Array:
        return np.where(side, 1 / side.sum(), -1 / (size - side.sum()))

    def exchanges(rng: np.random.Generator, count: int) -> Array:
        shuffled = np.argsort(strata[order] + rng.random((count, size)), axis=1)
        places = np.empty((count, size), dtype=int)
        places[:, order] = order[shuffled]
        return places

    signs = np.array([weights(side) for side in sides.values()])
    spread = scores.spread()
    tests = _max_t(
        scores, signs, spread, permutations,
        lambda rng, count: (signs[:, places] for places in exchanges(rng, count)), size, seed,
    )  # fmt: skip
    found = {}
    for (k, side), test in zip(sides.items(), tests, strict=True):
        found[k] = _comparison(journeys, side, ~side, interval, per_customer, *test)
    return found


def compare_periods(
    now: Journeys, before: Journeys, interval: float, seed: int, permutations: int = PERMUTATIONS
) -> Comparison:
    """The same customers in two periods; probabilities after the origin.

    Parameters
    ----------
    now, before : of the same customers and edges, in the same order
    """
    size = now.edges.shape[0]
    left = [np.asarray(side.leaving.sum(0)).ravel() for side in (now, before)]
    told = (left[0] > 0) & (left[1] > 0)  # an origin nobody left in a period says nothing
    first, second = (np.divide(1.0, sums, out=np.zeros_like(sums), where=told) for sums in left)
    paired = Journeys(
        _scaled(now.edges, first[now.origin]) - _scaled(before.edges, second[now.origin]),
        _scaled(now.leaving, first) - _scaled(before.leaving, second),
        now.origin,
    )
    total = (now.edges + before.edges).sum(0), (now.leaving + before.leaving).sum(0)
    rate = np.asarray(total[0]).ravel() / np.maximum(np.asarray(total[1]).ravel(), 1)[now.origin]
    scores = _Scores(paired, False, rate)

    def tosses(rng: np.random.Generator, count: int) -> Iterator[Array]:
        return (rng.choice([-1.0, 1.0], (1, size)) for _ in range(count))

    (test,) = _max_t(
        scores, np.ones((1, size)), scores.spread(), permutations, tosses, size, seed
    )  # fmt: skip
    return _of_periods(now, before, interval, *test)


class _Scores:
    """Scores of all edges under many weightings of the customers.

    A customer's part is x_e − r_e x_o: what she did beyond what all do who leave that origin.
    """

    def __init__(self, journeys: Journeys, per_customer: bool, rate: Array | None = None) -> None:
        self.journeys, self.per_customer = journeys, per_customer
        if rate is None and not per_customer:
            edges, leaving = (np.asarray(m.sum(0)).ravel() for m in (journeys.edges,
                                                                     journeys.leaving))  # fmt: skip
            rate = edges / np.maximum(leaving, 1)[journeys.origin]
        self.rate = rate

    def of(self, weights: Array) -> Array:
        """(w, e) from (w, n) weights."""
        edges = (self.journeys.edges.T @ weights.T).T
        if self.per_customer:
            return edges
        leaving = (self.journeys.leaving.T @ weights.T).T
        return edges - leaving[:, self.journeys.origin] * self.rate

    def spread(self) -> Array:
        """(e,) root of the sum of squares of the customers' parts: what scores are measured by."""
        squares = _squares(self.journeys, self.rate, self.per_customer)
        return np.sqrt(np.maximum(squares, 0.0))


def _max_t(
    scores: _Scores, signs: Array, spread: Array, permutations: int,
    exchanges: Callable[[np.random.Generator, int], Iterator[Array]], size: int, seed: int,
) -> list[tuple[Array, Array, Array]]:  # fmt: skip
    """Score, adjusted p and q of every edge, for each row of signs."""
    told = spread > 1e-12
    units = np.sqrt((signs**2).mean(1))[:, None] * np.where(told, spread, np.inf)

    def standard(drawn: Array) -> Array:
        return np.abs(drawn) / units

    observed = scores.of(signs) / units
    size_of = np.abs(observed)
    larger = np.zeros_like(size_of)  # exchanges whose largest score is as large
    false = np.zeros_like(size_of)  # edges with scores as large, over all exchanges
    ranked = np.sort(size_of, axis=1)
    rng = np.random.default_rng(seed)
    block = max(1, _AT_ONCE // (size * len(signs)))
    for begin in range(0, permutations, block):
        drawn = np.array(list(exchanges(rng, min(block, permutations - begin))))
        values = scores.of(drawn.reshape(-1, size)).reshape(len(drawn), len(signs), -1)
        values = standard(values)
        tolerance = 1e-9  # the same exchange may add up a last digit smaller
        larger += (values.max(2)[:, :, None] >= size_of - tolerance).sum(0)
        for k in range(len(signs)):
            # how many of the observed scores each drawn one reaches
            reached = np.searchsorted(ranked[k] - tolerance, values[:, k].ravel(), side="right")
            counts = np.bincount(reached, minlength=size_of.shape[1] + 1)
            above = counts[::-1].cumsum()[::-1][1:]  # drawn scores that reach rank 1, 2, …
            false[k] += above[np.searchsorted(ranked[k], size_of[k], side="left")]
    p = (1 + larger) / (1 + permutations)
    found = []
    for k in range(len(signs)):
        as_large = size_of.shape[1] - np.searchsorted(ranked[k], size_of[k], side="left")
        q = np.minimum((false[k] + 1) / (permutations + 1) / as_large, 1.0)
        order = np.argsort(size_of[k], kind="stable")  # a larger score has no larger q
        q[order] = np.minimum.accumulate(q[order])
        found.append((np.where(told, observed[k], 0.0), np.where(told, p[k], 1.0),
                      np.where(told, q, 1.0)))  # fmt: skip
    return found


def _comparison(
    journeys: Journeys, side: Array, rest: Array, interval: float, per_customer: bool,
    score: Array, p: Array, q: Array,
) -> Comparison:  # fmt: skip
    parts = [_estimate(journeys.take(rows), per_customer) for rows in (side, rest)]
    return _told(parts, parts[0][1] + parts[1][1], interval, (score, p, q),
                 (int(side.sum()), int(rest.sum())))  # fmt: skip


def _of_periods(
    now: Journeys, before: Journeys, interval: float, score: Array, p: Array, q: Array
) -> Comparison:
    parts = [_estimate(side, False) for side in (now, before)]
    rates = [np.nan_to_num(part[0]) for part in parts]
    sums = [np.asarray(side.leaving.sum(0)).ravel() for side in (now, before)]
    cross = np.asarray(_product(now, rates[0], before, rates[1])).ravel()
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = cross / (sums[0] * sums[1])[now.origin]  # customers of both periods
    variance = parts[0][1] + parts[1][1] - 2 * shared
    told = tuple(int((side.leaving.sum(1) > 0).sum()) for side in (now, before))
    return _told(parts, np.maximum(variance, 0), interval, (score, p, q), told)


def _told(
    parts: list[tuple[Array, Array]], variance: Array, interval: float,
    test: tuple[Array, Array, Array], customers: tuple[int, int],
) -> Comparison:  # fmt: skip
    difference = parts[0][0] - parts[1][0]
    half = norm.ppf(0.5 + interval / 2) * np.sqrt(variance)
    return Comparison(parts[0][0], parts[1][0], difference, difference - half, difference + half,
                      *test, *customers)  # fmt: skip


def _estimate(journeys: Journeys, per_customer: bool) -> tuple[Array, Array]:
    """(e,) rate and its variance over customers; NaN where nobody left the origin."""
    edges, leaving = (
        np.asarray(m.sum(0)).ravel() for m in (journeys.edges, journeys.leaving)
    )  # fmt: skip
    size = journeys.edges.shape[0]
    if per_customer:
        squares = _squares(journeys, None, True)
        return edges / size, squares / size / max(size - 1, 1)
    base = leaving[journeys.origin]
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = edges / base
        squares = np.maximum(_squares(journeys, np.nan_to_num(rate), False), 0.0)
        return rate, squares / base**2


def _squares(journeys: Journeys, rate: Array | None, per_customer: bool) -> Array:
    """(e,) sums over customers of the squares of their parts."""
    if per_customer:
        mean = np.asarray(journeys.edges.mean(0)).ravel()
        total = np.asarray(journeys.edges.multiply(journeys.edges).sum(0)).ravel()
        return np.maximum(total - journeys.edges.shape[0] * mean**2, 0.0)
    assert rate is not None
    return np.asarray(_product(journeys, rate, journeys, rate)).ravel()


def _product(one: Journeys, rate: Array, other: Journeys, rate_other: Array) -> Array:
    """(e,) sums over customers of the products of their parts on two sides."""
    origin = one.origin

    def sums(left: sp.csr_matrix, right: sp.csr_matrix) -> Array:
        return np.asarray(left.multiply(right).sum(0)).ravel()

    spread_one, spread_other = one.leaving[:, origin], other.leaving[:, origin]
    both = sums(one.leaving, other.leaving)[origin]
    return (
        sums(one.edges, other.edges)
        - rate_other * sums(one.edges, spread_other)
        - rate * sums(spread_one, other.edges)
        + rate * rate_other * both
    )


def _scaled(matrix: sp.csr_matrix, factors: Array) -> sp.csr_matrix:
    return (matrix @ sp.diags(factors)).tocsr()
