"""Which columns of a canonical table a file must have, and which Joren makes where they lack.

Types and keys stand in `contract.py`; here is only what ingest adds to them.
"""

from __future__ import annotations

from joren.contract import CANONICAL

_MADE = {
    "orders": {"order_id", "status"},
    "order_lines": {"line_no"},
    "point_entries": {"account"},
    "point_balances_reported": {"account"},
}
_ALSO_REQUIRED = {"orders": {"source_id"}}

IDENTIFIERS = frozenset((
    "source_id", "order_id", "entry_id", "event_id", "product_id", "subscription_id",
    "campaign_id", "list_id", "customer_id", "card_no", "line_id", "phone", "account",
    "transfer_id", "reverses_entry_id",
))  # fmt: skip
"""Columns in which a spreadsheet's 1.23E+10 has lost digits that no reader can restore."""

PERSONAL = frozenset((
    "family_name", "given_name", "family_kana", "given_kana", "full_name", "full_kana", "phone",
    "email", "line_id", "card_no", "postal_code", "address", "birth_date", "source_id",
    "customer_id", "account",
))  # fmt: skip
"""Columns of which quarantine shows the shape only."""

MAIN_TIME = {
    "customers": "registered_at",
    "orders": "ordered_at",
    "point_entries": "occurred_at",
    "point_balances_reported": "as_of",
    "events": "occurred_at",
    "contacts": "occurred_at",
    "outcomes": "at",
    "weather": "date",
    "stock": "date",
    "subscriptions": "started_at",
    "campaigns": "starts_on",
    "assignments": "assigned_at",
}
"""The column that dates a row, for the date range and age of a source."""

LAST_VALID_DAY = frozenset({"expires_at", "ends_on"})
"""Columns where a date alone means that day is the last valid one."""

VOCABULARY = {
    ("orders", "status"): ("valid", "cancelled", "returned", "pending"),
    ("point_entries", "kind"): ("grant", "use", "expire", "cancel", "adjust", "transfer"),
    ("subscriptions", "end_reason"): ("voluntary", "payment", "commitment_end", "other"),
    ("campaigns", "kind"): ("points", "dm", "mail", "line", "coupon", "event", "other"),
}
"""Columns that hold one word of a fixed list."""


def made_columns(table: str) -> frozenset[str]:
    """The columns that Joren makes where a file lacks them."""
    return frozenset(_MADE.get(table, ()))


def required_columns(table: str) -> list[str]:
    """The columns that a file of this table must have, in the order of the contract."""
    also = _ALSO_REQUIRED.get(table, set())
    made = _MADE.get(table, set()) | {"source"}
    return [
        column.name
        for column in CANONICAL[table].columns
        if (not column.nullable or column.name in also) and column.name not in made
    ]


def required_values(table: str) -> list[str]:
    """The columns that may not be empty in any row."""
    return [
        column.name
        for column in CANONICAL[table].columns
        if not column.nullable and column.name not in ("source", "status", "account")
    ]
