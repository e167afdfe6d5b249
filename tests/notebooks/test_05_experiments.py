"""Stage 05 of the demo client beyond the readout: quasi-experiments beside it, and the ledger."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest


def items(run: Path, step: str) -> list[dict]:
    return json.loads((run / "items" / f"05_experiments__{step}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def quasi(demo_run: Path) -> pd.DataFrame:
    return pd.read_parquet(demo_run / "tables" / "experiment_quasi.parquet")


def test_quasi_experiments_are_graded_and_name_what_they_rest_on(quasi):
    assert {"did", "synthetic_control", "before_after"} <= set(quasi.design)
    assert set(quasi.grade) <= {"C", "D"}
    assert set(quasi[quasi.design == "before_after"].grade) == {"D"}
    assert quasi.assumption.str.startswith("quasi.assumption.").all()
    assert (quasi.lower <= quasi.upper).all()
    assert quasi[quasi.grade == "D"].p_better.isna().all()


def test_those_of_grade_c_overlap_with_the_hold_out_mostly(demo_run, quasi):
    readout = pd.read_parquet(demo_run / "tables" / "experiment_readout.parquet")
    whole = readout[(readout.segment == "all") & (readout.grade == "A")]
    key = ["campaign_id", "arm", "metric"]
    own = quasi[(quasi.grade == "C") & quasi.design.isin(["did", "synthetic_control"])]
    both = own.merge(whole, on=key, suffixes=("", "_randomised"))
    assert len(both) >= 6
    meet = (both.lower <= both.upper_randomised) & (both.lower_randomised <= both.upper)
    assert meet.mean() >= 0.8


def test_the_page_calls_nothing_of_grade_d_an_effect(demo_run):
    said = [i for i in items(demo_run, "30_quasi") if i["kind"] == "finding"]
    weak = [i for i in said if i["key"].endswith(("before_after", "not_held"))]
    assert weak
    for item in weak:
        assert "施策の効果とは言えません" in item["text"]["ja"] or "言えず" in item["text"]["ja"]
    held = [i for i in said if i["key"].endswith(".held")]
    assert all("前提にしています" in item["text"]["ja"] for item in held)


def test_the_ledger_has_every_campaign_with_decision_and_next_step(demo_run):
    ledger = pd.read_parquet(demo_run / "tables" / "pdca.parquet")
    plans = pd.read_parquet(demo_run / "tables" / "campaign_plans.parquet")
    assert set(ledger.campaign_id) == set(plans.campaign_id)
    assert ledger[["kpi", "result", "decision", "next_step"]].notna().all(axis=None)
    assert ledger.shrunken.notna().all()
    assert ledger.prior_sd.gt(0).all()
    assert ledger[ledger.grade == "D"].roi.isna().all()
    summer = ledger.set_index("campaign_id").loc["C2508"]
    assert summer.plan_status == "after_fact"
    assert summer.objective == "夏の来店を増やす"


def test_the_ledger_leaves_as_a_file_and_goes_to_state(demo_run):
    file = pd.read_csv(demo_run / "exports" / "pdca.csv")
    assert len(file) == len(pd.read_parquet(demo_run / "tables" / "pdca.parquet"))
    log = demo_run.parents[2] / "state" / "demo" / "pdca"
    assert len(pd.concat(map(pd.read_parquet, log.glob("*.parquet")))) >= len(file)


def test_a_client_without_campaigns_skips_the_stage(cdnow_run):
    record = json.loads((cdnow_run / "run.json").read_text(encoding="utf-8"))
    steps = {step["step"]: step["status"] for step in record["steps"]}
    for name in ("30_quasi", "50_pdca"):
        assert steps[f"05_experiments/{name}"] == "skipped"


def test_the_effect_on_ltv_says_what_share_of_it_is_a_forecast(demo_run):
    table = pd.read_parquet(demo_run / "tables" / "experiment_ltv.parquet")
    assert set(table.grade) == {"A"}
    seen = table[table.extrapolated == 0]
    ahead = table[table.extrapolated > 0]
    assert set(seen.days) <= set(range(30, 91))
    assert (ahead.days > 365).all()
    assert len(seen) == len(ahead) == 7
    said = [i for i in items(demo_run, "45_ltv_effect") if i["kind"] == "finding"]
    told = [i["text"]["ja"] for i in said if i["key"].startswith("experiments.ltv.horizon")]
    assert len(told) == 7
    assert all("まだ観測されていません" in one for one in told)


def test_uplift_is_refused_with_the_number_that_would_be_enough(demo_run):
    record = json.loads((demo_run / "run.json").read_text(encoding="utf-8"))
    (step,) = [s for s in record["steps"] if s["step"] == "05_experiments/40_uplift"]
    assert step["status"] == "refused"
    assert not (demo_run / "tables" / "uplift_targets.parquet").exists()
