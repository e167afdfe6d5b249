"""What became of customers between runs: events with their reason.

`at` is the midnight that begins the run's as-of day, not the clock, so that the same inputs give
the same table.
"""

from __future__ import annotations

from datetime import date, datetime, time

import ibis
import ibis.expr.types as ir

from joren.identity.verdicts import RULES, SAME

SAID_SAME = RULES[SAME]
COLUMNS = (
    "event_id", "at", "kind", "customer_ids_before", "customer_ids_after", "reason", "actor",
)  # fmt: skip


def new_events(records: ir.Table, edges: ir.Table, as_of: date, revision: int) -> ir.Table:
    """The events between the previous assignments and these.

    A cluster of records never seen before is a `create`; IDs that end because their records joined
    an older customer are a `merge`; an ID whose records are no longer together is a `split`, or an
    `unmerge` when a reviewer's verdict parted them.

    Parameters
    ----------
    records : record, cluster, customer_id, old_id (null for records not seen before)
    edges : decided edges with `refused`
    as_of : the run's last day of data
    revision : number of this revision, part of the event's ID
    """
    records = _concerned(records)
    events = ibis.union(_creations(records), _merges(records, edges), _splits(records, edges))
    what = (
        events.kind + "\n" + events.customer_ids_before.join(",") + "\n"
        + events.customer_ids_after.join(",") + f"\n{revision}"
    )  # fmt: skip
    return events.mutate(
        event_id="E" + what.hexdigest("sha256")[:16],
        at=ibis.literal(datetime.combine(as_of, time())).cast("timestamp(6)"),
        actor=ibis.ifelse(
            (events.kind == "unmerge") | events.reason.contains(SAID_SAME), "reviewer", "rules"
        ),
    ).select(*COLUMNS)


def _concerned(records: ir.Table) -> ir.Table:
    """The records of every customer that has gained or lost one."""
    moved = records.filter(~records.old_id.identical_to(records.customer_id))
    ids = moved.select(id="customer_id").union(moved.select(id="old_id"), distinct=True)
    now, then = ids.rename(customer_id="id"), ids.rename(old_id="id")
    return records.semi_join(
        records.semi_join(now, "customer_id").union(records.semi_join(then, "old_id"))
        .select("record"), "record",
    )  # fmt: skip


def _creations(records: ir.Table) -> ir.Table:
    clusters = records.group_by("customer_id").agg(seen=records.old_id.count())
    new = clusters.filter(clusters.seen == 0)
    return new.select(
        kind=ibis.literal("create"),
        customer_ids_before=ibis.literal([], "array<string>"),
        customer_ids_after=ibis.array([new.customer_id]),
        reason=ibis.literal("first_seen"),
    )


def _merges(records: ir.Table, edges: ir.Table) -> ir.Table:
    had = records.filter(records.old_id.notnull())
    alive = records.select(old_id="customer_id").distinct()
    ended = had.anti_join(alive, "old_id")
    # an ID that ended went where most of its records are; a split event tells of the others
    moves = ended.group_by("old_id", "customer_id").agg(held=ended.count())
    place = ibis.row_number().over(
        group_by=moves.old_id, order_by=[moves.held.desc(), moves.customer_id]
    )
    moves = moves.mutate(place=place)
    moves = moves.filter(moves.place == 0)
    ids = ibis.union(
        moves.select("customer_id", "old_id"),
        moves.select("customer_id", old_id="customer_id"),
        distinct=True,
    )
    merged = ids.group_by("customer_id").agg(before=ids.old_id.collect(order_by=ids.old_id))
    reasons = _rules_across(records, edges)
    told = merged.left_join(reasons, "customer_id")
    return told.select(
        kind=ibis.literal("merge"),
        customer_ids_before=told.before,
        customer_ids_after=ibis.array([told.customer_id]),
        reason=told.rules.fill_null("no_link_left"),
    )


def _rules_across(records: ir.Table, edges: ir.Table) -> ir.Table:
    """The rules of links inside a customer between records that had not the same ID before."""
    both = _with_records(edges.filter(edges.decision == "link"), records)
    across = both.filter(
        both.customer_id_l == both.customer_id_r, ~both.old_id_l.identical_to(both.old_id_r)
    )
    rules = across.group_by(customer_id="customer_id_l").agg(
        rules=across.rule.collect(distinct=True, order_by=across.rule)
    )
    return rules.mutate(rules=rules.rules.join(", "))


def _splits(records: ir.Table, edges: ir.Table) -> ir.Table:
    had = records.filter(records.old_id.notnull())
    parts = had.select("old_id", "customer_id").distinct()
    after = parts.group_by("old_id").agg(
        after=parts.customer_id.collect(order_by=parts.customer_id), parts=parts.count()
    )
    broken = after.filter(after.parts > 1)
    reasons = _conflicts_within(records, edges)
    told = broken.left_join(reasons, "old_id")
    reason = told.reasons.fill_null("no_link_left")
    return told.select(
        kind=ibis.ifelse(reason.contains("verdict"), "unmerge", "split"),
        customer_ids_before=ibis.array([told.old_id]),
        customer_ids_after=told.after,
        reason=reason,
    )


def _conflicts_within(records: ir.Table, edges: ir.Table) -> ir.Table:
    """What speaks against pairs that had one ID before and have two now; else, what doubts them."""
    both = _with_records(edges, records)
    within = both.filter(both.old_id_l == both.old_id_r, both.customer_id_l != both.customer_id_r)
    against = ibis.coalesce(
        "conflict:" + within.refused, ibis.ifelse(within.decision == "reject", within.rule, None)
    )
    doubted = ibis.ifelse(within.decision == "review", "in_review:" + within.rule, None)
    within = within.mutate(against=against, doubted=doubted)
    told = within.group_by(old_id="old_id_l").agg(
        against=_named(within, "against"), doubted=_named(within, "doubted")
    )
    reasons = told.select("old_id", reasons=ibis.coalesce(told.against, told.doubted))
    return reasons.filter(reasons.reasons.notnull())


def _named(rows: ir.Table, column: str) -> ir.StringValue:
    told = rows[column]
    return told.collect(where=told.notnull(), distinct=True, order_by=told).join(", ")


def _with_records(edges: ir.Table, records: ir.Table) -> ir.Table:
    left = records.select(left="record", old_id_l="old_id", customer_id_l="customer_id")
    right = records.select(right="record", old_id_r="old_id", customer_id_r="customer_id")
    return edges.inner_join(left, "left").inner_join(right, "right")
