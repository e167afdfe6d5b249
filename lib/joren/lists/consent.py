"""Who may be contacted on which channel, and has an address there.

1. What a customer last said about a channel counts, whichever record said it: column `consents` of
   table customers.
2. A refusal on a record of the source that the address is taken from wins over consent given
   elsewhere.
3. Silence is not consent to mail (特定電子メール法 asks for it beforehand); on other channels
   a parameter says whether it is.
4. A mail address that somebody refused mail for gets none, whoever else has it.
"""

from __future__ import annotations

from collections.abc import Collection

import ibis
import ibis.expr.types as ir
from ibis import _

# channel → the field of the golden record that its address is
_FIELDS = {"email": "email", "dm": "address", "call": "phone"}
_ASKED = ("email", "dm", "line")  # channels that records hold a consent for


def reachable(
    customers: ir.Table,
    addresses: ir.Table,
    records: ir.Table,
    identity_map: ir.Table,
    silence_is_consent: Collection[str],
) -> ir.Table:
    """The channels on which each customer may be, and can be, contacted.

    Parameters
    ----------
    customers : customer_id, consents (channels on which the last thing said was yes)
    addresses : from `addressing.addresses`
    records : canonical/customers
    identity_map : source, source_id, customer_id
    silence_is_consent : channels on which who said nothing may be contacted

    Returns
    -------
    customer_id, channel
    """
    owned = _statements(records, identity_map)
    by_channel = [
        _reachable(channel, customers, addresses, owned, channel in silence_is_consent)
        for channel in (*_ASKED, "call")
    ]
    return ibis.union(*by_channel, distinct=True)


def _statements(records: ir.Table, identity_map: ir.Table) -> ir.Table:
    """What each record of a customer says, null for nothing, and whether it is a LINE account."""
    owners = identity_map.select("source", "source_id", "customer_id")
    owned = records.inner_join(owners, ["source", "source_id"])
    return owned.select(
        "customer_id",
        "source",
        is_line=owned.line_id.nullif("").notnull(),
        **{channel: owned[f"consent_{channel}"] for channel in _ASKED},
    )


def _reachable(
    channel: str, customers: ir.Table, addresses: ir.Table, owned: ir.Table, silent: bool
) -> ir.Table:
    address = addresses.line_id if channel == "line" else addresses[_FIELDS[channel]]
    has = addresses.filter(address.nullif("").notnull())
    if channel not in _ASKED:
        return _named(has if silent else has.limit(0), channel)
    yes = customers.filter(customers.consents.contains(channel)).select("customer_id")
    spoke = owned.filter(owned[channel].notnull()).select("customer_id").distinct()
    allowed = yes.union(customers.select("customer_id").anti_join(spoke, "customer_id"))
    has = has.semi_join(allowed if silent else yes, "customer_id")
    no = owned.filter(~owned[channel])  # null is not a refusal: the filter drops it
    if channel == "line":
        return _named(has.anti_join(no.filter(no.is_line), "customer_id"), channel)
    has = has.anti_join(
        no, [has.customer_id == no.customer_id, has[f"{_FIELDS[channel]}_source"] == no.source]
    )
    if channel == "email":
        refused = spoke.anti_join(yes, "customer_id")
        closed = addresses.semi_join(refused, "customer_id").filter(_.email.notnull())
        has = has.anti_join(closed.select("email"), "email")
    return _named(has, channel)


def _named(customers: ir.Table, channel: str) -> ir.Table:
    return customers.select("customer_id", channel=ibis.literal(channel))
