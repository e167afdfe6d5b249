"""How sure credit is: a Bayesian bootstrap over customers.

Every draw weighs the customers by independent exponentials (Rubin 1981: a Dirichlet posterior over
them), and credit is worked out anew from the weighted counts. The customer is the unit: journeys of
one customer are alike, and intervals from journeys or from rows of the chain are far too narrow
(nominal 90 % holds the truth in 52 % and 43 % of cases where customers differ; customers' 84 %).

What leaves the engine are each customer's counts; they are weighed a few thousand customers at a
time, so that memory holds draws × counts, never draws × customers.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import scipy.sparse as sp
from ibis import _

from joren.routes.attribution import attribute, chain_of, with_weights
from joren.routes.chain import Counts
from joren.stats.arrays import Array

_CHUNK = 4096
_DRAWS_AT_ONCE = 50
_LARGEST_DENSE = 40  # hundreds of inverses take longer than hundreds of iterations


@dataclass(frozen=True)
class Customers:
    """Each customer's own counts, side by side.

    Parameters
    ----------
    counts : what the columns add up to, of the highest order
    rules : rule, code − 1 and divisor of each pair of columns of the rules
    rows : (n, m + 3 e + 2 r) customers × grams, converted, null and value ends, rules' conversions,
        rules' value
    """

    counts: Counts
    rules: list[tuple[str, int, float]]
    rows: sp.csr_matrix


@dataclass(frozen=True)
class Draws:
    """Shares and values under every draw: model → (draws, C)."""

    share: dict[str, Array]
    value: dict[str, Array]


def customers_of(memories: ir.Table, rule_rows: ir.Table, counts: Counts) -> Customers:
    """Each customer's counts, in ascending order of customers.

    Parameters
    ----------
    memories : from `chain.memories`, of the order of `counts`
    rule_rows : from `heuristics.rule_rows` and `shapley.shapley_rows`
    """
    known = memories.select("customer_id").distinct()
    places = known.mutate(at=ibis.row_number().over(order_by=known.customer_id)).cache()
    placed = memories.join(places, "customer_id")
    end = _.gram % counts.base**counts.order
    grams = placed.group_by("at", "gram").agg(n=_.n.sum()).order_by("at", "gram").to_pyarrow()
    ends = (
        placed.filter(_.is_last)
        .group_by("at", end=end)
        .agg(
            converted=_.converted.sum(),
            null=_.null.sum(),
            value=_.value.sum(where=_.converted > 0).fill_null(0).cast("float64"),
        )
        .order_by("at", "end")
        .to_pyarrow()
    )
    ruled = (
        rule_rows.join(places, "customer_id")
        .group_by("at", "rule", "code", "size")
        .agg(converted=_.converted.sum(), value=_.value.sum().cast("float64"))
        .order_by("at", "rule", "code", "size")
        .to_pandas()
    )
    size = places.count().to_pyarrow().as_py()
    keys = ruled[["rule", "code", "size"]].drop_duplicates().sort_values(["rule", "code", "size"])
    rules = [(str(r), int(c) - 1, float(s)) for r, c, s in keys.itertuples(index=False)]
    column = {key: i for i, key in enumerate(rules)}
    rule_at = np.array(
        [
            column[(str(r), int(c) - 1, float(s))]
            for r, c, s in ruled[["rule", "code", "size"]].itertuples(index=False)
        ],
        dtype=int,
    )

    def part(at: Array, columns: Array, n: Array, width: int) -> sp.csr_matrix:
        return sp.csr_matrix((n.astype(float), (at, columns)), shape=(size, width))

    gram_at = np.searchsorted(counts.grams, grams["gram"].to_numpy())
    end_at = np.searchsorted(counts.ends, ends["end"].to_numpy())
    of_end = ends["at"].to_numpy()
    e, r = len(counts.ends), len(rules)
    parts = [part(grams["at"].to_numpy(), gram_at, grams["n"].to_numpy(), len(counts.grams))]
    parts += [
        part(of_end, end_at, ends[name].to_numpy(), e) for name in ("converted", "null", "value")
    ]
    parts += [
        part(ruled["at"].to_numpy(), rule_at, ruled[name].to_numpy(), r)
        for name in ("converted", "value")
    ]
    return Customers(counts, rules, sp.hstack(parts, format="csr"))


def bootstrap(customers: Customers, draws: int, seed: int) -> Draws:
    """Credit under `draws` weightings of the customers, for every order and rule.

    Parameters
    ----------
    customers : from `customers_of`
    """
    counts = customers.counts
    orders = range(1, counts.order + 1)
    chains = {k: chain_of(counts.at_order(k)) for k in orders}
    names = [*(f"markov_{k}" for k in orders), *dict.fromkeys(r for r, _c, _s in customers.rules)]
    share = {name: np.zeros((draws, counts.touchpoints)) for name in names}
    value = {name: np.zeros((draws, counts.touchpoints)) for name in names}
    m, e, r = len(counts.grams), len(counts.ends), len(customers.rules)
    cuts = np.cumsum([m, e, e, e, r])
    for begin in range(0, draws, _DRAWS_AT_ONCE):
        block = min(_DRAWS_AT_ONCE, draws - begin)
        for place, sums in enumerate(_weighted(customers.rows, block, (seed, begin)), begin):
            weight, converted, null, worth, *ruled = np.split(sums, cuts)
            drawn = with_weights(counts, weight, converted, null, worth)
            for k, chain in chains.items():
                credit = attribute(drawn.at_order(k), chain, _LARGEST_DENSE)
                share[f"markov_{k}"][place] = credit.share
                value[f"markov_{k}"][place] = credit.share_value * worth.sum()
            for (rule, code, size), won, gained in zip(customers.rules, *ruled, strict=True):
                share[rule][place, code] += won / size
                value[rule][place, code] += gained / size
    for rule in names[counts.order :]:
        total = share[rule].sum(1, keepdims=True)
        share[rule] = np.divide(share[rule], total, out=share[rule], where=total > 0)
    return Draws(share, value)


def _weighted(rows: sp.csr_matrix, draws: int, seed: tuple[int, int]) -> Array:
    """Sums of the columns under exponential weights of mean 1: (draws, columns)."""
    sums = np.zeros((rows.shape[1], draws))
    total = np.zeros(draws)
    for chunk, begin in enumerate(range(0, rows.shape[0], _CHUNK)):
        some = rows[begin : begin + _CHUNK]
        weight = np.random.default_rng([*seed, chunk]).exponential(size=(some.shape[0], draws))
        sums += some.T @ weight
        total += weight.sum(0)
    return (sums * (rows.shape[0] / total)).T
