"""The last day of data that a run rests on."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import ibis.expr.types as ir

_FAR_DAYS = 30
_FEW_ROWS = 0.005


def resolve_as_of(orders: ir.Table, as_of: date | None, today: date) -> tuple[date, list[str]]:
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
        warnings.append(f"{future:,} orders are dated after today ({today})")
    days = [row for row in days if row["day"] <= today]
    if as_of is not None:
        if not days or days[-1]["day"] < as_of:
            last = days[-1]["day"] if days else "never"
            warnings.append(f"as_of is {as_of}, but the last valid order is of {last}")
        return as_of, warnings
    if not days:
        return today, [*warnings, f"there is no valid order up to today; as_of is {today}"]
    outlier = _outlying(days)
    if outlier:
        warnings.append(outlier)
    return days[-1]["day"], warnings


def _outlying(days: list[dict]) -> str | None:
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
            return (
                f"the last day {days[-1]['day']} rests on {after:,} orders {gaps[place]} days "
                f"after {days[place]['day']}; set as_of if they are a mistake"
            )
    return None
