"""The retailer's own tables, in the canonical headers: campaigns, contacts, products, shops."""

from __future__ import annotations

from pathlib import Path

from joren.simulate.exports.files import Sheet, Written, write_sheet
from joren.simulate.spool import Spool

# table → its columns and its rows
_TABLES = {
    "campaigns": (
        ("campaign_id", "name", "kind", "starts_on", "ends_on", "kpi", "cost", "planned_shares"),
        "FROM campaigns ORDER BY campaign_id",
    ),
    "assignments": (
        ("source", "campaign_id", "source_id", "arm", "assigned_at", "stratum"),
        "FROM assignments ORDER BY campaign_id, source, source_id",
    ),
    "contacts": (
        ("source", "source_id", "occurred_at", "channel", "campaign_id"),
        "FROM contacts ORDER BY occurred_at, source, source_id",
    ),
    "events": (
        ("source", "source_id", "occurred_at", "touchpoint", "channel", "campaign_id", "value"),
        "FROM events WHERE channel NOT IN ('line', 'call') "
        "ORDER BY occurred_at, source, source_id, touchpoint",
    ),
    "products": (("product_id", "name", "category", "unit_cost"), "FROM products ORDER BY 1"),
    "stores": (
        ("store", "name", "area"),
        "FROM (SELECT *, store AS name FROM stores) ORDER BY store",
    ),
    "staff": (("store", "role", "hours"), "FROM staff ORDER BY store, role"),
    "weather": (("area", "date", "condition", "temperature"), "FROM weather ORDER BY date, area"),
    "stock": (("product_id", "date", "quantity"), "FROM stock ORDER BY date, product_id"),
}  # fmt: skip


def write_crm(spool: Spool, folder: Path, written: Written) -> None:
    """Write one file a table, named as it (UTF-8)."""
    for table, (columns, rows) in _TABLES.items():
        cells = {name: name for name in columns}
        write_sheet(spool, Sheet(folder / f"{table}.csv", columns, "utf-8"), cells, rows, written)
