"""Point campaigns of the demo client: their KPIs, and what they earned after their points."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from joren.campaigns.metrics import HOUSE_KPIS


@pytest.fixture(scope="module")
def kpis(demo_run: Path) -> pd.DataFrame:
    return pd.read_parquet(demo_run / "tables" / "point_campaigns.parquet")


@pytest.fixture(scope="module")
def money(demo_run: Path) -> pd.DataFrame:
    table = pd.read_parquet(demo_run / "tables" / "point_economics.parquet")
    return table.set_index("item")


def items(run: Path, step: str) -> list[dict]:
    return json.loads((run / "items" / f"02_points__{step}.json").read_text(encoding="utf-8"))


def test_the_campaign_that_granted_points_is_read_by_the_fields_kpis(kpis):
    whole = kpis[kpis.segment == "all"].set_index("metric")
    assert set(kpis.campaign_id) == {"C2508"}
    assert set(HOUSE_KPIS) <= set(whole.index)
    assert whole.kpi["orders"] == "summer_orders"
    assert whole.kpi["use_within_60_days"] == "use_within_60_days"
    assert set(whole.grade) == {"A"}


def test_more_of_the_treated_use_points_soon_after_the_grant(kpis):
    use = kpis[(kpis.metric == "use_rate") & (kpis.segment == "all")].iloc[0]
    assert use.effect > 0


def test_the_money_adds_up_and_points_cost_what_the_ledger_says(demo_run, money):
    parts = ["margin", "redeemed", "outstanding", "contact", "breakage"]
    assert money.value[parts].sum() == pytest.approx(money.value["net"])
    lots = pd.read_parquet(demo_run / "tables" / "point_lots.parquet")
    granted = lots[(lots.granted_at == "2025-08-01 10:00:00") & (lots.points_granted == 500)]
    assert -money.value["redeemed"] <= granted.points_used.sum()
    assert -money.value["redeemed"] >= 0.99 * granted.points_used.sum()
    assert money.lower["net"] < money.value["net"] < money.upper["net"]
    assert 0 <= money.lower["subsidy_share"] <= money.value["subsidy_share"] <= 1


def test_two_sizes_of_grants_tell_no_curve_and_the_page_says_what_is_missing(demo_run):
    said = {i["key"] for i in items(demo_run, "50_economics") if i["kind"] == "finding"}
    assert "economics.dose.refused" in said
    assert any(key.startswith("economics.net.") for key in said)
    assert {"economics.granted", "economics.cost", "economics.subsidy"} <= said


def test_every_sentence_has_an_interval_or_says_why_not(demo_run):
    for step in ("40_campaigns", "50_economics"):
        for item in items(demo_run, step):
            if item["kind"] == "finding":
                told = item["text"]["ja"]
                assert any(word in told for word in ("区間", "全数集計", "記録")), told


def test_the_kpis_and_the_money_are_drawn(demo_run):
    drawn = {i["name"] for s in ("40_campaigns", "50_economics") for i in items(demo_run, s)
             if i["kind"] == "figure"}  # fmt: skip
    assert {"kpis_C2508", "economics_C2508_treatment"} <= drawn
