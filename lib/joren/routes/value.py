"""Routes and LTV: how the customers who take an edge differ in LTV from all.

The unit is the customer: however often she passes an edge, she counts in it once, an edge's noise
is that of so many customers, and what edges share because customers take many is noise in common.
What leaves the engine are sums by edge. `value_model` then draws edges that few took towards what
their ends say: read raw, the best twenty of a few hundred edges are mostly luck.

A customer's LTV counts with both its uncertainties: customers differ, and each one's LTV is itself
known only to its predictive standard deviation. Not causal: who takes an edge may be worth more for
other reasons, and those who come often take more edges than others.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from joren.routes.edges import EVERYBODY
from joren.routes.value_model import Differences, Observed, Spreads, differences, spreads_of
from joren.stats.arrays import Array

LEAST_CUSTOMERS, LEAST_ITEMS = 30, 4
_LOWEST_LEVEL = 0.2  # of everybody's mean, below which noise is no smaller
_NODES_FOR_GROUPS = 9


@dataclass(frozen=True)
class Sums:
    """Sums of one group.

    customers : with a known LTV; mean, variance : of their LTV, each one's own variance included
    pooled_variance : of the items' mean pooled by customers, less the mean of all: a customer of
        many items weighs in it by their number
    items : the keys, n, mean and variance of each item
    """

    customers: int
    mean: float
    variance: float
    pooled_variance: float
    items: pd.DataFrame


def known_ltv(ltv: ir.Table) -> ir.Table:
    """customer_id, y (expected LTV over a year), v (variance it still has)."""
    return ltv.select("customer_id", y=_.ltv_365d, v=_.ltv_365d_sd**2)


def edge_takers(transitions: ir.Table) -> ir.Table:
    """Who took which edge, in each group: one row however often.

    Parameters
    ----------
    transitions : from `edges.in_groups`

    Returns
    -------
    group_name, customer_id, source, target
    """
    return transitions.select("group_name", "customer_id", "source", "target").distinct()


def sums_by_group(takers: ir.Table, ltv: ir.Table, keys: list[str]) -> dict[str, Sums]:
    """What the model needs of each group that has enough customers.

    Parameters
    ----------
    takers : group_name, customer_id and `keys`, which name an item; distinct rows
    ltv : from `known_ltv`

    Returns
    -------
    group_name → sums
    """
    everyone = takers.group_by("group_name", "customer_id").agg(k=_.count())
    everyone = everyone.join(ltv, "customer_id").cache()
    of_group = everyone.group_by("group_name").agg(
        n=_.count(), s=_.y.sum(), q=(_.y**2).sum(), v=_.v.sum(), k=_.k.sum()
    )
    weighed = everyone.join(of_group.select("group_name", "n", "s", all_k="k"), "group_name")
    part = ((_.y - _.s / _.n) ** 2 + _.v) * (_.k / _.all_k - 1 / _.n) ** 2
    of_group = of_group.join(weighed.group_by("group_name").agg(pooled=part.sum()), "group_name")
    valued = takers.join(ltv, "customer_id")
    sums = valued.group_by("group_name", *keys).agg(
        n=_.count(), s=_.y.sum(), q=(_.y**2).sum(), v=_.v.sum()
    )
    items = sums.order_by("group_name", *keys).to_pandas()
    by_group = dict(list(items.groupby("group_name", sort=False)))
    found = {}
    for group in of_group.order_by("group_name").to_pandas().itertuples():
        if group.n >= LEAST_CUSTOMERS and len(by_group[group.group_name]) >= LEAST_ITEMS:
            found[group.group_name] = _sums(group, by_group[group.group_name])
    return found


def observed(sums: Sums, ends: dict[str, Array], level: Array | None = None) -> Observed | None:
    """Differences of the items' means from the mean of all.

    All include the item's own customers, so that Var(m_e − m) = σ² (1 / n_e − 1 / N). What the
    pooled mean of the items varies by beyond that, the items have in common.

    Parameters
    ----------
    level : (i,) what the items' means are thought to be. Customers worth more also differ more, so
        σ then is proportional to it. (An item's own variance will not do: by chance it is large
        where the mean is, and the items read too high would weigh least.)

    Returns
    -------
    None where customers do not differ
    """
    if not sums.variance > 0:
        return None
    n = sums.items.n.to_numpy(float)
    within = (n * sums.items.variance).sum() / n.sum()
    variance = np.full(len(n), max(within, 1e-12 * sums.variance))
    if level is not None and sums.mean > 0:
        square = np.maximum(level / sums.mean, _LOWEST_LEVEL) ** 2
        variance = variance * square / ((n * square).sum() / n.sum())
    # what all customers did differs from all by nothing; the model wants some noise
    left = np.maximum(1 / n - 1 / sums.customers, 1e-3 / sums.customers)
    means = sums.items["mean"].to_numpy() - sums.mean
    travelled = np.log(n) - np.log(n).mean()
    travelled /= max(travelled.std(), 1e-9)
    scale = float(np.sqrt(sums.variance))
    apart = ((n / n.sum()) ** 2 * variance * left).sum()
    common = float(np.sqrt(max(sums.pooled_variance - apart, 1e-9 * sums.variance)))
    return Observed(means, np.sqrt(variance * left), common, travelled, ends, scale)


def settled(
    sums: Sums, ends: dict[str, Array], level: float, spreads: Spreads | None = None
) -> tuple[Observed, Spreads, Differences] | None:
    """The differences, with noise by the level that a first look gives them.

    Parameters
    ----------
    level : of the intervals
    spreads : how far effects differ, where that is known from elsewhere
    """
    seen = observed(sums, ends)
    if seen is None:
        return None
    first = differences(seen, spreads or spreads_of(seen), level)
    seen = observed(sums, ends, sums.mean + first.mean)
    assert seen is not None
    learnt = spreads or spreads_of(seen)
    return seen, learnt, differences(seen, learnt, level)


def edge_values(takers: ir.Table, ltv: ir.Table, level: float) -> pd.DataFrame:
    """LTV differences of edges, for everybody and for each group.

    How far edges differ is learnt from everybody; groups take that over, as their own edges are too
    few to say it.

    Parameters
    ----------
    takers : from `edge_takers`
    ltv : from `known_ltv`
    level : of the intervals

    Returns
    -------
    group_name, source, target (codes), n (customers with an LTV), raw (difference of means),
    ltv_difference, lower, upper; empty without enough customers
    """
    groups = sums_by_group(takers, ltv, ["source", "target"])
    columns = ["group_name", "source", "target", "n", "raw", "ltv_difference", "lower", "upper"]
    whole = groups.get(EVERYBODY)
    fit = settled(whole, _ends(whole.items), level) if whole else None
    if whole is None or fit is None:
        return pd.DataFrame({name: pd.Series(dtype=float) for name in columns})
    found = [_rows(EVERYBODY, whole, fit[0], fit[2])]
    few = _fewer(fit[1])
    for name, sums in groups.items():
        own = settled(sums, _ends(sums.items), level, few) if name != EVERYBODY else None
        if own is not None:
            found.append(_rows(name, sums, own[0], own[2]))
    return pd.concat(found, ignore_index=True)[columns]


def item_values(takers: ir.Table, ltv: ir.Table, key: str, level: float) -> pd.DataFrame:
    """LTV differences of things without ends, such as whole routes or first touchpoints.

    Parameters
    ----------
    takers : customer_id and `key`; distinct rows

    Returns
    -------
    `key`, n, raw, mean_ltv, ltv_difference, lower, upper; largest difference first
    """
    everybody = takers.mutate(group_name=ibis.literal(EVERYBODY))
    sums = sums_by_group(everybody, ltv, [key]).get(EVERYBODY)
    fit = settled(sums, {}, level) if sums else None
    if sums is None or fit is None:
        names = [key, "n", "raw", "mean_ltv", "ltv_difference", "lower", "upper"]
        return pd.DataFrame({name: pd.Series(dtype=float) for name in names})
    rows = _rows(EVERYBODY, sums, fit[0], fit[2])
    rows = rows.assign(mean_ltv=sums.mean + rows.ltv_difference)
    rows = rows.sort_values(["ltv_difference", key], ascending=[False, True], ignore_index=True)
    return rows[[key, "n", "raw", "mean_ltv", "ltv_difference", "lower", "upper"]]


def _sums(group, items: pd.DataFrame) -> Sums:
    n = items.n.to_numpy(float)
    mean, whole = items.s / n, group.s / group.n
    variance = np.maximum(items.q / n - mean**2, 0) + items.v / n
    every = max(group.q / group.n - whole**2, 0) + group.v / group.n
    return Sums(
        int(group.n), whole, every, group.pooled, items.assign(mean=mean, variance=variance)
    )


def _ends(items: pd.DataFrame) -> dict[str, Array]:
    codes = {name: np.unique(items[name], return_inverse=True)[1] for name in ("source", "target")}
    return {"origin": codes["source"], "destination": codes["target"]}


def _rows(name: str, sums: Sums, seen: Observed, found: Differences) -> pd.DataFrame:
    return sums.items.assign(
        group_name=name, raw=seen.means, ltv_difference=found.mean, lower=found.lower,
        upper=found.upper,
    )  # fmt: skip


def _fewer(spreads: Spreads) -> Spreads:
    """The nodes that weigh most: groups are many, and their answers hardly move."""
    top = np.argsort(-spreads.weights, kind="stable")[:_NODES_FOR_GROUPS]
    weights = spreads.weights[top]
    return Spreads(spreads.nodes[top], weights / weights.sum())
