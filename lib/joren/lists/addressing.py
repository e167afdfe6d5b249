"""Where a customer is reached: clear contact values, for exports only."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

_SOURCED = ("email", "address", "phone")
_CLEAR = ("full_name", "email", "phone", "postal_code", "address")


def addresses(golden: ir.Table, records: ir.Table, identity_map: ir.Table) -> ir.Table:
    """One address a customer and channel.

    Parameters
    ----------
    golden : restricted/customers
    records : canonical/customers; who has several LINE accounts is reached on the newest
    identity_map : source, source_id, customer_id

    Returns
    -------
    customer_id, full_name, email, phone, postal_code, address, line_id, and the source that
    email, address and phone are taken from (`<field>_source`)
    """
    line = records.filter(records.line_id.nullif("").notnull())
    owners = identity_map.select("source", "source_id", "customer_id")
    line = line.inner_join(owners, ["source", "source_id"])
    since = ibis.coalesce(line.registered_at, line.updated_at)
    newest = [since.fill_null(ibis.timestamp("0001-01-01")).desc(), line.source, line.source_id]
    line = line.group_by("customer_id").agg(line_id=line.line_id.first(order_by=newest))
    taken_from = golden.value_sources.cast("json")
    clear = golden.select(
        "customer_id",
        *_CLEAR,
        **{f"{field}_source": taken_from[field].str for field in _SOURCED},
    )
    return clear.left_join(line, "customer_id").drop("customer_id_right")


def address_on(channel: ir.StringValue, addresses: ir.Table) -> ir.StringValue:
    """The address that a channel uses: mail address, LINE user ID, phone, or postal address."""
    return channel.cases(
        ("email", addresses.email),
        ("line", addresses.line_id),
        ("call", addresses.phone),
        ("dm", addresses.address),
        else_=None,
    )
