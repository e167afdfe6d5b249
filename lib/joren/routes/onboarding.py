"""Onboarding: from registration to first order, second order, LINE and app, by month.

A customer is registered on the earliest day any of her records says so. The funnel is of those who
had not ordered before that day: for the others registering was not the beginning, and they are
counted apart. Each step counts within WINDOW days of the registration, and only customers
registered that long ago: what a step of last month's customers will come to is not known yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis import _

from joren.routes.waiting import waits
from joren.stats.shares import jeffreys

ALL = "all"
WINDOW = 90
ORDER_STEPS = ("first_order", "second_order")


@dataclass(frozen=True)
class Onboarding:
    """steps : customer_id, month, and for each step the days it took (null if not yet), with
    `watched`; before : customers who ordered before they registered; names : of the steps."""

    steps: ir.Table
    before: int
    names: tuple[str, ...]


def onboarding(
    customers: ir.Table, identity_map: ir.Table, days: ir.Table, events: ir.Table, as_of: date
) -> Onboarding:
    """Who registered when, and when she took each step.

    Parameters
    ----------
    customers : canonical/customers
    identity_map : identity_map
    days : from `bought.purchase_days`
    events : canonical/events

    Returns
    -------
    the steps `first_order`, `second_order`, `line` (her LINE account was first known or first
    acted) and `app` (first event of that channel); the last two only where the client has any
    """
    key = identity_map.select("source", "source_id", "customer_id")
    records = customers.join(key, ["source", "source_id"])
    known = records.filter(_.registered_at.notnull() & (_.registered_at.date() <= as_of))
    registered = known.group_by("customer_id").agg(on=_.registered_at.min().date())
    orders = days.group_by("customer_id").agg(
        first_order=_.day.min(), second_order=_.day.min(where=_.nth == 2)
    )
    moments = events.join(key, ["source", "source_id"]).filter(_.occurred_at.date() <= as_of)
    linked = known.filter(_.line_id.notnull()).select("customer_id", at="registered_at")
    acted = moments.filter(_.channel == "line").select("customer_id", at="occurred_at")
    opened = moments.filter(_.channel == "app").select("customer_id", at="occurred_at")
    others = {"line": ibis.union(linked, acted), "app": opened}
    rows = registered.left_join(orders, "customer_id").drop("customer_id_right")
    names = list(ORDER_STEPS)
    for name, found in others.items():
        if found.count().to_pyarrow().as_py():
            first = found.group_by("customer_id").agg(**{name: found["at"].min().date()})
            rows = rows.left_join(first, "customer_id").drop("customer_id_right")
            names.append(name)
    early = rows.filter(rows.first_order < rows.on).count().to_pyarrow().as_py()
    new = rows.filter((rows.first_order >= rows.on).fill_null(True))
    steps = new.select(
        "customer_id",
        month=new.on.truncate("M"),
        watched=ibis.literal(as_of).delta(new.on, unit="day"),
        # a LINE account older than the registration was linked when the membership began
        **{name: ibis.greatest(new[name].delta(new.on, unit="day"), 0 * new[name].delta(
            new.on, unit="day")) for name in names},
    )  # fmt: skip
    return Onboarding(steps, int(early), tuple(names))


def funnel(found: Onboarding, interval: float, window: int = WINDOW) -> pd.DataFrame:
    """The table `onboarding`: how many of those registered took each step within the window.

    Parameters
    ----------
    found : from `onboarding`
    interval : probability of lower and upper
    window : days from registration

    Returns
    -------
    month (`2025-04`, or `all`), step, customers (registered at least `window` days ago), reached,
    rate, lower, upper (Jeffreys), median_days (of those who took it)
    """
    old = found.steps.filter(_.watched >= window)
    parts = []
    for name in found.names:
        rows = old.mutate(waited=old[name])
        for month in (old.month.strftime("%Y-%m"), ibis.literal(ALL)):
            counted = waits(rows.mutate(group=month), ["group"], window)
            reached = counted.came.sum(axis=1)
            lower, upper = jeffreys(reached, counted.n, interval)
            parts.append(pd.DataFrame({
                "month": counted.groups.group, "step": name, "customers": counted.n.astype(int),
                "reached": reached.astype(int), "rate": reached / counted.n, "lower": lower,
                "upper": upper, "median_days": counted.usual_days(),
            }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def first_month_to_come(as_of: date, window: int = WINDOW) -> date:
    """The last day of registration that is in the funnel."""
    return as_of - timedelta(days=window)
