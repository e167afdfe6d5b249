"""Households: customers of one family name at one address or on one phone; never merged."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend


def household_ids(con: Backend, records: ir.Table, together: bool) -> ir.Table:
    """The household of every customer.

    A postal code alone makes no household: it covers hundreds of them, and common family names
    recur in it. Address and phone do, together with the family name in kanji or in kana.

    Parameters
    ----------
    con : the engine
    records : customer_id, family, family_sound, address, postal, phone
    together : False gives every customer a household of their own

    Returns
    -------
    customer_id, household_id (that of the member with the smallest ID)
    """
    customers = records.select("customer_id").distinct()
    heads = _heads(records) if together else {}
    found = con.create_table(
        "identity_households",
        pa.table({
            "member": pa.array(list(heads), pa.string()),
            "head": pa.array(list(heads.values()), pa.string()),
        }),
        temp=True, overwrite=True,
    )  # fmt: skip
    joined = customers.left_join(found, customers.customer_id == found.member)
    head = ibis.coalesce(joined["head"], joined.customer_id)
    return joined.select("customer_id", household_id="H" + head[1:])


def _heads(records: ir.Table) -> dict[str, str]:
    links = ibis.union(*[
        _links(records, family, place)
        for family in ("family", "family_sound")
        for place in ("address", "phone")
    ])  # fmt: skip
    pairs = links.distinct().order_by(["first", "customer_id"]).to_pyarrow().to_pydict()
    head: dict[str, str] = {}

    def find(customer: str) -> str:
        while head.get(customer, customer) != customer:
            customer = head[customer]
        return customer

    for first, other in zip(pairs["first"], pairs["customer_id"], strict=True):
        a, b = sorted((find(first), find(other)))
        head.setdefault(a, a)
        head[b] = a
    return {customer: find(customer) for customer in head}


def _links(records: ir.Table, family: str, place: str) -> ir.Table:
    """Each customer under the smallest customer ID that shares family name and place."""
    known = records.filter(records[family].notnull(), records[place].notnull())
    first = known.customer_id.min().over(group_by=[known[family], known[place]])
    linked = known.mutate(first=first)
    return linked.filter(linked["first"] != linked.customer_id).select("first", "customer_id")
