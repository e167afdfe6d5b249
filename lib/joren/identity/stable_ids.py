"""Customer IDs that stay: a cluster keeps the ID most of its records had before.

1. A previous ID goes to the cluster that holds most of its records; of equals, to the one with the
   smallest (source, source_id).
2. A cluster that several IDs go to keeps the oldest.
3. A cluster that none goes to gets a new ID: a digest of the client and the cluster's smallest
   (source, source_id), with a counter when that ID was ever used. No ID is used twice.

So the order of the rows changes nothing, and nor does running again.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.engine import keep

ASSIGNMENT_TYPES = {
    "revision": "int64", "source": "string", "source_id": "string", "customer_id": "string",
}  # fmt: skip
_DIGITS = 16


@dataclass(frozen=True)
class Assigned:
    """records: those given with customer_id; appended: new log rows."""

    records: ir.Table
    appended: ir.Table
    revision: int


def assign_ids(con: Backend, records: ir.Table, log: ir.Table | None, client: str) -> Assigned:
    """Give every cluster its customer ID.

    Parameters
    ----------
    con : the engine; results are temporary tables in it
    records : record, source, source_id, cluster, old_id (of `last_ids`, null if new) and more
    log : earlier assignments (revision, source, source_id, customer_id), oldest revision 1; a
        record's last row holds. None on the first run
    client : the client's name, part of the digest
    """
    if log is None:
        log = con.create_table(
            "identity_no_log", schema=ibis.schema(ASSIGNMENT_TYPES), temp=True, overwrite=True
        )
    revision = int(log.revision.max().fill_null(0).execute()) + 1
    kept = keep(con, "identity_kept", _kept_ids(records, log))
    fresh = _new_ids(con, records.anti_join(kept, "cluster"), log, client)
    ids = keep(con, "identity_ids", kept.union(fresh))
    assigned = keep(con, "identity_assigned", records.inner_join(ids, "cluster"))
    moved = assigned.filter(~assigned.customer_id.identical_to(assigned.old_id))
    appended = moved.select(
        "source", "source_id", "customer_id", revision=ibis.literal(revision, "int64")
    )
    return Assigned(assigned, appended.select(*ASSIGNMENT_TYPES), revision)


def last_ids(log: ir.Table) -> ir.Table:
    """source, source_id, old_id: the customer each record was last assigned to."""
    return log.group_by("source", "source_id").agg(old_id=log.customer_id.argmax(log.revision))


def _kept_ids(known: ir.Table, log: ir.Table) -> ir.Table:
    had = known.filter(known.old_id.notnull())
    overlap = had.group_by("cluster", "old_id").agg(held=had.count(), first=had.record.min())
    most = ibis.row_number().over(
        group_by=overlap.old_id, order_by=[overlap.held.desc(), overlap.first]
    )
    owned = overlap.mutate(place=most)
    owned = owned.filter(owned.place == 0).drop("place")
    born = log.group_by(old_id="customer_id").agg(born=log.revision.min())
    owned = owned.inner_join(born, "old_id")
    oldest = ibis.row_number().over(
        group_by=owned.cluster, order_by=[owned.born, owned.held.desc(), owned.old_id]
    )
    ranked = owned.mutate(place=oldest)
    return ranked.filter(ranked.place == 0).select("cluster", customer_id="old_id")


def _new_ids(con: Backend, without: ir.Table, log: ir.Table, client: str) -> ir.Table:
    # clusters are numbered by their smallest record, and records by (source, source_id)
    founders = without.filter(without.record == without.cluster)
    used = log.select("customer_id").distinct()
    counter, waiting, given = 0, founders, []
    while True:
        candidates = waiting.mutate(customer_id=_digest(waiting, client, counter))
        given.append(candidates.anti_join(used, "customer_id").select("cluster", "customer_id"))
        waiting = candidates.semi_join(used, "customer_id").drop("customer_id")
        if waiting.count().execute() == 0:
            break
        counter += 1
    fresh = ibis.union(*given) if len(given) > 1 else given[0]
    return keep(con, "identity_fresh", fresh)


def _digest(founders: ir.Table, client: str, counter: int) -> ir.StringValue:
    text = (
        ibis.literal(f"{client}\n") + founders.source + "\n" + founders.source_id + f"\n{counter}"
    )
    return "C" + text.hexdigest("sha256")[:_DIGITS]
