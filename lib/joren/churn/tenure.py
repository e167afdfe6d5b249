"""Subscriptions → one row each: how many orders it came to, where in its cycle it stands, its end.

The rule. An order is one that was not cancelled. After each order comes a decision: the next order,
or the end. A decision is settled once the next order was due; an end that was told before that day
settles only then, else the early ones would be counted and the stayers among them not yet. An end
that `as_of` does not know yet has not happened.

An end is `payment` where the contract says so; `voluntary` if she could leave and nothing else is
told (the reasons voluntary and commitment_end, or none); else `other`, as every end inside the
commitment that is no failed payment.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

CAUSES = ("voluntary", "other", "payment")
_KEY = ("source", "subscription_id")


def subscription_tenure(
    subscriptions: ir.Table, orders: ir.Table, identity_map: ir.Table, as_of: date
) -> ir.Table:
    """One row per subscription of a known customer with a known cycle.

    Parameters
    ----------
    subscriptions, orders : canonical tables
    identity_map : identity_map
    as_of : last day, inclusive

    Returns
    -------
    source, subscription_id, customer_id, product_id; cycle_days; waived (decisions at which the
    commitment holds her); made (orders so far, ≥ 1); phase (share of the cycle passed since the
    last order, until as_of or the end, in 0..1); active; cause (null while active); settled (an
    end whose next order was due by as_of); first_channel; started_on; order_value (mean of her
    valid orders after the first, excluding tax where known; null without one)
    """
    known = subscriptions.join(
        identity_map.select("source", "source_id", "customer_id"), ["source", "source_id"]
    ).filter(_.started_at.date() <= as_of)
    parcels = _parcels(orders, as_of)
    rows = known.left_join(parcels, _KEY).select(
        *(known[name] for name in known.columns), "seen", "last_on", "order_value"
    )
    rows = rows.left_join(_first_channels(orders, known, identity_map), "customer_id").drop(
        "customer_id_right"
    )
    ended_on = _.ended_at.date()
    rows = _with_cycle(
        rows.mutate(
            started_on=_.started_at.date(),
            ended_on=(ended_on <= as_of).ifelse(ended_on, ibis.null("date")),
        )
    )
    return _with_position(rows, as_of).select(
        *_KEY, "customer_id", "product_id", "cycle_days", "waived", "made", "phase", "active",
        "cause", "settled", "first_channel", "started_on", "order_value",
    )  # fmt: skip


def _parcels(orders: ir.Table, as_of: date) -> ir.Table:
    """What is known of each subscription from its orders."""
    parcels = orders.filter(
        _.subscription_id.notnull()
        & (_.status != "cancelled")
        & (_.amount >= 0)
        & (_.ordered_at.date() <= as_of)
    )
    first_at = parcels.ordered_at.min().over(group_by=list(_KEY))
    value = ibis.coalesce(_.amount_excluding_tax, _.amount).cast("float64")
    return (
        parcels.mutate(is_first=_.ordered_at == first_at, value=value)
        .group_by(*_KEY)
        .agg(
            seen=_.count(),
            last_on=_.ordered_at.max().date(),
            order_value=_.value.mean(where=(_.status == "valid") & ~_.is_first),
        )
    )


def _first_channels(orders: ir.Table, known: ir.Table, identity_map: ir.Table) -> ir.Table:
    """The channel of each subscriber's first order of any kind."""
    members = identity_map.semi_join(known, "customer_id")
    bought = orders.filter(_.channel.notnull() & _.source_id.notnull()).join(
        members.select("source", "source_id", "customer_id"), ["source", "source_id"]
    )
    order = [bought.ordered_at, bought.source, bought.order_id]
    return (
        bought.mutate(place=ibis.row_number().over(group_by="customer_id", order_by=order))
        .filter(_.place == 0)
        .select("customer_id", first_channel="channel")
    )


def _with_cycle(rows: ir.Table) -> ir.Table:
    """The cycle as told, else the product's usual gap between orders; rows with neither go."""
    gap = _.last_on.delta(_.started_on, unit="day") / (_.seen - 1).nullif(0)
    told = (_.cycle_days > 0).ifelse(_.cycle_days, ibis.null("int64"))
    rows = rows.mutate(told=told, gap=gap)
    usual = ibis.coalesce(_.told.cast("float64"), _.gap).median().over(group_by="product_id")
    days = ibis.coalesce(_.told, usual.round().cast("int64"))
    # a gap below a day is no cycle, and of a null and a number the engine's `greatest` takes one
    return rows.mutate(cycle_days=days).filter(_.cycle_days >= 1)


def _with_position(rows: ir.Table, as_of: date) -> ir.Table:
    until = ibis.coalesce(_.ended_on, ibis.literal(as_of))
    rows = rows.mutate(until=until)
    planned = (_.until.delta(_.started_on, unit="day") // _.cycle_days + 1).cast("int64")
    seen = _.seen.fill_null(0)
    # renewals are told as of the export, which may be later than as_of
    told = _.renewals.notnull().ifelse(ibis.least(_.renewals + 1, planned), ibis.null("int64"))
    made = ibis.coalesce(told, _.seen, planned)
    rows = rows.mutate(made=ibis.greatest(made, seen, 1), waiting=_.commitment_orders.fill_null(1))
    by_plan = _.started_on + ((_.made - 1) * _.cycle_days).as_interval("D")
    rows = rows.mutate(last_on=ibis.coalesce(_.last_on, by_plan))
    phase = _.until.delta(_.last_on, unit="day") / _.cycle_days
    waived = ibis.greatest(_.waiting - 1, 0)
    bound = _.made <= waived
    due_on = _.last_on + _.cycle_days.as_interval("D")
    cause = ibis.cases(
        (_.ended_on.isnull(), ibis.null("string")),
        (_.end_reason == "payment", "payment"),
        ((_.end_reason == "other").fill_null(False) | bound, "other"),
        else_="voluntary",
    )
    return rows.mutate(
        waived=waived,
        phase=ibis.least(ibis.greatest(phase, 0.0), 1.0),
        active=_.ended_on.isnull(),
        cause=cause,
        settled=_.ended_on.notnull() & (due_on <= as_of),
    )
