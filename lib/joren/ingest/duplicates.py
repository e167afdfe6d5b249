"""Rows that say what another row already said, counted once.

The last occurrence of a key counts, in the order of sources, file names and lines: later exports
hold the later state of an order. Refunds that bear the ID of the order they take back are no
repetitions of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from joren.contract import CANONICAL
from joren.ingest.places import FILE_SHIFT

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

REFUND_OF_RETURNED = "refund_of_returned"
"""A negative row for an order whose status already takes it back: subtracted once."""
COUNTED_ONCE = ("duplicate", REFUND_OF_RETURNED)
"""Reasons that speak of repetition, not of poor data: they do not count in the quarantine share."""


def mark_duplicates(con: Backend, stage: str, table: str) -> None:
    """Give all rows of a staged table but the last of each key the reason `duplicate`.

    Parameters
    ----------
    con : the engine
    stage : name of the staged table, changed in place
    table : its canonical name, for the key
    """
    rows = con.table(stage)
    _mark(con, stage, _earlier(rows.filter(rows.reason.isnull()), CANONICAL[table].key))


def _earlier(rows: ir.Table, key: tuple[str, ...]) -> ir.Table:
    """`_at` and the reason of every row whose key comes again later."""
    last = rows.group_by(list(key)).agg(_last=rows["_at"].max(), _n=rows.count())
    last = last.filter(last["_n"] > 1)
    # keys hold nulls (a contact without campaign), and null repeats null
    same = [rows[name].identical_to(last[name]) for name in key]
    joined = rows.join(last, same)
    return joined.filter(joined["_at"] < joined["_last"]).select(
        "_at", reason=ibis.literal("duplicate")
    )


def _mark(con: Backend, stage: str, marked: ir.Table) -> None:
    con.create_table("_marked", marked, temp=True, overwrite=True)
    con.raw_sql(
        f'UPDATE "{stage}" SET reason = m.reason FROM _marked AS m WHERE "{stage}"._at = m._at'
    )
    con.drop_table("_marked")


def number_lines(con: Backend, stage: str) -> None:
    """Number the lines of an order in the order of its file, where the file has no line numbers.

    Where a later file holds the same order again, it holds all its lines again: those of earlier
    files are duplicates.
    """
    rows = con.table(stage)
    lacking = rows.filter(rows.line_no.isnull() & rows.reason.isnull())
    if lacking.count().execute() == 0:
        return
    lacking = lacking.select("_at", "source", "order_id", _in=lacking["_at"] >> FILE_SHIFT)
    order = ibis.window(group_by=[lacking.source, lacking.order_id])
    within = ibis.window(
        group_by=[lacking.source, lacking.order_id, lacking["_in"]], order_by=lacking["_at"]
    )
    numbered = lacking.select(
        "_at",
        line_no=(ibis.row_number().over(within) + 1).cast("int64"),
        superseded=lacking["_in"] < lacking["_in"].max().over(order),
    )
    con.raw_sql(f"CREATE OR REPLACE TEMP TABLE _numbered AS {con.compile(numbered)}")
    con.raw_sql(
        f'UPDATE "{stage}" SET line_no = n.line_no, '
        "reason = CASE WHEN n.superseded THEN 'duplicate' ELSE reason END "
        f'FROM _numbered AS n WHERE "{stage}"._at = n._at'
    )
    con.drop_table("_numbered")


def supersede(con: Backend, stage: str, orders: str, codes: Sequence[int]) -> None:
    """Drop what earlier files of one kind say about an order that a later one holds again.

    A later download may hold fewer lines, or no points any more because the order was cancelled.

    Parameters
    ----------
    con : the engine
    stage : a staged table with `order_id`, changed in place
    orders : the staged orders, finished
    codes : the files of the kind, as `_at >> FILE_SHIFT`
    """
    if len(codes) < 2:
        return
    rows, bought = con.table(stage), con.table(orders)
    bought = bought.filter(bought.reason.isnull() & (bought["_at"] >> FILE_SHIFT).isin(codes))
    last = bought.group_by("source", "order_id").agg(_last=(bought["_at"] >> FILE_SHIFT).max())
    rows = rows.filter(rows.reason.isnull() & (rows["_at"] >> FILE_SHIFT).isin(codes))
    joined = rows.join(last, ["source", "order_id"])
    earlier = joined.filter((joined["_at"] >> FILE_SHIFT) < joined["_last"])
    _mark(con, stage, earlier.select("_at", reason=ibis.literal("duplicate")))


def drop_of_invalid_orders(con: Backend, raw: str, mark: str, orders: str, source: str) -> None:
    """Drop what only a valid order does, of orders that are not.

    Parameters
    ----------
    con : the engine
    raw : a table of strings with `order_id`, not yet typed; changed in place
    mark : the column that tells which of its rows hang on their order
    orders : the staged orders, finished
    source : the entry of `sources` that both come from
    """
    con.raw_sql(
        f'DELETE FROM "{raw}" WHERE "{mark}" AND order_id NOT IN (SELECT order_id FROM "{orders}" '
        f"WHERE reason IS NULL AND status = 'valid' AND _entry = '{source}')"
    )


def separate_refunds(con: Backend, stage: str) -> None:
    """Give refunds that bear their order's ID an ID of their own, or set them aside.

    A negative row whose (source, order_id) also has a row that is not negative becomes
    `<order_id>:refund`, further ones `:refund2`, ... in the order of their times. If the order
    itself is returned or cancelled, the refund would be subtracted twice: it is quarantined.
    """
    rows = con.table(stage)
    accepted = rows.filter(rows.reason.isnull())
    bought = accepted.filter(accepted.amount >= 0)
    latest = bought.group_by("source", "order_id").agg(
        status_bought=bought.status.argmax(bought["_at"])
    )
    negative = accepted.filter(accepted.amount < 0)
    if negative.count().execute() == 0:
        return
    refunds = negative.join(latest, ["source", "order_id"])
    found = refunds.select("_at", "source", "order_id", "ordered_at", "amount", "status_bought")
    con.create_table("_refunds", found, temp=True, overwrite=True)
    found = con.table("_refunds")
    again = _earlier(found, ("source", "order_id", "ordered_at", "amount"))
    _mark(con, stage, again)
    twice = found.filter(found.status_bought.isin(("returned", "cancelled"))).anti_join(
        again, "_at"
    )
    _mark(con, stage, twice.select("_at", reason=ibis.literal(REFUND_OF_RETURNED)))
    _rename_refunds(con, stage)
    con.drop_table("_refunds")


def _rename_refunds(con: Backend, stage: str) -> None:
    found, rows = con.table("_refunds"), con.table(stage)
    kept = found.semi_join(rows.filter(rows.reason.isnull()), "_at")
    within = ibis.window(
        group_by=[kept.source, kept.order_id], order_by=[kept.ordered_at, kept["_at"]]
    )
    place = ibis.row_number().over(within) + 1
    suffix = ibis.cases((place == 1, ""), else_=place.cast("string"))
    renamed = kept.select("_at", order_id=kept.order_id + ":refund" + suffix)
    con.create_table("_renamed", renamed, temp=True, overwrite=True)
    con.raw_sql(
        f'UPDATE "{stage}" SET order_id = r.order_id FROM _renamed AS r WHERE "{stage}"._at = r._at'
    )
    con.drop_table("_renamed")
