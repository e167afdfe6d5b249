"""The numbers of the tables that 01_identity/10_ingest writes for the demo client."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal

import pyarrow.compute as pc
import pyarrow.parquet as pq

from joren.params import project_root

FORMATS = {"スマレジ", "futureshop", "楽天市場", "ecforce"}


def test_the_demo_clients_rows_and_amounts_reconcile(demo_run):
    coverage = pq.read_table(demo_run / "tables" / "coverage.parquet")
    quarantine = pq.read_table(demo_run / "tables" / "quarantine.parquet")
    total = {name: pc.sum(coverage[name]).as_py() for name in coverage.column_names[4:11]}

    assert total["rows_in"] == total["rows_accepted"] + total["rows_quarantined"]
    assert total["rows_quarantined"] == quarantine.num_rows
    assert total["amount_in"] == total["amount_accepted"] + total["amount_quarantined"]
    assert total["amount_in"] > Decimal(0)
    assert set(coverage["encoding"].to_pylist()) == {"cp932", "utf-8", "utf-8-sig"}


def test_the_demo_clients_orders_are_those_of_its_answer_key(demo_run):
    found = pq.read_table(demo_run / "restricted" / "canonical" / "orders.parquet")
    key = project_root() / "data" / "demo" / "answer_key" / "canonical" / "orders.parquet"
    true = pq.read_table(key)
    assert found.num_rows == true.num_rows
    assert pc.sum(found["amount"]).as_py() == pc.sum(true["amount"]).as_py()


def test_only_what_was_planted_is_refused(demo_run):
    reasons = pq.read_table(demo_run / "tables" / "quarantine.parquet")["reason"].to_pylist()
    assert Counter(reason for reason in reasons if reason != "duplicate") == {
        "unreadable:amount": 2,
        "unreadable:ordered_at": 2,
        "unreadable:occurred_at": 1,
        "unreadable:quantity": 1,
    }


def test_the_page_tells_of_buyers_formats_and_totals(demo_run):
    items = json.loads(
        (demo_run / "items" / "01_identity__10_ingest.json").read_text(encoding="utf-8")
    )
    told = {item.get("key") or item["name"]: item for item in items}
    assert "ゲスト" in told["ingest.bought_by"]["text"]["ja"]
    assert {"ingest.totals_lines", "ingest.totals_sum"} <= set(told)
    assert {row[1] for row in told["formats"]["rows"]["ja"]} == FORMATS
    assert len(told["coverage"]["rows"]["ja"]) == 7


def test_cdnow_is_accepted_whole(cdnow_run):
    (row,) = pq.read_table(cdnow_run / "tables" / "coverage.parquet").to_pylist()
    assert (row["rows_in"], row["rows_accepted"]) == (6919, 6919)
    assert row["amount_accepted"] == Decimal("244091.9400")
