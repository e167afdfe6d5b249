"""One customer at a glance, masked: records, how they came together, purchases, what is to come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from joren.errors import JorenError
from joren.identity.masks import mask
from joren.identity.review import SHOWN, written

_ORDER_COLUMNS = ("source", "channel", "orders", "value", "first_day", "last_day")


@dataclass(frozen=True)
class Customer360:
    """What is known of a customer; frames may be empty.

    customer_id: as of now, also where an ID was asked for that has since ended.
    """

    customer_id: str
    records: pd.DataFrame
    history: pd.DataFrame
    orders: pd.DataFrame
    ltv: pd.DataFrame
    points: pd.DataFrame


def find_customer(question: str, identity_map: ir.Table, identity_history: ir.Table) -> list[str]:
    """The customers a question may mean.

    Parameters
    ----------
    question : a customer ID, the beginning of one (5 characters or more), a source ID, or an ID
        that ended in a merge
    identity_map, identity_history : the output tables

    Returns
    -------
    customer IDs as of now, in order
    """
    asked = question.strip()
    if not asked:
        return []
    m = identity_map
    named = (m.source_id == asked) | (m.customer_id == asked)
    if len(asked) >= 5:
        named = named | m.customer_id.startswith(asked)
    found = m.filter(named).select("customer_id").distinct().order_by("customer_id")
    now = found.limit(50).execute().customer_id.tolist()
    if now:
        return now
    h = identity_history
    ended = h.filter(h.kind == "merge", h.customer_ids_before.contains(asked))
    heirs = ended.order_by(ended["at"].desc()).limit(1).execute()
    successors = [heir for after in heirs.customer_ids_after for heir in after if heir != asked]
    return [now for heir in successors for now in find_customer(heir, m, h)]


def look_up(customer_id: str, table: Callable[[str], ir.Table]) -> Customer360:
    """Everything about a customer.

    Parameters
    ----------
    customer_id : as of now
    table : gives a table by its reference (a step's `table`)

    Raises
    ------
    JorenError if there is no such customer
    """
    identity_map = table("identity_map")
    own = identity_map.filter(identity_map.customer_id == customer_id)
    if own.count().execute() == 0:
        raise JorenError("there is no such customer", customer_id[:40], "look the ID up first")
    return Customer360(
        customer_id,
        _records(own, table("canonical/customers")),
        _history(customer_id, table("identity_history")),
        _orders(own, table("canonical/orders")),
        _about(customer_id, table("ltv")),
        _about(customer_id, table("point_balances")),
    )


def _records(own: ir.Table, customers: ir.Table) -> pd.DataFrame:
    joined = own.left_join(customers, ["source", "source_id"])
    frame = joined.order_by(["source", "source_id"]).execute()
    shown = {
        "source": frame.source, "source_id": frame.source_id, "match_rule": frame.match_rule,
        "match_probability": frame.match_probability,
    }  # fmt: skip
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    for field in SHOWN:
        shown[field] = [mask(field, written(row, field)) for row in rows]
    return pd.DataFrame(shown)


def _history(customer_id: str, history: ir.Table) -> pd.DataFrame:
    about = history.filter(
        history.customer_ids_before.contains(customer_id)
        | history.customer_ids_after.contains(customer_id)
    )
    return about.order_by(["at", "event_id"]).execute()


def _orders(own: ir.Table, orders: ir.Table) -> pd.DataFrame:
    bought = orders.semi_join(own, ["source", "source_id"]).filter(lambda t: t.status == "valid")
    summed = bought.group_by("source", "channel").agg(
        orders=bought.count(),
        value=bought.amount.sum().cast("float64"),
        first_day=bought.ordered_at.min().date(),
        last_day=bought.ordered_at.max().date(),
    )
    return summed.order_by(["source", "channel"]).select(*_ORDER_COLUMNS).execute()


def _about(customer_id: str, table: ir.Table) -> pd.DataFrame:
    return table.filter(table.customer_id == customer_id).execute()
