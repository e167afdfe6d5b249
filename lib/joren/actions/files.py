"""The rows of a list's file: whom to contact, where, by when, and why.

Contact values stand here only. A letter's row is addressed as Japan Post and printers expect it:
postal code, address in two lines, name with 様.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren.actions.playbook import Play
from joren.engine import keep
from joren.lists.addressing import address_on
from joren.lists.draw import LISTED
from joren.lists.labels import labelled, labelled_reasons

TITLE = "様"
NOBODY = "お客様"
_SHARED = ("list", "list_id", "campaign_id", "customer_id")
_LETTER = ("addressee", "postal_code", "address_1", "address_2")
_MESSAGE = ("full_name", "channel", "address", "send_weekday", "send_hour")
_CALL = ("full_name", "address")
# facts that tell whoever contacts her why: list → columns
_WHY = {
    "cancel_watch": ("p_end_90d", "why", "subscribed_days"),
    "payment_watch": ("p_end_90d", "why", "subscribed_days"),
    "new_subscriber": ("subscribed_days",),
    "complaint_care": ("complained_days",),
    "lapsed": ("silent_days", "cycle_days", "overdue_ratio"),
    "subscriber_care": ("subscribed_days",),
    "payment_ended": ("ended_days",),
    "win_back_subscriber": ("ended_days",),
    "birthday": ("birthday_in_days",),
    "use_points": ("points_balance", "silent_days"),
    "cross_sell": ("next_product", "because_of"),
    "subscriber_add_on": ("next_product", "because_of"),
    "first_purchase": ("known_days",),
    "never_bought": ("known_days",),
}
_ANYBODY = ("silent_days", "cycle_days", "overdue_ratio")
_KNOWN = ("list_id", "campaign_id", "customer_id", "full_name", "channel", "address")


def columns(play: Play) -> dict[str, str]:
    """Columns of a list's file, in order, and the text key of each header."""
    how = _LETTER if "dm" in play.channels else _CALL if "call" in play.channels else _MESSAGE
    names = ("place", *_SHARED, *how, "due_on", "status", "rank")
    names += (*_WHY.get(play.id, _ANYBODY), "value")
    keys = {name: f"actions.column.{name}" for name in names}
    keys |= {name: f"lists.column.{name}" for name in names if name in _KNOWN}
    return keys | {"status": "actions.column.customer_status"}


def everybody_listed(
    con: Backend,
    drawn: ir.Table,
    facts: ir.Table,
    addresses: ir.Table,
    times: ir.Table,
    language: str,
) -> ir.Table:
    """All lists' rows with what is known of each customer and the one address her channel needs.

    Codes are in the reader's words (list, status, rank, channel, reasons); IDs of list, campaign
    and customer stay, for outcomes come back by them.

    Parameters
    ----------
    drawn : from `drawing.draw`
    facts : from `facts.facts`
    addresses : from `lists.addressing.addresses`
    times : table send_times
    """
    listed = drawn.filter(drawn.standing == LISTED)
    about = facts.drop("household_id")
    listed = listed.inner_join(about, "customer_id").inner_join(addresses, "customer_id")
    known = times.select("customer_id", send_weekday="weekday", send_hour="hour")
    listed = listed.left_join(known, "customer_id").drop("customer_id_right")
    lines = _lines(listed.address)
    listed = listed.mutate(
        # her place among those contacted: a gap would show who is held out
        place=ibis.row_number().over(group_by=listed.action, order_by=listed.place) + 1,
        addressee=_greeted(listed.full_name),
        postal_code=_hyphenated(listed.postal_code),
        address_1=lines[0],
        address_2=lines[1],
        due_on=(listed.due_at - ibis.interval(seconds=1)).date(),
        p_end_90d=listed.p_end_90d.round(3),
        to=(listed.channel == "call").ifelse(
            _domestic(listed.phone), address_on(listed.channel, listed)
        ),
    )
    told = listed.mutate(
        list=labelled(listed.action, "actions.name", language),
        **_about(listed, language),
        channel=labelled(listed.channel, "actions.channel", language),
        why=labelled_reasons(listed.why, language),
        send_weekday=labelled(listed.send_weekday.cast("string"), "actions.weekday", language),
    )
    return keep(con, "everybody_listed", told.drop("address").rename(address="to"))


def rows(everybody: ir.Table, play: Play) -> ir.Table:
    """The rows of one list's file, most valuable first, in `columns(play)`."""
    of_list = everybody.filter(everybody.action == play.id)
    return of_list.select(*columns(play)).order_by("place")


QUEUE = {name: f"actions.column.{name}" for name in ("store", "place")}
QUEUE |= {name: f"lists.column.{name}" for name in ("list_id", "customer_id", "full_name")}
QUEUE |= {"status": "actions.column.customer_status"}
QUEUE |= {name: f"actions.column.{name}" for name in ("rank", *_ANYBODY, "value")}


def queue(near: ir.Table, facts: ir.Table, addresses: ir.Table, language: str) -> ir.Table:
    """Whom a store's staff look after next, most valuable first, in the columns of `QUEUE`.

    Who is held out is not on it, and her place is closed up. Nobody is contacted from it: it has
    a name to greet by and no address.

    Parameters
    ----------
    near : from `service.chosen`
    facts : from `facts.facts`
    addresses : from `lists.addressing.addresses`
    """
    about = facts.select("customer_id", "status", "rank", *_ANYBODY)
    served = near.filter(near.served).inner_join(about, "customer_id")
    named = served.left_join(addresses.select("customer_id", "full_name"), "customer_id")
    place = ibis.row_number().over(group_by=named.store, order_by=named.position) + 1
    told = named.mutate(
        place=place,
        full_name=_greeted(named.full_name),
        **_about(named, language),
    )
    return told.select(*QUEUE).order_by("store", "place")


def _greeted(full_name: ir.StringValue) -> ir.StringValue:
    return (full_name.nullif("") + " " + TITLE).fill_null(NOBODY)


def _about(people: ir.Table, language: str) -> dict[str, ir.Value]:
    """What every file tells of a customer, in the reader's words and as exact as it is meant."""
    return {
        "status": labelled(people.status, "segments.name.joren", language),
        "rank": labelled(people["rank"], "segments.name.rank", language),
        "cycle_days": people.cycle_days.round(1),
        "overdue_ratio": people.overdue_ratio.round(2),
        "value": people.value.round().cast("int64"),
    }


def _hyphenated(postal_code: ir.StringValue) -> ir.StringValue:
    """123-4567, which no spreadsheet takes for a number and cuts the zero off."""
    return postal_code.re_replace("^([0-9]{3})([0-9]{4})$", "\\1-\\2")


def _domestic(phone: ir.StringValue) -> ir.StringValue:
    """A number of Japan as it is dialled there; others with their country."""
    mobile = phone.re_replace("^\\+81([0-9]{2})([0-9]{4})([0-9]{4})$", "0\\1-\\2-\\3")
    return mobile.re_replace("^\\+81([0-9]+)$", "0\\1")


def _lines(address: ir.StringValue) -> tuple[ir.StringValue, ir.StringValue]:
    """An address in two lines: what follows the first space is building and room."""
    plain = address.replace("\u3000", " ").strip()
    at = plain.find(" ")
    has = at >= 0
    return (
        has.ifelse(plain.substr(0, at), plain),
        has.ifelse(plain.substr(at + 1, plain.length()).strip(), ibis.null("string")),
    )
