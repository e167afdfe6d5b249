"""Stage 04 on both clients: the numbers of its output tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from joren.params import project_root
from joren.simulate.exam import open_exam
from joren.simulate.score_forecast import score_forecast

HORIZONS = (30, 60, 90, 180, 365, 730)


def _table(run: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(run / "tables" / f"{name}.parquet")


def _findings(run: Path, step: str) -> list[dict]:
    items = json.loads((run / "items" / f"04_ltv__{step}.json").read_text(encoding="utf-8"))
    return [item for item in items if item["kind"] == "finding"]


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
    assert scores.value["total_orders", "model"] == pytest.approx(1882, rel=0.15)
    assert scores.value["auc", "recency"] == pytest.approx(0.771, abs=5e-4)
    held = scores.value["coverage", "interval_mass"]
    assert scores.value["coverage", "model"] == pytest.approx(held, abs=0.03)
    assert scores.value["pit_distance", "model"] <= 0.05


def test_the_churn_headline_ranks_no_worse_than_recency_or_says_what_it_uses(run):
    used = _table(run, "predictors").set_index("use")
    headline = used.loc["return_ranking"]
    assert headline.value >= _scores(run).value["auc", "recency"]
    assert headline.predictor in ("model", "recency", "frequency", "past_spend")
    said = {item["key"] for item in _findings(run, "40_value")}
    assert f"ltv.lapse.{headline.predictor}" in said
    assert f"ltv.top_tenth.{used.predictor['value_ranking']}" in said
    assert f"ltv.total_value.{used.predictor['value_total']}" in said
    lapse = _table(run, "lapse")
    assert sorted(lapse.customer_id) == sorted(_table(run, "ltv").customer_id)
    assert (lapse.lower <= lapse.p_end_90d).all()
    assert (lapse.p_end_90d <= lapse.upper).all()
    churn = _table(run, "churn")
    assert (churn.kind == "lapse").sum() == len(lapse)


def test_the_demos_true_year_lies_within_the_forecast_of_its_total(demo_run):
    scores = score_forecast(open_exam(demo_run, project_root() / "data" / "demo" / "answer_key"))
    bias = next(s.value for s in scores if s.measure == "expected_orders_365d: total bias")
    totals = _table(demo_run, "forecast_totals").set_index(["measure", "days", "group_name"])
    year = totals.loc[("orders", 365, "all")]
    sd = (year.upper - year["mean"]) / 1.645
    assert abs(bias) * year["mean"] / (1 + bias) < 2.5 * sd
    assert abs(bias) < 0.05


def test_totals_by_group_add_up_to_everybody(run):
    totals = _table(run, "forecast_totals")
    at_year = totals[totals.days == 365].set_index(["measure", "group_name"])["mean"]
    ltv = _table(run, "ltv")
    everybody = at_year["value", "all"]
    assert everybody == pytest.approx(ltv.expected_value_365d.sum(), rel=0.01)
    for dimension in ("tenth", "purchase_days"):
        names = at_year["value"].index.str.startswith(f"{dimension}:")
        assert at_year["value"][names].sum() == pytest.approx(everybody, rel=1e-6)


def test_the_demo_is_told_apart_by_its_first_orders(demo_run):
    groups = set(_table(demo_run, "forecast_totals").group_name.str.partition(":")[0])
    assert {"first_channel", "cohort", "first_category"} <= groups
    checked = set(_table(demo_run, "backtest").group_name.str.partition(":")[0])
    assert {"first_channel", "cohort", "tenth", "fifth"} <= checked


def test_the_forecast_is_frozen_at_publication_and_due_later(run):
    state = run.parents[2] / "state" / run.parent.name
    frozen = pd.concat(pd.read_parquet(path) for path in (state / "forecasts").glob("*.parquet"))
    totals = _table(run, "forecast_totals")
    assert len(frozen) == len(totals)
    customers = pd.concat(
        pd.read_parquet(path) for path in (state / "forecast_customers").glob("*.parquet")
    )
    assert sorted(customers.customer_id) == sorted(_table(run, "ltv").customer_id)
    assert _table(run, "forecast_check").empty
    assert [item["key"] for item in _findings(run, "05_answers")] == ["ltv.no_answers.none"]


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
        # Pareto/NBD integrates numerically: a chance that has ended grows by no more than rounding
        assert (np.diff(ltv[columns].to_numpy(), axis=1) >= -1e-9).all()
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
    chosen = models[models.chosen]
    assert len(set(chosen.model)) == 2
    assert "gamma_gamma" in set(chosen.model)
    assert {"mbg_nbd", "pareto_nbd"} <= set(models.model)
    assert (chosen.ess_bulk > 400).all()
    assert ((chosen.method == "nuts") | (chosen.k_hat < 0.7)).all()


def test_every_sentence_has_an_interval_or_says_why_not(run):
    for step in ("05_answers", "10_purchases", "15_backtest", "20_ltv", "40_value", "50_churn"):
        findings = _findings(run, step)
        assert findings
        for finding in findings:
            assert "1998" in finding["text"]["en"] or "2026" in finding["text"]["en"]
            assert any(
                mark in finding["text"]["ja"] for mark in ("区間", "全数集計", "記録", "決まり")
            )
