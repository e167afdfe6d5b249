"""A run's open tables, small enough to count by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

PEOPLE = [f"cust-{place:02d}" for place in range(20)]


def _write(tables: Path, name: str, columns: dict[str, Any]) -> None:
    pq.write_table(pa.table(columns), tables / f"{name}.parquet")


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """20 customers: 12 loyal who buy in the shop, 8 new, of whom 5 in the shop and 3 on the web."""
    folder = tmp_path / "run" / "tables"
    folder.mkdir(parents=True)
    segments = ["loyal"] * 12 + ["new"] * 8
    channels = ["pos"] * 17 + ["ec"] * 3
    money = pa.array([Decimal(1000)] * 20, pa.decimal128(18, 4))
    _write(folder, "route_steps", {
        "customer_id": PEOPLE, "at": [dt.datetime(2026, 3, 1 + n, 9) for n in range(20)],
        "kind": ["order"] * 20, "channel": channels, "value": money,
    })  # fmt: skip
    _write(folder, "segments", {
        "customer_id": PEOPLE, "preset": ["joren"] * 20, "segment": segments,
    })  # fmt: skip
    _write(folder, "segment_history", {
        "customer_id": PEOPLE, "preset": ["joren"] * 20, "segment": segments,
        "valid_from": [dt.date(2026, 3, 1)] * 20,
        "valid_to": pa.array([None] * 20, pa.date32()),
    })  # fmt: skip
    _write(folder, "segment_transitions", {
        "preset": ["joren"] * 3, "comparison": ["month"] * 3,
        "from_on": [dt.date(2026, 2, 28)] * 3, "to_on": [dt.date(2026, 3, 31)] * 3,
        "from_segment": ["new", "new", None], "to_segment": ["loyal", "new", "new"],
        "customers": [12, 6, 2],
    })  # fmt: skip
    _write(folder, "ltv", {
        "customer_id": PEOPLE, "ltv_365d": [500.0] * 12 + [2000.0] * 8,
        "ltv_365d_lower": [100.0] * 20, "ltv_365d_upper": [9000.0] * 20,
        "p_order_90d": [0.5] * 20, "overdue_ratio": [1.0] * 20, "past_value": money,
    })  # fmt: skip
    _write(folder, "purchase_summary", {
        "customer_id": PEOPLE, "first_channel": channels,
        "last_ordered_at": [dt.datetime(2026, 3, 1)] * 20,
    })  # fmt: skip
    _write(folder, "expiry_cliff", {
        "grain": ["day", "month", "month"],
        "starts_on": [dt.date(2026, 4, 1), dt.date(2026, 7, 1), dt.date(2026, 8, 1)],
        "ends_on": [dt.date(2026, 4, 1), dt.date(2026, 7, 31), dt.date(2026, 8, 31)],
        "points": [70, 900, 400], "customers": [7, 9, 8],
    })  # fmt: skip
    _write(folder, "route_counts", {
        "group_name": ["all", "all", "first_channel:ec"],
        "source_touchpoint": ["(start)", "order:first:pos", "(start)"],
        "target_touchpoint": ["order:first:pos", "order:repeat:pos", "order:first:pos"],
        "customers": [17, 9, 3], "transitions": [17, 30, 3], "probability": [0.85, 0.6, 1.0],
        "median_hours": [None, 200.0, None],
    })  # fmt: skip
    _write(folder, "experiment_readout", {
        "campaign_id": ["C1"] * 2, "arm": ["dm"] * 2, "metric": ["revenue"] * 2,
        "segment": ["all", "channel:ec"], "n": [10, 3], "n_control": [10, 3],
        "effect": [120.0, -40.0], "lower": [20.0, -300.0], "upper": [220.0, 220.0],
        "grade": ["A", "A"],
    })  # fmt: skip
    _write(folder, "subscription_churn", {
        "subscription_id": PEOPLE, "customer_id": PEOPLE, "p_end_90d": [0.04] * 11 + [0.3] * 9,
    })  # fmt: skip
    _write(folder, "list_members", {
        "list_id": ["win-back"] * 2, "customer_id": PEOPLE[:2], "priority": [2, 1],
        "due_at": [dt.datetime(2026, 4, 2, 10)] * 2, "channel": ["mail", "line"],
        "arm": ["treatment", "hold_out"], "standing": ["listed", "held_out"],
    })  # fmt: skip
    return folder


@pytest.fixture
def content() -> dict[str, Any]:
    """What dashboard.json holds before the pictures are added."""
    from joren.serve import site

    return {"report": {"currency": "JPY"}, "labels": site.labels(), "explore": None}
