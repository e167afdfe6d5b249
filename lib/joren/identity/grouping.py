"""From edges to clusters of records: rules' links under guard, then records with one identifier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log2

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.identity.clustering import (
    Clusters,
    Edge,
    Traits,
    attach_to_sole_owner,
    cluster_strongest_first,
)
from joren.identity.identifiers import KINDS
from joren.identity.settled import settle

SOLE_OWNER = "sole_owner"
# right in 110 of 114 cases on the Japanese development set, in 156 of 156 on simulated clients
P_SOLE_OWNER = 0.97
MODEL = "model"
# in the evidence of edges for which the fuzzy model has weighed what speaks against them
WEIGHED = '"weights"'


@dataclass(frozen=True)
class Grouped:
    """Records with their cluster, and what the guard made of the edges.

    records: record, cluster (its smallest record). edges: as from the rules, with `refused`
    (why the guard kept the clusters apart, else null) and `owned` (whether it joined a bare record
    to the sole owner of its identifier). `decided_edges` tells what became of them.
    """

    records: ir.Table
    edges: ir.Table


def group_records(
    con: Backend,
    records: ir.Table,
    edges: ir.Table,
    joined: Iterable[tuple[int, int]] = (),
    apart: Mapping[int, frozenset[int]] | None = None,
) -> Grouped:
    """Cluster the records along the edges.

    Parameters
    ----------
    con : the engine; results are temporary tables in it
    records : the table of `without_generic`
    edges : left, right, rule, match_probability, weight, evidence, decision, each pair once
    joined : pairs a reviewer decided are one person, in the order to heed them
    apart : record → records that a reviewer decided are another person
    """
    joined, apart = list(joined), apart or {}
    touched = edges.select(record="left").union(edges.select(record="right"), distinct=True)
    named = keep(con, "identity_named", records.semi_join(touched, "record"))
    links = edges.filter(edges.decision == "link")
    unlikely = edges.filter(edges.decision == "reject", edges.rule == MODEL)
    sharing = keep(con, "identity_sharing", _sharing_one_identifier(named, edges))
    settled = settle(
        con,
        named.select("record", *Traits._fields),
        links,
        unlikely,
        sharing.select(record="left").union(sharing.select(record="right")),
        {record for pair in joined for record in pair} | {*apart},
    )
    open_records = named.anti_join(settled, "record")
    clusters = Clusters(_traits(open_records), apart, _unlikely(_among(unlikely, open_records)))
    open_links = _edges(_among(links, open_records), joined)
    refused = cluster_strongest_first(clusters, open_links, joined)
    attached = attach_to_sole_owner(clusters, _by_bare_record(sharing))
    guarded = _guarded(con, edges, refused, attached)
    return Grouped(_with_clusters(con, records, settled, clusters), guarded)


def _among(pairs: ir.Table, records: ir.Table) -> ir.Table:
    """The pairs of which both are among some records."""
    chosen = records.select("record")
    left = pairs.semi_join(chosen.rename(left="record"), "left")
    return left.semi_join(chosen.rename(right="record"), "right")


def decided_edges(guarded: ir.Table) -> ir.Table:
    """What became of the edges: a refused link is a review, one that found its owner a link.

    Parameters
    ----------
    guarded : left, right, rule, match_probability, weight, evidence, decision, refused, owned
    """
    p = P_SOLE_OWNER
    told = guarded.mutate(
        weight=ibis.ifelse(guarded.owned, log2(p / (1 - p)), guarded.weight),
        evidence=ibis.ifelse(
            guarded.refused.isnull(),
            guarded.evidence,
            _with_refusal(guarded.evidence, guarded.refused),
        ),
    )
    return decided_pairs(told)


def decided_pairs(guarded: ir.Table) -> ir.Table:
    """The same for pairs without weight and evidence."""
    owned = guarded.owned
    return guarded.mutate(
        rule=ibis.ifelse(owned, SOLE_OWNER, guarded.rule),
        match_probability=ibis.ifelse(owned, P_SOLE_OWNER, guarded.match_probability),
        decision=ibis.cases(
            (owned, "link"), (guarded.refused.notnull(), "review"), else_=guarded.decision
        ),
    ).drop("owned")


def _with_refusal(evidence: ir.StringValue, refused: ir.StringValue) -> ir.StringValue:
    body = evidence.re_replace(r"\}$", "")
    comma = ibis.ifelse(body == "{", "", ", ")
    return body + comma + '"refused": "' + refused + '"}'


def _traits(named: ir.Table) -> dict[int, Traits]:
    columns = named.select("record", *Traits._fields).to_pyarrow().to_pydict()
    values = zip(*(columns[field] for field in Traits._fields), strict=True)
    return {r: Traits(*known) for r, known in zip(columns["record"], values, strict=True)}


def _edges(links: ir.Table, joined: list[tuple[int, int]]) -> list[Edge]:
    weighed = links.evidence.contains(WEIGHED)
    links = links.select("left", "right", "match_probability", weighed=weighed)
    columns = links.to_pyarrow().to_pydict()
    decided = set(joined)
    found = (Edge(*values) for values in zip(*columns.values(), strict=True))
    return [edge for edge in found if (edge.left, edge.right) not in decided]


def _unlikely(rejected: ir.Table) -> dict[int, frozenset[int]]:
    """Record → records that the fuzzy model says are somebody else."""
    columns = rejected.select("left", "right").to_pyarrow().to_pydict()
    others: dict[int, set[int]] = {}
    for left, right in zip(columns["left"], columns["right"], strict=True):
        others.setdefault(left, set()).add(right)
        others.setdefault(right, set()).add(left)
    return {record: frozenset(found) for record, found in others.items()}


def _sharing_one_identifier(named: ir.Table, edges: ir.Table) -> ir.Table:
    """left, right, left_bare: pairs of a nameless record and one with a name.

    They share an identifier; a record with a family name alone shares that as well.
    """
    shares = ibis.or_(*(edges.evidence.contains(f'"{kind}": "same"') for kind in KINDS))
    edges = edges.filter(shares, ~edges.evidence.contains('"name": "unclear"'))
    nameless = named.select("record", nameless=named.name.isnull() & named.sound.isnull())
    left, right = nameless.rename(left="record"), nameless.rename(right="record")
    both = edges.join(left, "left").join(right, "right", rname="{name}_right")
    pairs = both.filter(both.nameless != both.nameless_right)
    return pairs.select("left", "right", left_bare="nameless")


def _by_bare_record(sharing: ir.Table) -> dict[int, list[int]]:
    """Nameless record → named records that carry one of its identifiers."""
    pairs = sharing.to_pyarrow().to_pydict()
    shared: dict[int, list[int]] = {}
    for a, b, left_bare in zip(pairs["left"], pairs["right"], pairs["left_bare"], strict=True):
        bare, other = (a, b) if left_bare else (b, a)
        shared.setdefault(bare, []).append(other)
    return shared


def _guarded(
    con: Backend,
    edges: ir.Table,
    refused: dict[tuple[int, int], str],
    attached: dict[int, int],
) -> ir.Table:
    changes = [(left, right, why, False) for (left, right), why in refused.items()]
    changes += [(*sorted(pair), None, True) for pair in attached.items()]
    columns = list(zip(*changes, strict=True)) or [()] * 4
    types = {"left": pa.int64(), "right": pa.int64(), "refused": pa.string(), "owned": pa.bool_()}
    changed = con.create_table(
        "identity_changed",
        pa.table(
            [pa.array(c, t) for c, t in zip(columns, types.values(), strict=True)], list(types)
        ),
        temp=True,
        overwrite=True,
    )
    ruled = edges.drop(*(c for c in ("refused", "owned") if c in edges.columns))
    joined = ruled.left_join(changed, ["left", "right"]).drop("left_right", "right_right")
    guarded = joined.mutate(owned=joined.owned.fill_null(False))
    return con.create_table("identity_guarded", guarded, temp=True, overwrite=True)


def _with_clusters(
    con: Backend, records: ir.Table, settled: ir.Table, clusters: Clusters
) -> ir.Table:
    members = [(record, clusters.find(record)) for record in clusters.traits]
    columns = list(zip(*members, strict=True)) or [(), ()]
    found = pa.table([pa.array(column, pa.int64()) for column in columns], ["record", "cluster"])
    opened = keep(con, "identity_clusters", found)
    joined = records.select("record").left_join(settled.union(opened), "record")
    clustered = joined.select("record", cluster=ibis.coalesce(joined.cluster, joined.record))
    return keep(con, "identity_clustered", clustered)
