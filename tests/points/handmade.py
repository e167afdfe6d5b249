"""Entries of a point ledger from a few short words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

START = datetime(2024, 1, 1)
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("source", "entry_id", "source_id", "account", "kind")]
    + [(name, pa.timestamp("us")) for name in ("occurred_at", "available_at", "expires_at")]
    + [("points", pa.int64()), ("reverses_entry_id", pa.string()), ("transfer_id", pa.string())]
)


def day(number: float | None) -> datetime | None:
    return None if number is None else START + timedelta(days=number)


def entry(entry_id: str, at: float, kind: str, points: int, **more: Any) -> dict[str, Any]:
    """An entry; `at`, `expires` and `available` in days since the start."""
    account = more.get("account", "A")
    return {
        "source": "shop", "entry_id": entry_id, "source_id": account, "account": account,
        "kind": kind, "occurred_at": day(at), "points": points,
        "available_at": day(more.get("available")), "expires_at": day(more.get("expires")),
        "reverses_entry_id": more.get("reverses"), "transfer_id": more.get("transfer"),
    }  # fmt: skip
