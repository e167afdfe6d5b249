"""Link what is new against what is known, and leave alone what neither touches.

A component of records is decided again only if something in it changed: a fresh record, one that
is gone, a verdict. All others keep the cluster they had. So as long as the rules and what is
common stay what they were, the result is that of linking everything; where they changed, known
pairs keep what was decided of them until a rebase.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.identity.grouping import Grouped, group_records
from joren.identity.known import LINK_TYPES
from joren.identity.verdicts import Obeyed


def with_kept(con: Backend, found: ir.Table, kept: ir.Table) -> ir.Table:
    """Edges of fresh records together with those kept from earlier runs.

    Returns
    -------
    left, right and the columns of `LINK_TYPES` from rule on
    """
    values = list(LINK_TYPES)[5:]
    fresh = found.mutate(refused=ibis.null("string"), owned=ibis.literal(False))
    both = fresh.select("left", "right", *values).union(kept.select("left", "right", *values))
    return con.create_table("identity_ruled", both, temp=True, overwrite=True)


def changed_component(
    con: Backend,
    records: ir.Table,
    edges: ir.Table,
    assignments: ir.Table,
    gone: ir.Table,
    touched: ir.Table | None,
) -> ir.Table:
    """The records whose cluster may be another now.

    Parameters
    ----------
    con : the engine; the result is a temporary table in it
    records : record, source, source_id, fresh, name, sound
    edges : left, right, decision: all that clustering looks at
    assignments : the log of earlier assignments
    gone : source, source_id of records that were there the last time
    touched : further records to decide again, by number (verdicts), None for none

    Returns
    -------
    record
    """
    ids = last_ids(assignments)
    start = records.filter(records.fresh).select("record")
    start = start.union(_companions_of_changed(records, ids, gone))
    if touched is not None:
        start = start.union(touched.select("record"))
    reached = con.create_table("identity_reached_0", start.distinct(), temp=True, overwrite=True)
    bridges = con.create_table(
        "identity_bridges", _bridges(records, edges), temp=True, overwrite=True
    )
    frontier, step = reached, 0
    while frontier.count().execute():
        step += 1
        far = bridges.semi_join(frontier.rename(end="record"), "end").select(record="other")
        frontier = con.create_table(
            f"identity_frontier_{step}", far.distinct().anti_join(reached, "record"),
            temp=True, overwrite=True,
        )  # fmt: skip
        reached = con.create_table(
            f"identity_reached_{step}", reached.union(frontier), temp=True, overwrite=True
        )
    return reached


def regroup(
    con: Backend, records: ir.Table, obeyed: Obeyed, changed: ir.Table, assignments: ir.Table
) -> Grouped:
    """Cluster the changed components; the other records stay with those they were with.

    Parameters
    ----------
    con : the engine; results are temporary tables in it
    records : as for `group_records`
    obeyed : the edges with verdicts; refused and owned as they were decided before
    changed : the table of `changed_component`
    assignments : the log of earlier assignments
    """
    inside = records.semi_join(changed, "record")
    here = obeyed.edges.semi_join(changed.rename(left="record"), "left")
    here = here.semi_join(changed.rename(right="record"), "right")
    here = con.create_table("identity_inside", here, temp=True, overwrite=True)
    elsewhere = obeyed.edges.anti_join(here, ["left", "right"])
    grouped = group_records(con, inside, here, obeyed.joined, obeyed.apart)
    edges = grouped.edges.union(elsewhere.select(*grouped.edges.columns))
    outside = records.anti_join(changed, "record").left_join(
        last_ids(assignments), ["source", "source_id"]
    )
    first = outside.record.min().over(group_by=outside.old_id)
    settled = outside.mutate(cluster=first).select(*grouped.records.columns)
    together = grouped.records.union(settled)
    return Grouped(
        con.create_table("identity_regrouped", together, temp=True, overwrite=True),
        con.create_table("identity_redecided", edges, temp=True, overwrite=True),
    )


def last_ids(assignments: ir.Table) -> ir.Table:
    """source, source_id, old_id: the customer each record was last assigned to."""
    return assignments.group_by("source", "source_id").agg(
        old_id=assignments.customer_id.argmax(assignments.revision)
    )


def _companions_of_changed(records: ir.Table, ids: ir.Table, gone: ir.Table) -> ir.Table:
    """The records once together with one that is gone or says something else now."""
    fresh = records.filter(records.fresh).select("source", "source_id")
    parted = ids.semi_join(fresh.union(gone), ["source", "source_id"])
    kin = ids.semi_join(parted, "old_id")
    return records.semi_join(kin, ["source", "source_id"]).select("record")


def _bridges(records: ir.Table, edges: ir.Table) -> ir.Table:
    """end, other: the edges, both ways round, along which a change may spread.

    Besides links, a pair matters only where one of the two has no name: it says that the
    identifier has a further owner.
    """
    nameless = records.filter(records.name.isnull(), records.sound.isnull()).select("record")
    links = edges.filter(edges.decision == "link").select("left", "right")
    others = edges.filter(edges.decision != "link").select("left", "right")
    bare = others.semi_join(nameless.rename(left="record"), "left").union(
        others.semi_join(nameless.rename(right="record"), "right"), distinct=True
    )
    ends = links.union(bare)
    forth = ends.select(end="left", other="right")
    return forth.union(ends.select(end="right", other="left"))
