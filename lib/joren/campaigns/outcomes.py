"""What assigned customers did: one row per customer and window, the measures of every KPI in it.

An order counts in a window by its own moment, from the first day to the last, both included;
refunds are taken off on the day they were made. Revenue is what was paid, tax included, before
points; margin is the order's own where known, else its value before tax times the margin rate.
What a customer did before the campaign is kept beside it: it tells customers apart (`segments`),
and takes noise off the effect (CUPED).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from joren.campaigns.plan import Plan, PlannedKpi
from joren.contract import MONEY
from joren.purchases import counted_orders, identified_orders

BEFORE_DAYS = 180  # of behaviour before a campaign that is held against behaviour in it
READOUT = "readout"
_ZERO = ("orders", "purchase_days", "revenue", "margin", "points_used",
         "orders_before", "revenue_before", "points_before")  # fmt: skip


@dataclass(frozen=True)
class Window:
    """Days of a campaign in which outcomes are counted: from `begin` to the day before `until`."""

    campaign_id: str
    name: str
    starts_on: date
    begin: date
    until: date


def window_of(plan: Plan, kpi: PlannedKpi) -> Window:
    """The days in which a KPI counts; equal windows have equal names."""
    begin = plan.until if kpi.window == "after" else plan.starts_on
    until = begin + timedelta(days=kpi.window_days) if kpi.window_days else plan.until
    same = kpi.window == "readout" and until == plan.until
    name = READOUT if same else f"{kpi.window}_{kpi.window_days}"
    return Window(plan.campaign_id, name, plan.starts_on, begin, until)


def order_facts(
    orders: ir.Table, identity_map: ir.Table, margin_rate: float, as_of: date
) -> ir.Table:
    """The orders and refunds that count, with customer and money.

    Parameters
    ----------
    orders : canonical/orders
    identity_map : identity_map
    margin_rate : margin per value, where an order does not carry its own

    Returns
    -------
    customer_id, source, order_id, ordered_at, day, is_purchase, revenue, margin, channel
    """
    told = identified_orders(orders, identity_map, ("amount", "margin", "channel"))
    counted = counted_orders(told, as_of)
    return counted.filter(_.customer_id.notnull()).select(
        "customer_id", "source", "order_id", "ordered_at", "day", "is_purchase",
        revenue=_.amount,
        margin=ibis.coalesce(_.margin, (_.value * margin_rate).round(4)).cast(MONEY),
        channel=ibis.coalesce(_.channel, _.source),
    )  # fmt: skip


def point_uses(point_entries: ir.Table, identity_map: ir.Table) -> ir.Table:
    """Points used, a row each; what was given back is taken off at the moment it was used.

    Parameters
    ----------
    point_entries : canonical/point_entries

    Returns
    -------
    customer_id, used_at, points (not negative)
    """
    once = point_entries.distinct(on=["source", "entry_id"])
    undone = (
        once.filter((_.kind == "cancel") & _.reverses_entry_id.notnull())
        .group_by("source", "reverses_entry_id")
        .agg(undone=_.points.sum())
        .select("source", "undone", entry_id=_.reverses_entry_id)
    )
    uses = once.filter(_.kind == "use").left_join(undone, ["source", "entry_id"])
    known = identity_map.select("source", "source_id", "customer_id")
    return uses.join(known, ["source", "source_id"]).select(
        "customer_id",
        used_at=_.occurred_at,
        points=ibis.greatest(_.points - _.undone.fill_null(0), 0),
    )


def window_table(windows: Iterable[Window]) -> ir.Table:
    """Windows as a table of the engine, each once."""
    rows = sorted({(w.campaign_id, w.name, w.starts_on, w.begin, w.until) for w in windows})
    day = pa.timestamp("us")
    types = (pa.string(), pa.string(), day, day, day)
    names = ("campaign_id", "window", "starts_on", "begin", "until")
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    arrays = [
        pa.array([_midnight(value) for value in column], kind)
        for column, kind in zip(columns, types, strict=True)
    ]
    return ibis.memtable(pa.table(dict(zip(names, arrays, strict=True))))


def outcomes(
    customers: ir.Table,
    windows: ir.Table,
    facts: ir.Table,
    uses: ir.Table,
    ltv: ir.Table | None,
) -> ir.Table:
    """The measures of every assigned customer in every window of her campaign.

    Parameters
    ----------
    customers : campaign_id, customer_id, and whatever else is to be kept of them
    windows : from `window_table`
    facts : from `order_facts`
    uses : from `point_uses`
    ltv : the table `ltv`, None or empty where nothing was forecast

    Returns
    -------
    the columns of `customers`; window; every measure of `metrics.MEASURES` but `customers`
    (`ltv`: margin from the first day to the last of the data, and `ltv_365d` on top); and
    orders_before, revenue_before, points_before of the BEFORE_DAYS before the campaign
    """
    people = customers.select("campaign_id", "customer_id")
    rows = customers.join(windows.select("campaign_id", "window"), "campaign_id")
    key = ["campaign_id", "window", "customer_id"]
    rows = rows.left_join(_orders_within(people, windows, facts), key).drop(
        "campaign_id_right", "window_right", "customer_id_right"
    )
    rows = rows.left_join(_points_within(people, windows, uses), key).drop(
        "campaign_id_right", "window_right", "customer_id_right"
    )
    rows = rows.mutate(**{name: rows[name].fill_null(0) for name in _ZERO})
    forecast = ibis.literal(None, "float64")
    since = rows.margin_since.fill_null(0)
    if ltv is not None:
        ahead = ltv.select("customer_id", "ltv_365d")
        rows = rows.left_join(ahead, "customer_id").drop("customer_id_right")
        forecast, since = rows.ltv_365d.fill_null(0), rows.margin_since.fill_null(0)
    return rows.mutate(
        responded=(rows.orders > 0).cast("int64"),
        repeated=(rows.purchase_days > 1).cast("int64"),
        lapsed=(rows.orders == 0).cast("int64"),
        used_points=(rows.points_used > 0).cast("int64"),
        ltv=(since + forecast.round(4).cast(MONEY)).cast(MONEY),
    ).drop("margin_since", *(["ltv_365d"] if ltv is not None else []))


def _orders_within(people: ir.Table, windows: ir.Table, facts: ir.Table) -> ir.Table:
    joined = people.join(facts, "customer_id").join(windows, "campaign_id")
    joined = joined.filter(joined.ordered_at >= _earliest(joined))
    inside = (joined.ordered_at >= joined.begin) & (joined.ordered_at < joined.until)
    before = _before(joined, joined.ordered_at)
    return joined.group_by("campaign_id", "window", "customer_id").agg(
        orders=joined.is_purchase.sum(where=inside),
        purchase_days=joined.day.nunique(where=inside & joined.is_purchase),
        revenue=joined.revenue.sum(where=inside).cast(MONEY),
        margin=joined.margin.sum(where=inside).cast(MONEY),
        margin_since=joined.margin.sum(where=joined.ordered_at >= joined.starts_on).cast(MONEY),
        orders_before=joined.is_purchase.sum(where=before),
        revenue_before=joined.revenue.sum(where=before).cast(MONEY),
    )


def _points_within(people: ir.Table, windows: ir.Table, uses: ir.Table) -> ir.Table:
    joined = people.join(uses, "customer_id").join(windows, "campaign_id")
    inside = (joined.used_at >= joined.begin) & (joined.used_at < joined.until)
    return joined.group_by("campaign_id", "window", "customer_id").agg(
        points_used=joined.points.sum(where=inside).cast("int64"),
        points_before=joined.points.sum(where=_before(joined, joined.used_at)).cast("int64"),
    )


def _before(joined: ir.Table, moment: ir.Value) -> ir.BooleanValue:
    return (moment >= _earliest(joined)) & (moment < joined.starts_on)


def _earliest(joined: ir.Table) -> ir.TimestampValue:
    return joined.starts_on - ibis.interval(days=BEFORE_DAYS)


def _midnight(value: date | str) -> datetime | str:
    return datetime.combine(value, time()) if isinstance(value, date) else value
