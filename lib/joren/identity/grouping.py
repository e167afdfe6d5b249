"""From edges to clusters of records: rules' links under guard, then records with one identifier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.identity.clustering import (
    Clusters,
    Edge,
    Traits,
    attach_to_sole_owner,
    cluster_strongest_first,
)

SOLE_OWNER = "sole_owner"


@dataclass(frozen=True)
class Grouped:
    """Records with their cluster, and the edges as they were decided.

    records: `keyed_records` and cluster (its smallest record). edges: as from the rules, with
    `refused` (why the guard kept the clusters apart, else null); a refused link is a review.
    """

    records: ir.Table
    edges: ir.Table


def group_records(
    con: Backend,
    records: ir.Table,
    edges: ir.Table,
    apart: Iterable[tuple[tuple[str, str], tuple[str, str]]] = (),
) -> Grouped:
    """Cluster the records along the edges.

    Parameters
    ----------
    con : the engine; results are temporary tables in it
    records : the table of `without_generic`
    edges : left, right, rule, match_probability, weight, evidence, decision, each pair once
    apart : pairs of (source, source_id) that a reviewer decided are two people
    """
    touched = edges.select(record="left").union(edges.select(record="right"), distinct=True)
    named = records.semi_join(touched, "record")
    clusters = Clusters(_traits(named), _apart(records, apart))
    refused = cluster_strongest_first(clusters, _links(edges))
    attached = attach_to_sole_owner(clusters, _sharing_one_identifier(named, edges))
    decided = _decided(con, edges, refused, attached)
    return Grouped(_with_clusters(con, records, clusters), decided)


def _traits(named: ir.Table) -> dict[int, Traits]:
    columns = named.select("record", *Traits._fields).to_pyarrow().to_pydict()
    values = zip(*(columns[field] for field in Traits._fields), strict=True)
    return {r: Traits(*known) for r, known in zip(columns["record"], values, strict=True)}


def _links(edges: ir.Table) -> list[Edge]:
    links = edges.filter(edges.decision == "link")
    columns = links.select("left", "right", "match_probability").to_pyarrow().to_pydict()
    return [Edge(*values) for values in zip(*columns.values(), strict=True)]


def _sharing_one_identifier(named: ir.Table, edges: ir.Table) -> dict[int, list[int]]:
    """Nameless record → named records that carry one of its identifiers."""
    nameless = named.mutate(nameless=named.name.isnull() & named.sound.isnull())
    nameless = nameless.select("record", "nameless")
    left, right = nameless.rename(left="record"), nameless.rename(right="record")
    both = edges.join(left, "left").join(right, "right", rname="{name}_right")
    pairs = both.select(
        "nameless", "nameless_right", left=both.left, right=both.right
    ).filter(lambda t: t.nameless != t.nameless_right).to_pyarrow().to_pydict()  # fmt: skip
    shared: dict[int, list[int]] = {}
    for a, b, a_nameless in zip(pairs["left"], pairs["right"], pairs["nameless"], strict=True):
        bare, other = (a, b) if a_nameless else (b, a)
        shared.setdefault(bare, []).append(other)
    return shared


def _apart(
    records: ir.Table, pairs: Iterable[tuple[tuple[str, str], tuple[str, str]]]
) -> dict[int, frozenset[int]]:
    pairs = list(pairs)
    if not pairs:
        return {}
    keys = pa.Table.from_pylist(
        [{"source": s, "source_id": i} for pair in pairs for s, i in pair]
    )  # fmt: skip
    known = records.semi_join(ibis.memtable(keys), ["source", "source_id"])
    rows = known.select("source", "source_id", "record").to_pyarrow().to_pylist()
    number = {(row["source"], row["source_id"]): row["record"] for row in rows}
    apart: dict[int, set[int]] = {}
    for a, b in pairs:
        if a in number and b in number:
            apart.setdefault(number[a], set()).add(number[b])
            apart.setdefault(number[b], set()).add(number[a])
    return {record: frozenset(others) for record, others in apart.items()}


def _decided(
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
    joined = edges.left_join(changed, ["left", "right"]).drop("left_right", "right_right")
    owned = joined.owned.fill_null(False)
    decided = joined.mutate(
        rule=ibis.ifelse(owned, SOLE_OWNER, joined.rule),
        decision=ibis.cases(
            (owned, "link"), (joined.refused.notnull(), "review"), else_=joined.decision
        ),
        evidence=ibis.ifelse(
            joined.refused.isnull(),
            joined.evidence,
            joined.evidence.re_replace(r"\}$", "") + ', "refused": "' + joined.refused + '"}',
        ),
    ).drop("owned")
    return con.create_table("identity_decided", decided, temp=True, overwrite=True)


def _with_clusters(con: Backend, records: ir.Table, clusters: Clusters) -> ir.Table:
    members = [(record, clusters.find(record)) for record in clusters.traits]
    columns = list(zip(*members, strict=True)) or [(), ()]
    found = con.create_table(
        "identity_clusters",
        pa.table([pa.array(column, pa.int64()) for column in columns], ["record", "cluster"]),
        temp=True,
        overwrite=True,
    )
    joined = records.left_join(found, "record").drop("record_right")
    clustered = joined.mutate(cluster=ibis.coalesce(joined.cluster, joined.record))
    return con.create_table("identity_clustered", clustered, temp=True, overwrite=True)
