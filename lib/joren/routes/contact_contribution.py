"""接客: do more order after a contact than customers like them who had none of it?

For each kind of contact (a call, a LINE click, a check-in) a customer's first one after she had
ordered is taken, so that she counts once. Whether she orders within WINDOW days after it is held
against customers at EVERY-th days of the calendar who had ordered as many times and as recently:
the shares of each class of these two, for the mix of classes of those contacted. Purchases of the
day itself are left out on both sides.

It is an association: who is about to order also gets in touch, and a complaint follows an order.
The interval is of the contacted (Jeffreys); the others are many, and taken as known.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from joren.stats.shares import jeffreys

WINDOW = 14
EVERY = 28
FEWEST = 30
RECENCY = (7, 14, 30, 60, 120)  # days since the last purchase: first of each class but the first
ORDERS = (2, 3, 6)  # purchases so far, likewise
_CLASS = ("recency", "orders")


def contact_contribution(
    events: ir.Table,
    identity_map: ir.Table,
    days: ir.Table,
    as_of: date,
    interval: float,
    window: int = WINDOW,
) -> pd.DataFrame:
    """The table `channel_contribution`.

    Parameters
    ----------
    events : canonical/events
    identity_map : identity_map
    days : from `bought.purchase_days`
    as_of : last day, inclusive
    interval : probability of lower and upper
    window : days after the contact

    Returns
    -------
    channel (empty where not told), touchpoint; customers, ordered (share of them within the
    window), usual (of customers like them), difference, lower, upper. Kinds of contact with fewer
    than FEWEST customers are left out.
    """
    in_order = ibis.window(group_by="customer_id", order_by="day")
    spans = days.mutate(after_next=_.day.lead(2).over(in_order)).select(
        "customer_id", "day", "nth", "next_day", "after_next"
    )
    end = ibis.literal(as_of) - ibis.interval(days=window)
    key = identity_map.select("source", "source_id", "customer_id")
    contacts = (
        events.join(key, ["source", "source_id"])
        .select(
            "customer_id", "touchpoint", channel=ibis.coalesce(_.channel, ""),
            at=_.occurred_at.date(),
        )
        .filter(_["at"] <= end)
        .distinct()
    )  # fmt: skip
    known = contacts.join(spans, "customer_id").filter(_within_span())
    kind = ["customer_id", "channel", "touchpoint"]
    first = known.mutate(place=ibis.row_number().over(group_by=kind, order_by="at")).filter(
        _.place == 0
    )
    first = _classed(first, window)
    usual = _usual(spans, end, window)
    counted = (
        first.group_by("channel", "touchpoint", *_CLASS)
        .agg(n=_.count(), ordered=_.ordered.sum())
        .left_join(usual, _CLASS)
        .order_by("channel", "touchpoint", *_CLASS)
        .select("channel", "touchpoint", "n", "ordered", "usual")
    ).to_pandas()
    return _measured(counted, interval)


def _within_span() -> ir.Deferred:
    """Of a customer's purchase days the last one before `at`."""
    return (_.day < _["at"]) & ((_["at"] <= _.next_day) | _.next_day.isnull())


def _classed(rows: ir.Table, window: int) -> ir.Table:
    """Add the classes of the customer as she stood before `at`, and whether she then ordered."""
    following = (rows.next_day == rows["at"]).ifelse(rows.after_next, rows.next_day)
    since = rows["at"].delta(rows.day, unit="day")
    return rows.mutate(
        recency=_class_of(since, RECENCY),
        orders=_class_of(rows.nth, ORDERS),
        ordered=(following.delta(rows["at"], unit="day") <= window).fill_null(False).cast("int64"),
    )


def _class_of(value: ir.Value, firsts: tuple[int, ...]) -> ir.Value:
    return sum((value >= first).cast("int64") for first in firsts)


def _usual(spans: ir.Table, end: ir.Value, window: int) -> ir.Table:
    """Share that orders within the window, by class, over customers at regular days."""
    # the same days of the calendar for everybody, counted from 1 January 1970
    epoch = ibis.literal(date(1970, 1, 1))
    low = spans.day.delta(epoch, unit="day") // EVERY + 1
    until = ibis.least(ibis.coalesce(spans.next_day, end), end)
    high = until.delta(epoch, unit="day") // EVERY
    marks = spans.mutate(mark=ibis.range(low.cast("int64"), high.cast("int64") + 1).unnest())
    marks = marks.mutate(at=(epoch + (marks.mark * EVERY).as_interval("D")).cast("date"))
    return (
        _classed(marks, window)
        .group_by(*_CLASS)
        .agg(usual=_.ordered.mean())
        .select(*_CLASS, "usual")
    )


def _measured(counted: pd.DataFrame, interval: float) -> pd.DataFrame:
    # a class nobody else was ever seen in says nothing of what is usual
    counted = counted.dropna(subset=["usual"])
    counted = counted.assign(expected=counted.n * counted.usual)
    found = counted.groupby(["channel", "touchpoint"], as_index=False)[
        ["n", "ordered", "expected"]
    ].sum()
    found = found[found.n >= FEWEST].reset_index(drop=True)
    n, usual = found.n.to_numpy(float), found.expected.to_numpy(float) / found.n.to_numpy(float)
    lower, upper = jeffreys(found.ordered, n, interval)
    share = found.ordered.to_numpy(float) / n
    return pd.DataFrame({
        "channel": found.channel, "touchpoint": found.touchpoint,
        "customers": found.n.astype(np.int64), "ordered": share, "usual": usual,
        "difference": share - usual, "lower": lower - usual, "upper": upper - usual,
    })  # fmt: skip
