"""Pairs decided in earlier runs, and what is appended to their log `identity_links`.

The log holds every pair decided, as the rules saw it and what the guard made of it. A pair's last
row holds as long as its two records say what they said then.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.engine import keep
from joren.identity.records import with_names, with_numbers
from joren.identity.verdicts import PAIR

LINK_TYPES = {
    "revision": "int64", **dict.fromkeys(PAIR, "string"), "rule": "string",
    "match_probability": "float64", "weight": "float64", "evidence": "string",
    "decision": "string", "refused": "string", "owned": "bool",
}  # fmt: skip
# what clustering, short of its evidence, has made of a pair
OUTCOME = ("rule", "match_probability", "decision", "refused", "owned")
_NEVER = 2**62


@dataclass(frozen=True)
class Kept:
    """Pairs decided in earlier runs that hold.

    pairs: left, right (record numbers), revision and `OUTCOME`. rows: their rows of the log, which
    are many and long and so are read where they lie. log: these and rows that hold no longer.
    """

    pairs: ir.Table
    rows: ir.Table
    log: ir.Table


def kept_links(con: Backend, records: ir.Table, last: ir.Table, links: ir.Table | None) -> Kept:
    """The pairs decided before whose two records still say what they said then.

    Parameters
    ----------
    con : the engine; what is kept is a temporary table in it
    records : the table of `population`
    last : the table of `last_digests`
    links : the log of decided pairs, None on a first run or a rebase
    """
    if links is None:
        types = {"left": "int64", "right": "int64"}
        types |= {name: LINK_TYPES[name] for name in ("revision", *OUTCOME)}
        pairs = con.create_table(
            "identity_kept_links", schema=ibis.schema(types), temp=True, overwrite=True
        )
        nothing = con.create_table(
            "identity_no_links", schema=ibis.schema(LINK_TYPES), temp=True, overwrite=True
        )
        return Kept(pairs, nothing, nothing)
    end = records.filter(~records.fresh).select("record", "source", "source_id", "since")
    first = int(end.since.min().fill_null(_NEVER).execute())
    links = links.filter(links.revision >= first)
    # most rows are of the first revision, so those that may replace another are few
    later = links.filter(links.revision > links.revision.min()).select(*PAIR, newer="revision")
    later = keep(con, "identity_later", later)
    then = with_numbers(links.select("revision", *PAIR, *OUTCOME), end, "since")
    hold = then.filter(then.revision >= then.left_since, then.revision >= then.right_since)
    hold = _newest(hold, later).select("left", "right", "revision", *OUTCOME)
    rows, outdated = _newest(links, later), keep(con, "identity_outdated", _outdated(end, last))
    for side in (PAIR[:2], PAIR[2:]):
        old = outdated.select("before", **dict(zip(side, ("source", "source_id"), strict=True)))
        rows = rows.anti_join(old, [*side, rows.revision < old.before])
    return Kept(keep(con, "identity_kept_links", hold), rows.select(*LINK_TYPES), links)


def _newest(rows: ir.Table, later: ir.Table) -> ir.Table:
    return rows.anti_join(later, [*PAIR, rows.revision < later.newer])


def _outdated(end: ir.Table, last: ir.Table) -> ir.Table:
    """source, source_id, before: rows of the log before that revision do not hold for the record.

    A record that still says what it said, and said it when the first of the rows was written, is
    left out; that is nearly all of them.
    """
    gone = last.anti_join(end, ["source", "source_id"])
    changed = end.filter(end.since > end.since.min())
    return gone.select("source", "source_id", before=ibis.literal(_NEVER, "int64")).union(
        changed.select("source", "source_id", before="since")
    )


def new_links(edges: ir.Table, kept: ir.Table, records: ir.Table, revision: int) -> ir.Table:
    """Rows to append to `identity_links`: pairs that are new or that the guard now takes otherwise.

    Parameters
    ----------
    edges : left, right and the columns of `LINK_TYPES` from rule on, as of now
    kept : left, right, refused, owned of those decided before
    records : record, source, source_id
    revision : the number of this revision
    """
    before = kept.select("left", "right", was_refused="refused", was_owned="owned")
    joined = edges.left_join(before, ["left", "right"])
    changed = joined.filter(
        joined.left_right.isnull()
        | ~joined.refused.identical_to(joined.was_refused)
        | ~joined.owned.identical_to(joined.was_owned)
    ).select(*edges.columns)
    return (
        with_names(changed, records)
        .mutate(revision=ibis.literal(revision, "int64"))
        .select(*LINK_TYPES)
    )
