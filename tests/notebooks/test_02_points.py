"""Points of the demo client: the tables of stage 02, and what the pages say of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from joren.notebooks import find_step
from joren.params import Limits, project_root
from joren.sequence import execute_step

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


@pytest.fixture(scope="module")
def liability(demo_run: Path) -> pd.DataFrame:
    return pd.read_parquet(demo_run / "tables" / "point_liability.parquet")


def test_the_liability_stands_on_all_points_outstanding(tables, liability):
    flows = tables["point_flows"]
    left = flows.points.where(flows.kind == "granted", -flows.points).sum()
    now = liability[liability.month == liability.month.max()]
    total = now[now.cohort == "total"].iloc[0]

    assert total.outstanding_points == left
    assert now[now.cohort != "total"].outstanding_points.sum() == left
    assert total.lower < total.liability_amount < total.upper


def test_each_month_has_a_total_and_says_by_which_method(liability):
    totals = liability[liability.cohort == "total"]

    assert totals.month.nunique() == len(totals) > 12
    assert set(liability.method) <= {"survival", "chain_ladder"}


def test_the_liabilitys_page_answers_for_the_past_and_exports_a_journal(demo_run):
    path = demo_run / "items" / "02_points__20_liability.json"
    items = json.loads(path.read_text(encoding="utf-8"))
    keys = {item["key"] for item in items if item["kind"] == "finding"}
    figures = {item["name"] for item in items if item["kind"] == "figure"}

    assert {"liability.amount", "liability.breakage", "liability.debt"} <= keys
    assert figures == {"point_breakage", "point_answers", "point_liability", "point_redemption"}
    journal = pd.read_csv(demo_run / "exports" / "point_journal_2026-03.csv")
    assert len(journal.columns) == 5
    assert (journal.iloc[:, 3] > 0).all()


def test_a_client_without_points_skips_the_liability(cdnow_run):
    record = json.loads((cdnow_run / "run.json").read_text(encoding="utf-8"))
    (step,) = [s for s in record["steps"] if s["step"] == "02_points/20_liability"]

    assert step["status"] == "skipped"


def test_balances_of_the_tills_reconcile_but_for_those_planted(demo_run):
    differing = pd.read_parquet(demo_run / "tables" / "point_reconciliation.parquet")
    planted = pd.read_parquet(project_root() / "data" / "demo" / "answer_key" / "planted.parquet")
    wrong = planted[planted.what == "wrong balance"]
    named = differing.last_entry_id.str.partition(":")[0]
    assert sorted(named) == sorted(wrong.id)


def test_months_that_are_over_are_closed(demo_run):
    months = pd.read_parquet(demo_run / "tables" / "point_months.parquet")
    assert set(months.status) == {"closed"}
    assert months.month.nunique() == 24
    assert months.groupby("month")["hash"].nunique().eq(1).all()


def test_the_ledger_run_again_on_unchanged_data_closes_no_month_twice(demo_run, tmp_path):
    again = tmp_path / "reports" / "demo" / demo_run.name
    shutil.copytree(demo_run, again, ignore=shutil.ignore_patterns(".steps"))
    shutil.copytree(demo_run.parents[2] / "state", tmp_path / "state")
    step = find_step("02_points/10_ledger")

    execute_step(step, again, "demo", Limits())

    found = again / ".steps" / step.folder_name
    assert list(found.glob("state/*/*.parquet")) == []
    before, after = (folder / "tables" / "point_months.parquet" for folder in (demo_run, found))
    pd.testing.assert_frame_equal(pd.read_parquet(before), pd.read_parquet(after))
