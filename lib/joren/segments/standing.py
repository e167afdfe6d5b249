"""Where customers stood from day to day: every visit opens a span in which only silence grows.

Purchases, tenure and total change on purchase days alone; a cell that also depends on silence
changes when the silence reaches a cut. Hence a customer's whole daily history is a few spans a
visit, worked out in the engine, and any day's membership is read off them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _


@dataclass(frozen=True)
class Preset:
    """A rule that puts every customer into one cell on every day.

    Attributes
    ----------
    name : as in the parameters
    cuts : days of silence at which a cell may change, ascending; numbers or columns of `visits`
    cell : (visit row, how many cuts the silence has reached) → segment
    status : the same, for a coarser state such as active or lapsed
    closings : text keys that say how boundaries the vendor left unclear were closed
    """

    name: str
    cuts: Sequence[int | ir.Deferred]
    cell: Callable[[ir.Table, int], ir.Value]
    status: Callable[[ir.Table, int], ir.Value]
    closings: tuple[str, ...] = ()


def visits(purchase_days: ir.Table, as_of: date) -> ir.Table:
    """One row per customer and purchase day with what was known by then.

    Parameters
    ----------
    purchase_days : of `joren.purchases`, up to as_of

    Returns
    -------
    customer_id, visit (from 1: purchases so far), day, next_day (null for the last), tenure (days
    since the first purchase), total (value so far, refunds of a visit taken off it)
    """
    whole = ibis.window(group_by="customer_id", order_by="visit")
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="visit")
    known = purchase_days.filter(_.day <= ibis.literal(as_of)).mutate(
        total=_.value.sum().over(so_far)
    )
    bought = known.filter(_.visit > 0)
    return bought.select(
        "customer_id",
        "visit",
        "day",
        "total",
        next_day=_.day.lead().over(whole),
        tenure=_.day.delta(_.day.min().over(ibis.window(group_by="customer_id")), unit="day"),
    )


def spans(visits: ir.Table, preset: Preset, as_of: date) -> ir.Table:
    """The daily history of every customer's cell, as spans of days that lie end to end.

    Returns
    -------
    customer_id, valid_from, valid_to (first day after; null while it lasts), segment, status
    """
    pieces = []
    for reached in range(len(preset.cuts) + 1):
        rows = visits.mutate(
            valid_from=_after(visits.day, preset.cuts[reached - 1], visits)
            if reached
            else visits.day,
            until=_after(visits.day, preset.cuts[reached], visits)
            if reached < len(preset.cuts)
            else ibis.null("date"),
        )
        # least() leaves nulls out in DuckDB and not in Spark, so they are put in words
        ends = rows.until.isnull().ifelse(
            rows.next_day,
            rows.next_day.isnull().ifelse(rows.until, ibis.least(rows.until, rows.next_day)),
        )
        rows = rows.mutate(
            valid_to=ends, segment=preset.cell(rows, reached), status=preset.status(rows, reached)
        )
        began = (rows.valid_from <= ibis.literal(as_of)) & (
            rows.next_day.isnull() | (rows.valid_from < rows.next_day)
        )
        pieces.append(
            rows.filter(began).select("customer_id", "valid_from", "valid_to", "segment", "status")
        )
    return _joined(ibis.union(*pieces) if len(pieces) > 1 else pieces[0], as_of)


def settled(history: ir.Table, stable_days: int) -> ir.Table:
    """The history without stays shorter than `stable_days`, which count for the cell before.

    A customer's first span and the one that lasts are kept whatever their length.
    """
    of_customer = ibis.window(group_by="customer_id", order_by="valid_from")
    rows = history.mutate(
        before=_.segment.lag().over(of_customer),
        days=_.valid_to.delta(_.valid_from, unit="day"),
    )
    short = rows.before.notnull() & rows.days.notnull() & (rows.days < stable_days)
    kept = rows.filter(~short).drop("before", "days")
    return _joined(kept, None)


def members(history: ir.Table, on: date) -> ir.Table:
    """Each customer's cell on a day, and since when: customer_id, segment, status, since."""
    day = ibis.literal(on)
    now = history.filter((_.valid_from <= day) & (_.valid_to.isnull() | (_.valid_to > day)))
    return now.select("customer_id", "segment", "status", since="valid_from")


def transitions(history: ir.Table, start: date, end: date) -> ir.Table:
    """Customers by their cell on two days: from_segment (null: no customer yet), to_segment, n."""
    before = members(history, start).select("customer_id", from_segment="segment")
    after = members(history, end).select("customer_id", to_segment="segment")
    moved = after.left_join(before, "customer_id")
    return moved.group_by("from_segment", "to_segment").agg(customers=moved.count())


def _after(day: ir.Value, days: int | ir.Deferred, rows: ir.Table) -> ir.Value:
    length = ibis.literal(days) if isinstance(days, int) else days.resolve(rows)
    return (day + length.cast("int32").as_interval("D")).cast("date")


def _joined(rows: ir.Table, as_of: date | None) -> ir.Table:
    """Neighbouring spans of one cell as one."""
    of_customer = ibis.window(group_by="customer_id", order_by="valid_from")
    marked = rows.mutate(
        opens=(
            _.segment.lag().over(of_customer).isnull()
            | (_.segment.lag().over(of_customer) != _.segment)
            | (_.status.lag().over(of_customer) != _.status)
        ).cast("int64")
    )
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="valid_from")
    numbered = marked.mutate(run=_.opens.sum().over(so_far))
    runs = numbered.group_by("customer_id", "run", "segment", "status").agg(
        valid_from=_.valid_from.min()
    )
    of_runs = ibis.window(group_by="customer_id", order_by="valid_from")
    return runs.select(
        "customer_id", "valid_from", "segment", "status",
        valid_to=_.valid_from.lead().over(of_runs),
    )  # fmt: skip
