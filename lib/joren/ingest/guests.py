"""Who bought: guests are known by their contact, and orders tell of customers no file lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from joren.ingest.cart_reader import CartRead, KindRead
from joren.ingest.emission import BUYER
from joren.ingest.inputs import TableInput
from joren.ingest.project import Raw

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


def name_guests(con: Backend, stage: str, cart: CartRead) -> None:
    """Give every guest of a cart an ID: `guest:` and the ID of the guest's earliest order.

    Orders with the same contact are one guest's; an order without contact is a guest of its own.
    Where the system sells to people it does not know, the latter stay without customer.

    Parameters
    ----------
    con : the engine
    stage : the staged orders, finished; changed in place
    cart : what was read of the cart
    """
    bought = [
        f"SELECT o._at, o.source, o.order_id, o.ordered_at, "
        f"coalesce(r._contact, chr(30) || o.order_id) AS contact "
        f'FROM "{stage}" AS o JOIN "{kind.raws["orders"]}" AS r ON o._at = r._at '
        "WHERE o.reason IS NULL AND o.source_id IS NULL"
        f"{' AND r._contact IS NOT NULL' if kind.adapted.buyer.anonymous else ''}"
        for kind in _with_buyer(cart)
    ]
    if not bought:
        return
    con.raw_sql(f"CREATE OR REPLACE TEMP TABLE _guests AS {' UNION ALL '.join(bought)}")
    con.raw_sql(
        f"UPDATE \"{stage}\" SET source_id = 'guest:' || named.id FROM ("
        "SELECT g._at, f.first.id AS id FROM _guests AS g JOIN ("
        "SELECT source, contact, min({'at': ordered_at, 'id': order_id}) AS first "
        "FROM _guests GROUP BY source, contact) AS f USING (source, contact)) AS named "
        f'WHERE "{stage}"._at = named._at'
    )
    con.raw_sql("DROP TABLE _guests")


def derive_customers(
    con: Backend, orders: str, customers: str, cart: CartRead, prefix: str
) -> list[Raw]:
    """The customers that a cart's orders tell of and no member file of the source holds.

    Each is described by the contact in the newest of their orders.

    Parameters
    ----------
    con : the engine
    orders : the staged orders, finished
    customers : the staged customers of member files
    cart : what was read of the cart
    prefix : what the names of the tables to create begin with

    Returns
    -------
    raw tables of customers, one per kind of order file
    """
    kinds = [kind for kind in _with_buyer(cart) if _described(con, kind)]
    if not kinds:
        return []
    told = " UNION ALL ".join(
        f"SELECT o.source, o.source_id, o.ordered_at, o.order_id, o._at "
        f'FROM "{orders}" AS o JOIN "{kind.raws["orders"]}" AS r ON o._at = r._at '
        "WHERE o.reason IS NULL AND o.source_id IS NOT NULL"
        for kind in kinds
    )
    con.raw_sql(
        "CREATE OR REPLACE TEMP TABLE _newest AS SELECT source, source_id, "
        "max({'at': ordered_at, 'id': order_id, 'place': _at}).place AS _at "
        f'FROM ({told}) AS told WHERE NOT EXISTS (SELECT 1 FROM "{customers}" AS c '
        "WHERE c.reason IS NULL AND c.source = told.source AND c.source_id = told.source_id) "
        "GROUP BY source, source_id"
    )
    raws = []
    for number, kind in enumerate(kinds):
        columns = _described(con, kind)
        texts = "".join(f', r."{BUYER}{column}" AS "{column}"' for column in columns)
        name = f"{prefix}_{number}"
        con.raw_sql(
            f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT r._at, r._row, r._file, '
            "CAST(NULL AS VARCHAR) AS _fault, CAST(NULL AS VARCHAR) AS _shape, n.source, "
            f'n.source_id{texts} FROM "{kind.raws["orders"]}" AS r JOIN _newest AS n '
            "ON r._at = n._at"
        )
        given = kind.adapted.inputs.get("customers") or TableInput(
            cart.cart.source, "customers", ()
        )
        raws.append(Raw(name, given, frozenset({"source", "source_id", *columns})))
    con.raw_sql("DROP TABLE _newest")
    return raws


def _with_buyer(cart: CartRead) -> Sequence[KindRead]:
    return [kind for kind in cart.kinds if kind.adapted.buyer is not None and "orders" in kind.raws]


def _described(con: Backend, kind: KindRead) -> list[str]:
    held = con.table(kind.raws["orders"]).columns
    own = [name.removeprefix(BUYER) for name in held if name.startswith(BUYER)]
    return [name for name in own if name not in ("source", "source_id")]
