"""What stands out in canonical tables before anyone counts on them: gaps, filler phones."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from joren.ingest.values import narrowed
from joren.phones import filler_digits

LEAST_GAP_DAYS = 7
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
