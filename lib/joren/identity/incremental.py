"""Link what is new against what is known, and leave alone what neither touches.

A component of records is decided again only if something in it changed: a fresh record, one that
is gone, a verdict. All others keep the cluster they had. So as long as the rules and what is
common stay what they were, the result is that of linking everything; where they changed, known
pairs keep what was decided of them until a rebase.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.identity.grouping import Grouped, group_records
from joren.identity.kept import LINK_TYPES, Kept
from joren.identity.records import with_names
from joren.identity.stable_ids import last_ids
from joren.identity.verdicts import PAIR, Obeyed

_VALUES = ("left", "right", *list(LINK_TYPES)[5:])


@dataclass(frozen=True)
class Affected:
    """What a run decides again, and what it leaves alone.

    records: the numbers of the records whose cluster may be another now; None where all may.
    edges: left, right and the columns of `LINK_TYPES` from rule on, of the pairs found in this run
    and of the kept ones between those records. kept: these, as they were decided before.
    untouched: the other kept ones.
    """

    records: ir.Table | None
    edges: ir.Table
    kept: ir.Table
    untouched: Kept


def everything(con: Backend, found: ir.Table, kept: Kept) -> Affected:
    """All is decided anew; `kept` has no rows."""
    return Affected(None, keep(con, "identity_ruled", _as_undecided(found)), kept.pairs, kept)


def affected(
    con: Backend,
    records: ir.Table,
    found: ir.Table,
    kept: Kept,
    gone: ir.Table,
    assignments: ir.Table,
    named: ir.Table | None,
) -> Affected:
    """Follow the edges from what has changed.

    Parameters
    ----------
    con : the engine; results are temporary tables in it
    records : record, source, source_id, fresh, old_id, name, sound
    found : edges of fresh records, of `edges_between`
    kept : see `kept_links`
    gone : source, source_id of records that were there the last time
    assignments : the log of earlier assignments
    named : further records to decide again, by number (verdicts), None for none
    """
    start = records.filter(records.fresh).select("record")
    start = start.union(_companions_of_changed(records, gone, assignments))
    if named is not None:
        start = start.union(named.select("record"))
    pairs = ("left", "right", "decision")
    bridges = _bridges(records, found.select(*pairs).union(kept.pairs.select(*pairs)))
    reached = _reached(con, keep(con, "identity_start", start.distinct()), bridges)
    within = keep(con, "identity_within", with_names(_within(kept.pairs, reached), records))
    ends = within.select("left", "right", *PAIR, "revision")
    again = kept.log.inner_join(ends, [*PAIR, "revision"]).select(*_VALUES)
    edges = keep(con, "identity_ruled", _as_undecided(found).union(again))
    others = kept.pairs.anti_join(within, ["left", "right"])
    untouched = Kept(others, kept.rows.anti_join(within, PAIR), kept.log)
    return Affected(reached, edges, within, untouched)


def regroup(con: Backend, records: ir.Table, obeyed: Obeyed, changed: ir.Table) -> Grouped:
    """Cluster the affected components; the other records stay with those they were with.

    Parameters
    ----------
    con : the engine; results are temporary tables in it
    records : as for `group_records`, with old_id
    obeyed : the affected edges with verdicts; refused and owned as they were decided before
    changed : the numbers of the affected records
    """
    inside = keep(con, "identity_inside", records.semi_join(changed, "record"))
    here = keep(con, "identity_here", _within(obeyed.edges, changed))
    elsewhere = obeyed.edges.anti_join(here, ["left", "right"])
    grouped = group_records(con, inside, here, obeyed.joined, obeyed.apart)
    edges = grouped.edges.union(elsewhere.select(*grouped.edges.columns))
    outside = records.anti_join(changed, "record")
    first = outside.group_by("old_id").agg(cluster=outside.record.min())
    settled = outside.select("record", "old_id").left_join(first, "old_id")
    settled = settled.select("record", cluster=ibis.coalesce(settled.cluster, settled.record))
    together = grouped.records.union(settled)
    return Grouped(
        keep(con, "identity_regrouped", together), keep(con, "identity_redecided", edges)
    )


def _as_undecided(found: ir.Table) -> ir.Table:
    return found.mutate(refused=ibis.null("string"), owned=ibis.literal(False)).select(*_VALUES)


def _reached(con: Backend, start: ir.Table, bridges: ir.Table) -> ir.Table:
    bridges = keep(con, "identity_bridges", bridges)
    reached, frontier, step = start, start, 0
    while frontier.count().execute():
        step += 1
        far = bridges.semi_join(frontier.rename(end="record"), "end").select(record="other")
        far = far.distinct().anti_join(reached, "record")
        frontier = keep(con, f"identity_frontier_{step}", far)
        reached = keep(con, f"identity_reached_{step}", reached.union(frontier))
    return reached


def _within(pairs: ir.Table, records: ir.Table) -> ir.Table:
    """The pairs of which both are among some records."""
    left = pairs.semi_join(records.rename(left="record"), "left")
    return left.semi_join(records.rename(right="record"), "right")


def _companions_of_changed(records: ir.Table, gone: ir.Table, assignments: ir.Table) -> ir.Table:
    """The records once together with one that is gone or says something else now."""
    left = last_ids(assignments.semi_join(gone, ["source", "source_id"]))
    parted = records.filter(records.fresh).select("old_id").union(left.select("old_id"))
    return records.semi_join(parted, "old_id").select("record")


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
