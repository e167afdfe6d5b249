"""Subscriptions of the demo client: the table `churn`, and what the page says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def churn(demo_run: Path) -> pd.DataFrame:
    return pd.read_parquet(demo_run / "tables" / "churn.parquet")


@pytest.fixture(scope="module")
def items(demo_run: Path) -> list[dict]:
    path = demo_run / "items" / "04_ltv__20_subscriptions.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_running_subscription_has_one_row(demo_run, churn):
    folder = demo_run / "restricted" / "canonical"
    subscriptions = pd.read_parquet(folder / "subscriptions.parquet")
    running = subscriptions[subscriptions.ended_at.isna()]

    contractual = churn[churn.kind == "contractual"]
    assert sorted(contractual.subscription_id) == sorted(running.subscription_id)


def test_longer_horizons_hold_more_ends_and_money_is_known(churn):
    contractual = churn[churn.kind == "contractual"]

    assert (contractual.p_end_90d < contractual.p_end_365d).all()
    assert (contractual.residual_value > 0).all()
    assert contractual.p_end_90d.between(contractual.lower, contractual.upper).all()


def test_every_sentence_has_an_interval_or_says_why_not(items):
    findings = {item["key"]: item for item in items if item["kind"] == "finding"}

    assert {"churn.running", "churn.reached", "churn.ends_ahead", "churn.value_ahead"} <= set(
        findings
    )
    for finding in findings.values():
        assert "2026" in finding["text"]["en"]
        assert any(w in finding["text"]["ja"] for w in ("区間", "全数集計", "記録", "見込み"))


def test_the_page_shows_three_figures_and_two_tables(items):
    kinds = [item["kind"] for item in items]

    assert kinds.count("figure") == 3
    assert kinds.count("table") == 2


def test_a_client_without_subscriptions_skips_the_step(cdnow_run):
    record = json.loads((cdnow_run / "run.json").read_text(encoding="utf-8"))
    (step,) = [s for s in record["steps"] if s["step"] == "04_ltv/20_subscriptions"]

    assert step["status"] == "skipped"
