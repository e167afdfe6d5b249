"""Points of the demo client: the tables of stage 02, and what the pages say of them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

PARTS = ("used", "expired", "cancelled", "transferred", "remaining")


@pytest.fixture(scope="module")
def tables(demo_run: Path) -> dict[str, pd.DataFrame]:
    names = ("point_lots", "point_balances", "point_flows")
    return {name: pd.read_parquet(demo_run / "tables" / f"{name}.parquet") for name in names}


def test_no_point_is_lost(tables):
    lots, balances = tables["point_lots"], tables["point_balances"]
    assert (lots.points_granted == sum(lots[f"points_{part}"] for part in PARTS)).all()
    left = lots.groupby("account").points_remaining.sum()
    assert ((balances.set_index("account").balance + balances.set_index("account").debt)
            == left.reindex(balances.account, fill_value=0)).all()  # fmt: skip


def test_every_account_of_the_entries_has_a_balance(demo_run, tables):
    entries = pd.read_parquet(demo_run / "restricted" / "canonical" / "point_entries.parquet")
    assert len(tables["point_balances"]) == len(entries[["source", "account"]].drop_duplicates())


def test_flows_sum_to_the_lots(tables):
    lots, flows = tables["point_lots"], tables["point_flows"]
    cohort = ["grant_month", "validity"]
    summed = flows.pivot_table("points", cohort, "kind", "sum", fill_value=0)
    kept = lots.groupby(cohort)[[f"points_{kind}" for kind in ("granted", *PARTS[:-1])]].sum()
    kept.columns = kept.columns.str.removeprefix("points_")
    pd.testing.assert_frame_equal(
        summed.sort_index(axis=1), kept.sort_index(axis=1), check_dtype=False, check_names=False
    )


def test_a_client_without_points_skips_the_step(cdnow_run):
    record = json.loads((cdnow_run / "run.json").read_text(encoding="utf-8"))
    (step,) = [s for s in record["steps"] if s["step"] == "02_points/10_ledger"]
    assert step["status"] == "skipped"
