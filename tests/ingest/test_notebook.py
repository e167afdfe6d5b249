"""The numbers of the tables that 01_identity/10_ingest writes for the demo client."""

from __future__ import annotations

from decimal import Decimal

import pyarrow.compute as pc
import pyarrow.parquet as pq


def test_the_demo_clients_rows_and_amounts_reconcile(demo_run):
    coverage = pq.read_table(demo_run / "tables" / "coverage.parquet")
    quarantine = pq.read_table(demo_run / "tables" / "quarantine.parquet")
    total = {name: pc.sum(coverage[name]).as_py() for name in coverage.column_names[4:11]}

    assert total["rows_in"] == total["rows_accepted"] + total["rows_quarantined"]
    assert total["rows_quarantined"] == quarantine.num_rows
    assert total["amount_in"] == total["amount_accepted"] + total["amount_quarantined"]
    assert total["amount_in"] > Decimal(0)
    assert set(coverage["encoding"].to_pylist()) == {"cp932", "utf-8-sig"}


def test_cdnow_is_accepted_whole(cdnow_run):
    (row,) = pq.read_table(cdnow_run / "tables" / "coverage.parquet").to_pylist()
    assert (row["rows_in"], row["rows_accepted"]) == (6919, 6919)
    assert row["amount_accepted"] == Decimal("244091.9400")
