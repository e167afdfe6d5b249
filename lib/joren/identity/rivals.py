"""A record has one owner: pairs of which at most one can be right share their probability.

The model judges every pair by itself. Where a chat account tells no more than a name that two
customers bear, each of the two pairs looks likely, and no more than one of them is right. The odds
of a pair count against those of its rivals: other pairs of either record whose far ends are not,
by their own comparison, one person. A pair without a rival keeps its probability.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

# less likely pairs take next to nothing from others
RIVAL_FROM = 0.05
# records that are surely one person do not compete
SURELY_ONE = 0.99
# what else binds a customer's records lies this many links away at most
_HOPS = 3
_LOWEST = 0.01
_SIDES = ("left", "right")


def share_among_rivals(con: Backend, pairs: ir.Table, linked: ir.Table) -> ir.Table:
    """Probabilities of the pairs once rivals have taken their share.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    pairs : left, right, match_probability and others, which stay
    linked : left, right of pairs that are one person already

    Returns
    -------
    pairs with a lower match_probability where there are rivals, but none below 1 %, and
    weight_rivals (log2, ≤ 0), by how much the odds are lower
    """
    likely = pairs.filter(pairs.match_probability >= RIVAL_FROM)
    sure = likely.filter(likely.match_probability >= SURELY_ONE).select("left", "right")
    owner = _owners(con, linked.select("left", "right").union(sure))
    between = _between(con, likely, owner)
    against = _odds_against(con, between)
    owned = _with_owners(pairs, owner)
    joined = owned.left_join(
        against, [owned.left_owner == against.one, owned.right_owner == against.other]
    )
    p = joined.match_probability
    odds = p / ibis.greatest(1 - p, 1e-6)
    shared = ibis.greatest(odds / (1 + odds + joined.rivals.fill_null(0.0)), _LOWEST).round(6)
    lower = joined.rivals.notnull() & (p >= RIVAL_FROM) & (shared < p)
    after = ibis.ifelse(lower, shared, p)
    weight = ibis.ifelse(lower, ((shared / (1 - shared)) / odds).log2(), 0.0)
    kept = joined.mutate(match_probability=after, weight_rivals=weight.cast("float32"))
    columns = [*pairs.columns, "weight_rivals"]
    return con.create_table("identity_shared", kept.select(*columns), temp=True, overwrite=True)


def _owners(con: Backend, links: ir.Table) -> ir.Table:
    """record, owner: the smallest record within a few links, for records with links."""
    ends = links.select(one="left", other="right").union(links.select(one="right", other="left"))
    ends = con.create_table("identity_rival_links", ends, temp=True, overwrite=True)
    owners = ends.select(record=ends.one).distinct().mutate(owner=lambda t: t.record)
    for hop in range(_HOPS):
        owners = con.create_table(f"identity_owner_{hop}", owners, temp=True, overwrite=True)
        told = ends.inner_join(owners, ends.other == owners.record)
        told = told.select(record="one", owner="owner").union(owners)
        owners = told.group_by("record").agg(owner=told.owner.min())
    return con.create_table("identity_owners", owners, temp=True, overwrite=True)


def _with_owners(pairs: ir.Table, owner: ir.Table) -> ir.Table:
    left, right = (owner.rename(**{side: "record", f"{side}_owner": "owner"}) for side in _SIDES)
    both = pairs.left_join(left, "left", rname="{name}_").left_join(right, "right", rname="{name}_")
    return both.mutate(
        left_owner=ibis.coalesce(both.left_owner, both.left),
        right_owner=ibis.coalesce(both.right_owner, both.right),
    ).select(*pairs.columns, "left_owner", "right_owner")


def _between(con: Backend, likely: ir.Table, owner: ir.Table) -> ir.Table:
    """one, other, probability: the likeliest pair between two owners, both ways round."""
    owned = _with_owners(likely.select("left", "right", "match_probability"), owner)
    owned = owned.filter(owned.left_owner != owned.right_owner)
    forth = owned.select("match_probability", one="left_owner", other="right_owner")
    back = owned.select("match_probability", one="right_owner", other="left_owner")
    ways = forth.union(back)
    best = ways.group_by("one", "other").agg(probability=ways.match_probability.max())
    return con.create_table("identity_between", best, temp=True, overwrite=True)


def _odds_against(con: Backend, between: ir.Table) -> ir.Table:
    """one, other, rivals: the sum of the odds of the pair's rivals, on either side of it."""
    third = between.select("one", third="other", p_third="probability")
    around = between.select("one", "other").inner_join(third, "one")
    around = around.filter(around.third != around.other)
    alike = between.select(other="one", third="other", p_alike="probability")
    around = around.left_join(alike, ["other", "third"], rname="{name}_")
    p = around.p_third
    odds = p / ibis.greatest(1 - p, 1e-6) * (1 - around.p_alike.fill_null(0.0))
    sided = around.mutate(odds=odds).group_by("one", "other").agg(odds=lambda t: t.odds.sum())
    ways = sided.union(sided.select(one="other", other="one", odds="odds"))
    summed = ways.group_by("one", "other").agg(rivals=ways.odds.sum())
    return con.create_table("identity_rivals", summed, temp=True, overwrite=True)
