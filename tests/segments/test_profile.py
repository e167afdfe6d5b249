"""One row per customer with what is known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import ibis

from joren.segments.profile import profile, standing_from_segments, standing_on

AS_OF = date(2026, 3, 31)


def test_a_standing_counts_from_the_first_to_the_last_purchase_and_on(visits_of):
    rows = standing_on(visits_of({"a": [(100, 10), (40, 5)]}), AS_OF).to_pyarrow().to_pylist()
    assert rows == [
        {
            "customer_id": "a", "purchases": 2, "total": Decimal("15.0000"), "tenure_days": 60,
            "silent_days": 40, "first_on": date(2025, 12, 21), "last_on": date(2026, 2, 19),
        }
    ]  # fmt: skip


def test_accounts_and_subscriptions_are_added_up_and_missing_ones_count_as_none(visits_of):
    standing = standing_on(visits_of({"a": [(1, 1)], "b": [(1, 1)]}), AS_OF)
    con = standing.get_backend()
    summary = con.create_table(
        "summary",
        ibis.memtable(
            {
                "customer_id": ["a", "b"], "first_channel": ["pos", "ec"],
                "first_category": ["茶", "菓子"], "cohort": ["2026H1", "2026H1"],
            }
        ).to_pyarrow(),
    )  # fmt: skip
    points = con.create_table(
        "points",
        ibis.memtable(
            {"customer_id": ["a", "a"], "balance": [100, 50], "expiring_next": [10, 0]}
        ).to_pyarrow(),
    )
    found = profile(standing, summary, points=points).order_by("customer_id")
    rows = found.to_pyarrow().to_pylist()
    assert [(row["points_balance"], row["points_expiring_next"]) for row in rows] == [
        (150, 10),
        (0, 0),
    ]


def test_a_published_run_tells_the_same_standing(demo_run):
    con = ibis.duckdb.connect()
    tables = demo_run / "tables"
    segments = con.read_parquet(str(tables / "segments.parquet"))
    summary = con.read_parquet(str(tables / "purchase_summary.parquet"))
    found = standing_from_segments(segments, summary)
    assert found.count().execute() == summary.count().execute()
    wrong = found.join(summary, "customer_id").filter(
        (ibis._.purchases != ibis._.frequency + 1)
        | (ibis._.silent_days + ibis._.tenure_days != ibis._["T"])
    )
    assert wrong.count().execute() == 0
