"""What was known on a day: canonical rows up to and including as_of."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

# The column that says when a canonical row happened: rows after as_of are not seen.
TIME_COLUMNS = {
    "canonical/customers": "registered_at",
    "canonical/orders": "ordered_at",
    "canonical/point_entries": "occurred_at",
    "canonical/point_balances_reported": "as_of",
    "canonical/events": "occurred_at",
    "canonical/contacts": "occurred_at",
    "canonical/outcomes": "at",
    "canonical/weather": "date",
    "canonical/stock": "date",
    "canonical/subscriptions": "started_at",
    "canonical/assignments": "assigned_at",
}


def known_by(table: ir.Table, name: str, as_of: date) -> ir.Table:
    """The rows of a canonical table that had happened by the end of `as_of`.

    Parameters
    ----------
    name : the table's reference, one of `TIME_COLUMNS`
    as_of : the last day seen, inclusive
    """
    at = table[TIME_COLUMNS[name]]
    end = ibis.literal(as_of + timedelta(days=1)).cast(at.type())
    return table.filter(at.isnull() | (at < end))


def lines_of(lines: ir.Table, orders: ir.Table) -> ir.Table:
    """The order lines of these orders."""
    return lines.semi_join(orders, ["source", "order_id"])
