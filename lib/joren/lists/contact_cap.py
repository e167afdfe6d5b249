"""How often a customer may be contacted: a cap over all channels and all lists.

What counts is what was sent, by the client's own record (`canonical/contacts`), and the places
that lists of this run have taken already. A customer held out takes her place too: were it free,
other lists would contact her more often than those she is compared with.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

TAKES_A_PLACE = ("held_out", "listed")


def contacts_sent(
    contacts: ir.Table, identity_map: ir.Table, moment: datetime, cap_days: int
) -> ir.Table:
    """Contacts of each customer in the days before a list, all channels.

    Parameters
    ----------
    contacts : canonical/contacts
    moment : the list's, local time; counted from `cap_days` before it on, up to it
    """
    recent = contacts.filter(
        contacts.occurred_at >= moment - timedelta(days=cap_days), contacts.occurred_at < moment
    )
    owners = identity_map.select("source", "source_id", "customer_id")
    owned = recent.inner_join(owners, ["source", "source_id"])
    return owned.group_by("customer_id").agg(contacts=owned.count())


def places_taken(members: ir.Table) -> ir.Table:
    """Places that lists drawn earlier in the run have taken, to be added to what was sent.

    Parameters
    ----------
    members : table list_members

    Returns
    -------
    customer_id, contacts
    """
    taken = members.filter(members.standing.isin(TAKES_A_PLACE))
    return taken.group_by("customer_id").agg(contacts=taken.count())


def allot_places(wanted: ir.Table, sent: ir.Table, max_contacts: int) -> ir.Table:
    """Give the places a customer has left to her lists, in their order of priority.

    Parameters
    ----------
    wanted : list_id, customer_id, priority, and other columns; a row a customer and list that
        would contact her
    sent : customer_id, contacts; several rows of a customer add up
    max_contacts : a customer's places

    Returns
    -------
    wanted with `contacts_before` (sent, and places taken) and `within_cap`
    """
    before = sent.group_by("customer_id").agg(contacts_before=sent.contacts.sum())
    known = wanted.left_join(before, "customer_id").drop("customer_id_right")
    place = ibis.row_number().over(
        group_by=known.customer_id, order_by=[known.priority, known.list_id]
    )
    known = known.mutate(contacts_before=known.contacts_before.fill_null(0).cast("int64"))
    # row_number counts from 0
    return known.mutate(within_cap=known.contacts_before + place < max_contacts)
