"""What stands out in canonical tables before anyone counts on them: gaps, filler phones."""

from __future__ import annotations

from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.ingest.values import narrowed
from joren.phones import filler_digits
from joren.text import Note, note

LEAST_GAP_DAYS = 7
LEAST_ORDER_DAYS = 30
_USUAL = 0.9
_TIMES = 5


def order_gaps(orders: ir.Table, most: int = 3) -> list[dict[str, Any]]:
    """The longest runs of days without orders, by source, where they are no everyday matter.

    Named are runs of more than `LEAST_GAP_DAYS` days that are also more than five times as long
    as the run that 90 % of the source's do not exceed: a missing monthly file shows, the holidays
    of a shop do not. `sparse_sources` are passed over.

    Parameters
    ----------
    orders : canonical orders
    most : how many runs to name for each source

    Returns
    -------
    source, first and last day without orders, days; the longest first within a source
    """
    spans = _spans(orders)
    busy = spans.filter(spans.orders >= spans.days).view()
    days = (
        orders.select("source", day=orders.ordered_at.date()).distinct().semi_join(busy, "source")
    )
    days = days.mutate(
        following=days.day.lead().over(ibis.window(group_by=days.source, order_by=days.day))
    )
    days = days.filter(days.following.notnull()).view()
    gaps = days.select("source", "day", empty=days.following.delta(days.day, unit="day") - 1)
    usual = gaps.group_by("source").agg(usual=gaps.empty.quantile(_USUAL))
    gaps = gaps.join(usual, "source")
    unusual = gaps.filter(
        (gaps.empty > LEAST_GAP_DAYS) & (gaps.empty > _TIMES * gaps.usual.cast("float64"))
    ).view()
    place = ibis.row_number().over(
        ibis.window(group_by=unusual.source, order_by=[unusual.empty.desc(), unusual.day])
    )
    longest = unusual.mutate(place=place).view()
    longest = longest.filter(longest.place < most).select(
        "source",
        "place",
        first=longest.day + ibis.interval(days=1),
        last=longest.day + longest.empty.as_interval("D"),
        days="empty",
    )
    return longest.order_by("source", "place").drop("place").to_pyarrow().to_pylist()


def silent_sources(orders: ir.Table, as_of: date) -> list[Note]:
    """Warnings of sources whose orders stop so long before as-of as never before.

    Their newest file may be missing. A source is held to its own habits, so that a till that is
    closed on Sundays and an export that comes weekly warn of nothing; with fewer than
    `LEAST_ORDER_DAYS` days with orders no habit is known. `quality.max_source_age_days` is the rule
    that stops a run.

    Parameters
    ----------
    orders : canonical orders
    as_of : last day of data the run rests on
    """
    day = orders.ordered_at.date()
    days = orders.select("source", day=day).filter(_.day <= as_of).distinct()
    within = ibis.window(group_by="source", order_by="day")
    gaps = days.mutate(gap=_.day.lead().over(within).delta(_.day, unit="day"))
    by_source = gaps.group_by("source").agg(
        last=_.day.max(), longest=_.gap.max(), order_days=_.count()
    )
    age = ibis.literal(as_of).delta(by_source["last"], unit="day")
    found = by_source.mutate(age=age).filter(
        (_.order_days >= LEAST_ORDER_DAYS) & (_.age > _.longest)
    )
    told = found.order_by("source").select("source", "last", "age", "longest")
    return [note("ingest.note.silent", **row) for row in told.to_pyarrow().to_pylist()]


def sparse_sources(orders: ir.Table) -> list[dict[str, Any]]:
    """Sources with less than one order a day on average, where a gap tells nothing.

    Parameters
    ----------
    orders : canonical orders

    Returns
    -------
    source, orders, days from its first order to its last
    """
    spans = _spans(orders)
    return spans.filter(spans.orders < spans.days).order_by("source").to_pyarrow().to_pylist()


def _spans(orders: ir.Table) -> ir.Table:
    day = orders.ordered_at.date()
    return orders.group_by("source").agg(
        orders=orders.count(), days=day.max().delta(day.min(), unit="day") + 1
    )


def filler_phones(customers: ir.Table) -> list[dict[str, Any]]:
    """By source: customers with a phone, and how many of these only fill the field."""
    known = customers.filter(customers.phone.notnull())
    digits = narrowed(known.phone).re_replace(r"\D", "")
    known = known.select("source", filler=filler_digits(digits))
    counted = known.group_by("source").agg(
        phones=known.count(), fillers=known.filler.sum().fill_null(0)
    )
    return counted.order_by("source").to_pyarrow().to_pylist()
