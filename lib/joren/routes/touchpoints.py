"""What counts as a touchpoint: events, orders, starts and ends of subscriptions, contacts sent.

An event keeps the name it has with the client, whatever characters that holds. What becomes a
touchpoint by itself gets a name of its own: `order:first:pos`, `order:repeat:ec`,
`order:subscription` (a delivery of a running subscription), `subscription:start`,
`subscription:end`, `subscription:end:payment`, `contact:mail`. An event that bears such a name, or
that of a route's two ends, gets `event:` in front, so that no two things are ever one.

Orders are those of `joren.purchases`: valid ones; cancelled, returned and pending orders and
refunds are no touchpoints. Rows that belong to no known customer are counted by `account`.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.contract import MONEY
from joren.purchases import counted_orders, identified_orders
from joren.text import has, render

START, END = "(start)", "(end)"
DERIVED = ("order:", "subscription:", "contact:", "event:")
EVENT, CONTACT, ORDER, SUBSCRIPTION = "event", "contact", "order", "subscription"
UNKNOWN = "unknown"
SUBSCRIPTION_ORDER = "order:subscription"
SUBSCRIPTION_START, SUBSCRIPTION_END = "subscription:start", "subscription:end"
# Several things at one moment: a message is sent before it works, a subscription starts before its
# first order, and ends after its last.
_RANK = {CONTACT: 1, EVENT: 2, SUBSCRIPTION_START: 3, ORDER: 4, SUBSCRIPTION_END: 5}
_COLUMNS = ("customer_id", "at", "rank", "seq", "tie", "kind", "touchpoint", "channel",
            "campaign_id", "value", "number")  # fmt: skip


def touchpoints(
    events: ir.Table,
    orders: ir.Table,
    subscriptions: ir.Table,
    contacts: ir.Table,
    identity_map: ir.Table,
    as_of: date,
) -> ir.Table:
    """Every touchpoint of every known customer, in no order.

    Parameters
    ----------
    events, orders, subscriptions, contacts : canonical tables; any may be empty
    identity_map : source records → customers
    as_of : last day, inclusive

    Returns
    -------
    customer_id; at; rank, seq, tie (what orders rows of one moment); kind (event, order,
    subscription, contact); touchpoint; channel, campaign_id (null where not told); value (of an
    order, excluding tax where known); number (of an order: 1 for her first)
    """
    known = identity_map.select("source", "source_id", "customer_id")
    return ibis.union(
        _events(events.join(known, ["source", "source_id"])),
        _contacts(contacts.join(known, ["source", "source_id"])),
        _orders(orders, identity_map, as_of),
        _subscriptions(subscriptions.join(known, ["source", "source_id"]), as_of),
    )


def account(
    events: ir.Table, orders: ir.Table, contacts: ir.Table, steps: ir.Table
) -> list[dict[str, int | str]]:
    """Rows of each kind, and how many of them are steps; the rest has no customer or is no order.

    Returns
    -------
    kind, rows, steps, left_out (rows without a step), kinds in alphabetical order
    """
    found = steps.group_by("kind").agg(n=_.count()).to_pyarrow().to_pylist()
    placed = {row["kind"]: row["n"] for row in found}
    rows = []
    for kind, table in ((CONTACT, contacts), (EVENT, events), (ORDER, orders)):
        given = int(table.count().to_pyarrow().as_py())
        steps_of = placed.get(kind, 0)
        rows.append({"kind": kind, "rows": given, "steps": steps_of, "left_out": given - steps_of})
    return rows


def label(touchpoint: str, language: str) -> str:
    """A touchpoint as a reader knows it, on one line.

    Parameters
    ----------
    touchpoint : its name in the tables
    language : ja or en
    """
    if touchpoint in (START, END):
        return render(language, f"routes.touchpoint.{touchpoint.strip('()')}")
    kind, _sep, rest = touchpoint.partition(":")
    if kind == "event":
        return " ".join(rest.split())
    what, _sep, channel = rest.partition(":")
    if kind in ("order", "subscription", "contact"):
        if kind == "contact":
            what, channel = "sent", rest
        key = f"routes.touchpoint.{kind}_{what}"
        if kind == "subscription" and channel:
            key, channel = f"{key}_{channel}", ""
        if has(key):
            return render(language, key, channel=_channel(channel, language))
    if has(f"routes.event.{touchpoint}"):
        return render(language, f"routes.event.{touchpoint}")
    return " ".join(touchpoint.split())


def _channel(channel: str, language: str) -> str:
    key = f"routes.channel.{channel}"
    return render(language, key) if has(key) else channel


def _events(events: ir.Table) -> ir.Table:
    taken = events.touchpoint.isin([START, END])
    for prefix in DERIVED:
        taken |= events.touchpoint.startswith(prefix)
    name = taken.ifelse(ibis.literal("event:") + events.touchpoint, events.touchpoint)
    return events.mutate(
        at=_.occurred_at,
        rank=ibis.literal(_RANK[EVENT], "int64"),
        seq=_.seq.fill_null(0),
        tie=_.source + ":" + _.event_id.fill_null(""),
        kind=ibis.literal(EVENT),
        touchpoint=name,
        value=ibis.null(MONEY),
        number=ibis.null("int64"),
    ).select(*_COLUMNS)


def _contacts(contacts: ir.Table) -> ir.Table:
    return contacts.mutate(
        at=_.occurred_at,
        rank=ibis.literal(_RANK[CONTACT], "int64"),
        seq=ibis.literal(0, "int64"),
        tie=_.source + ":" + _.campaign_id.fill_null(""),
        kind=ibis.literal(CONTACT),
        touchpoint=ibis.literal("contact:") + contacts.channel,
        value=ibis.null(MONEY),
        number=ibis.null("int64"),
    ).select(*_COLUMNS)


def _orders(orders: ir.Table, identity_map: ir.Table, as_of: date) -> ir.Table:
    told = ("channel", "campaign_id", "subscription_id")
    counted = counted_orders(identified_orders(orders, identity_map, told), as_of)
    bought = counted.filter(_.is_purchase & _.customer_id.notnull())
    order = [bought.ordered_at, bought.source, bought.order_id]
    number = ibis.row_number().over(group_by="customer_id", order_by=order) + 1
    channel = bought.channel.fill_null(UNKNOWN)
    return (
        bought.mutate(number=number.cast("int64"))
        .mutate(
            at=_.ordered_at,
            rank=ibis.literal(_RANK[ORDER], "int64"),
            seq=_.number,
            tie=_.source + ":" + _.order_id,
            kind=ibis.literal(ORDER),
            touchpoint=ibis.cases(
                (_.number == 1, ibis.literal("order:first:") + channel),
                (_.subscription_id.notnull(), SUBSCRIPTION_ORDER),
                else_=ibis.literal("order:repeat:") + channel,
            ),
        )
        .select(*_COLUMNS)
    )


def _subscriptions(subscriptions: ir.Table, as_of: date) -> ir.Table:
    by_payment = (_.end_reason == "payment").fill_null(False)
    started = subscriptions.mutate(at=_.started_at, touchpoint=ibis.literal(SUBSCRIPTION_START))
    ended = subscriptions.filter(_.ended_at.notnull()).mutate(
        at=_.ended_at,
        touchpoint=by_payment.ifelse(f"{SUBSCRIPTION_END}:payment", SUBSCRIPTION_END),
    )

    def rows(table: ir.Table, rank: int) -> ir.Table:
        return (
            table.filter(_.at.date() <= as_of)
            .mutate(
                rank=ibis.literal(rank, "int64"),
                seq=ibis.literal(0, "int64"),
                tie=_.source + ":" + _.subscription_id,
                kind=ibis.literal(SUBSCRIPTION),
                channel=ibis.null("string"),
                campaign_id=ibis.null("string"),
                value=ibis.null(MONEY),
                number=ibis.null("int64"),
            )
            .select(*_COLUMNS)
        )

    return ibis.union(
        rows(started, _RANK[SUBSCRIPTION_START]), rows(ended, _RANK[SUBSCRIPTION_END])
    )
