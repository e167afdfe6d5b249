"""Stage 04 on both clients: the numbers of its output tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

HORIZONS = (90, 180, 365, 730)


def _table(run: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(run / "tables" / f"{name}.parquet")


def _scores(run: Path) -> pd.DataFrame:
    table = _table(run, "backtest")
    return table[table.group_name == "all"].set_index(["measure", "predictor"])


@pytest.fixture(params=["demo_run", "cdnow_run"])
def run(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def test_cdnow_has_its_2357_customers_and_6919_orders(cdnow_run):
    summary = _table(cdnow_run, "purchase_summary")
    assert len(summary) == 2357
    assert summary.orders.sum() == 6919
    assert summary.frequency.sum() == 2457 + 1882
    assert summary["T"].max() == 545


def test_cdnow_is_forecast_as_in_the_papers(cdnow_run):
    scores = _scores(cdnow_run)
    assert scores.value["total_orders", "actual"] == 1882
    assert 1550 < scores.value["total_orders", "bg_nbd"] < 1750
    assert scores.value["auc", "recency"] == pytest.approx(0.771, abs=5e-4)
    held = scores.value["coverage", "interval_mass"]
    assert scores.value["coverage", "bg_nbd"] == pytest.approx(held, abs=0.03)


def test_the_calibration_fit_of_cdnow_is_the_published_one(cdnow_run):
    fitted = _table(cdnow_run, "backtest_model").set_index(["model", "parameter"])
    weeks = {"r": 0.243, "alpha": 4.414 * 7, "a": 0.793, "b": 2.426}
    spend = {"p": 6.25, "q": 3.74, "v": 15.44}
    for model, published in (("bg_nbd", weeks), ("gamma_gamma", spend)):
        for parameter, value in published.items():
            found = fitted.loc[(model, parameter)]
            assert abs(found["mean"] - value) < found["sd"], parameter


def test_naive_rules_stand_beside_the_model(run):
    scores = _scores(run)
    for measure in ("total_orders", "total_value", "mae_orders", "brier"):
        assert (measure, "same_as_last_period") in scores.index
    assert {"recency", "frequency", "past_spend"} <= set(scores.loc["auc"].index)


def test_past_value_reconciles_with_the_orders_of_identified_customers(demo_run):
    orders = pd.read_parquet(demo_run / "restricted" / "canonical" / "orders.parquet")
    identity = _table(demo_run, "identity_map")
    known = orders.merge(identity, on=["source", "source_id"])
    valid = known[known.status == "valid"]
    value = valid.amount_excluding_tax.fillna(valid.amount)
    summary = _table(demo_run, "purchase_summary")
    of_customers = value[valid.customer_id.isin(summary.customer_id)]
    assert _table(demo_run, "ltv").past_value.sum() == of_customers.sum()
    assert summary.orders.sum() == (value >= 0).sum()


def test_every_customer_who_bought_has_one_row(run):
    ltv = _table(run, "ltv")
    assert sorted(ltv.customer_id) == sorted(_table(run, "purchase_summary").customer_id)
    assert ltv.customer_id.is_unique


def test_longer_horizons_hold_more_and_intervals_hold_the_mean(run):
    ltv = _table(run, "ltv")
    for name in ("p_order", "expected_orders", "expected_value", "ltv"):
        columns = [f"{name}_{days}d" for days in HORIZONS]
        assert (np.diff(ltv[columns].to_numpy(), axis=1) >= 0).all()
    for days in HORIZONS:
        lower, upper = ltv[f"ltv_{days}d_lower"], ltv[f"ltv_{days}d_upper"]
        assert (lower >= 0).all()
        assert (lower <= upper).all()
        # a customer who most likely orders nothing has an upper bound of zero, below her mean
        likely = ltv[f"p_order_{days}d"] > 0.5
        assert (ltv.loc[likely, f"ltv_{days}d"] < upper[likely]).all()


def test_ltv_is_the_discounted_margin_of_the_expected_value(run):
    ltv = _table(run, "ltv")
    ltv = ltv[ltv.expected_value_365d > 0]
    ratio = ltv.ltv_365d / ltv.expected_value_365d
    assert ratio.between(0.4 / 1.1, 0.4).all()


def test_the_next_order_lies_ahead_and_is_given_to_regulars(run):
    ltv = _table(run, "ltv")
    as_of = pd.Timestamp(json.loads((run / "run.json").read_text(encoding="utf-8"))["as_of"])
    assert (ltv.expected_next_order_at.dropna() > as_of).all()
    summary = _table(run, "purchase_summary").set_index("customer_id")
    regular = ltv.customer_id.map(summary.frequency) >= 3
    assert ltv.expected_next_order_at[regular].notna().all()


def test_the_fit_is_sound_and_says_how_it_was_made(run):
    models = _table(run, "ltv_model")
    assert set(models.model) == {"bg_nbd", "gamma_gamma"}
    assert models.chosen.all()
    assert (models.ess_bulk > 400).all()
    assert (models.method == "nuts").all() or (models.k_hat.dropna() < 0.7).all()


def test_every_sentence_has_an_interval_or_says_why_not(run):
    for step in ("10_purchases", "20_ltv", "30_backtest"):
        items = json.loads((run / "items" / f"04_ltv__{step}.json").read_text(encoding="utf-8"))
        findings = [item for item in items if item["kind"] == "finding"]
        assert findings
        for finding in findings:
            assert "1998" in finding["text"]["en"] or "2026" in finding["text"]["en"]
            assert any(
                mark in finding["text"]["ja"] for mark in ("区間", "全数集計", "記録", "決まり")
            )
