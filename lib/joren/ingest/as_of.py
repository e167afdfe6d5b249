"""The last day of data that a run rests on."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import ibis.expr.types as ir

from joren.text import Note, note
from joren.text.formats import NO_VALUE

_FAR_DAYS = 30
_FEW_ROWS = 0.005


def resolve_as_of(orders: ir.Table, as_of: date | None, today: date) -> tuple[date, list[Note]]:
    """The run's as-of: the day asked for, or the last day ≤ today with a valid order.

    Parameters
    ----------
    orders : canonical orders
    as_of : the day asked for, or None
    today : today in the client's timezone

    Returns
    -------
    the day, and warnings: orders in the future, a last day far beyond the others (a typing slip
    would silently age every customer), a day asked for that the data do not reach
    """
    valid = orders.filter(orders.status == "valid").select(day=orders.ordered_at.date())
    counted = valid.group_by("day").agg(rows=valid.count()).order_by("day")
    days = counted.to_pyarrow().to_pylist()
    warnings = []
    future = sum(row["rows"] for row in days if row["day"] > today)
    if future:
        warnings.append(note("ingest.note.future", rows=future, today=today))
    days = [row for row in days if row["day"] <= today]
    if as_of is not None:
        if not days or days[-1]["day"] < as_of:
            last = days[-1]["day"] if days else NO_VALUE
            warnings.append(note("ingest.note.beyond", asked=as_of, last=last))
        return as_of, warnings
    if not days:
        return today, [*warnings, note("ingest.note.no_orders", today=today)]
    outlier = _outlying(days)
    if outlier:
        warnings.append(outlier)
    return days[-1]["day"], warnings


def _outlying(days: list[dict]) -> Note | None:
    """A warning where the last few orders stand far beyond all others."""
    gaps = [(b["day"] - a["day"]).days for a, b in pairwise(days)]
    if not gaps:
        return None
    usual = sorted(gaps)[int(0.95 * (len(gaps) - 1))]
    total, after = sum(row["rows"] for row in days), 0
    for place in range(len(gaps) - 1, -1, -1):
        after += days[place + 1]["rows"]
        if after > max(1, _FEW_ROWS * total):
            return None
        if gaps[place] > max(_FAR_DAYS, 5 * usual):
            return note(
                "ingest.note.outlying",
                last=days[-1]["day"],
                rows=after,
                gap=gaps[place],
                before=days[place]["day"],
            )
    return None
