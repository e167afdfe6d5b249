"""Campaigns of the demo client: plans, the readout beside the answer key, and what pages say."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from joren.campaigns.metrics import CONTRACT_METRICS
from joren.params import project_root
from joren.simulate.exam import open_exam
from joren.simulate.score_effects import score_campaigns

ARMS = 7  # treated, of six campaigns


@pytest.fixture(scope="module")
def readout(demo_run: Path) -> pd.DataFrame:
    return pd.read_parquet(demo_run / "tables" / "experiment_readout.parquet")


def items(run: Path, step: str) -> list[dict]:
    return json.loads((run / "items" / f"05_experiments__{step}.json").read_text(encoding="utf-8"))


def test_every_arm_is_read_on_every_metric_of_the_contract(readout):
    whole = readout[readout.segment == "all"]
    assert len(whole[["campaign_id", "arm"]].drop_duplicates()) == ARMS
    for metric in CONTRACT_METRICS:
        assert (whole.metric == metric).sum() == ARMS
    assert set(whole.grade) == {"A"}
    assert (whole.srm_p > 0.001).all()
    assert (whole.lower <= whole.effect).all()
    assert (whole.effect <= whole.upper).all()


def test_assigned_customers_are_all_there(demo_run, readout):
    assigned = pd.read_parquet(demo_run / "restricted" / "canonical" / "assignments.parquet")
    identity = pd.read_parquet(demo_run / "tables" / "identity_map.parquet")
    known = assigned.merge(identity, on=["source", "source_id"])
    orders = readout[(readout.segment == "all") & (readout.metric == "orders")]
    for name, rows in orders.groupby("campaign_id"):
        own = known[known.campaign_id == name]
        arms = own.groupby("customer_id").arm.nunique()
        assert rows.n.sum() + rows.n_control.iloc[0] == (arms == 1).sum()


def test_the_answer_key_lies_within_the_intervals_about_as_often_as_they_say(demo_run):
    key = project_root() / "data" / "demo" / "answer_key"
    scores = score_campaigns(open_exam(demo_run, key))
    held = {
        (s.measure, s.group): (round(s.value * s.n), s.n) for s in scores if s.lower is not None
    }
    hits = sum(hits for hits, _n in held.values())
    told = sum(n for _hits, n in held.values())
    assert told == 3 * ARMS * (1 + 3)  # three metrics of the key, everybody and three strata
    # the metrics of a campaign move together, so the 84 intervals are worth far fewer
    assert hits / told >= 0.75


def test_segments_of_a_kind_hold_everybody_once(readout):
    one = readout[(readout.campaign_id == "C2508") & (readout.metric == "response_rate")]
    whole = one[one.segment == "all"].n.iloc[0]
    strata = one[one.segment.isin(["new", "repeat", "silent"])]
    assert strata.n.sum() == whole
    assert set(strata.method) <= {"laplace", "nuts"}


def test_the_demos_plan_was_seen_too_late_and_the_page_says_so(demo_run):
    plans = pd.read_parquet(demo_run / "tables" / "campaign_plans.parquet").set_index("campaign_id")
    assert plans.status["C2508"] == "after_fact"
    assert set(plans.status.drop("C2508")) == {"none"}
    assert plans.opens.all()
    said = {item["key"] for item in items(demo_run, "10_plans") if item["kind"] == "finding"}
    assert {"campaigns.plans.none", "campaigns.plans.after_fact"} <= said
    readout = [i for i in items(demo_run, "20_readout") if i["kind"] == "finding"]
    effects = [i for i in readout if i["key"].startswith("campaigns.effect.")]
    assert len(effects) == ARMS
    worth = [i for i in readout if i["key"].startswith("campaigns.worth.")]
    assert len(worth) == ARMS - 1  # what the point campaign is worth, stage 02 says
    for item in effects:
        assert "計画" in item["text"]["ja"]
        assert "グレード A" in item["text"]["ja"]


def test_a_figure_for_the_arms_and_one_for_the_segments_of_each(demo_run):
    kinds = [item["kind"] for item in items(demo_run, "20_readout")]
    assert kinds.count("figure") == 1 + ARMS


def test_a_client_without_campaigns_skips_the_steps(cdnow_run):
    record = json.loads((cdnow_run / "run.json").read_text(encoding="utf-8"))
    steps = {step["step"]: step["status"] for step in record["steps"]}
    assert steps["05_experiments/10_plans"] == "skipped"
    assert steps["05_experiments/20_readout"] == "skipped"
    assert steps["02_points/50_economics"] == "skipped"
