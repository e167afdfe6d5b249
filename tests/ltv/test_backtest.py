"""CDNOW as the papers use it: fit to 1997-09-30, forecast the 39 weeks after."""

from datetime import date
from pathlib import Path

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from joren.contract import MONEY, validate
from joren.engine import connect
from joren.ltv.accuracy import auc
from joren.ltv.backtest import score, scored_customers
from joren.ltv.holdout import choose_cut, split
from joren.ltv.holdout_choice import Choice, choose_by_holdout
from joren.ltv.models import Fit, extent, fit, model_table
from joren.ltv.replacement import choose_predictors
from joren.params import Ltv, project_root
from joren.purchases import identified_orders

SAMPLE = project_root() / "data" / "cdnow" / "CDNOW_sample.txt"
CUT = choose_cut(date(1997, 1, 1), date(1998, 6, 30), 273)


@pytest.fixture(scope="module")
def known() -> ibis.Table:
    rows = [line.split() for line in Path(SAMPLE).read_text().splitlines()]
    frame = pd.DataFrame(
        {
            "source": "cd",
            "order_id": [f"{i:05d}" for i in range(len(rows))],
            "source_id": [row[0] for row in rows],
            "at": pd.to_datetime([row[2] for row in rows]),
            "text": [row[4] for row in rows],
            "status": "valid",
        }
    )
    raw = connect().create_table("raw", frame)
    orders = raw.mutate(
        ordered_at=raw["at"].cast("timestamp(6)"),
        amount=raw.text.cast(MONEY),
        amount_excluding_tax=ibis.null(MONEY),
    )
    people = orders.select("source", "source_id").distinct().mutate(customer_id=ibis._.source_id)
    return split(identified_orders(orders, people), CUT).cache()


@pytest.fixture(scope="module")
def choice(known) -> Choice:
    return choose_by_holdout(known, fit(known, Ltv(), seed=7), CUT)


@pytest.fixture(scope="module")
def fitted(choice) -> Fit:
    return choice.fit


@pytest.fixture(scope="module")
def backtest(known, choice) -> pa.Table:
    return score(known, choice.fit, CUT, 0.9, compared=choice.totals)


@pytest.fixture(scope="module")
def scores(backtest) -> dict[tuple[str, str], dict]:
    return of_group(backtest, "all")


def of_group(backtest: pa.Table, group: str) -> dict[tuple[str, str], dict]:
    rows = backtest.to_pylist()
    return {(r["measure"], r["predictor"]): r for r in rows if r["group_name"] == group}


def test_the_calibration_summary_is_the_published_one(known):
    assert extent(known).customers == 2357
    assert extent(known).repeaters == 946
    assert known.frequency.sum().execute() == 2457


def test_the_holdout_is_forecast_as_in_the_papers(scores):
    assert scores["total_orders", "actual"]["value"] == 1882
    model = scores["total_orders", "model"]
    assert model["value"] == pytest.approx(1882, rel=0.15)
    assert model["lower"] < model["value"] < model["upper"]


def test_of_models_leave_one_out_does_not_tell_apart_the_nearest_is_used(choice, scores):
    assert choice.why == "holdout"
    rivals = [row["predictor"] for row in choice.totals]
    assert set(rivals) == {"mbg_nbd", "pareto_nbd"}
    gap = {name: abs(scores["total_orders", name]["value"] - 1882) for name in rivals}
    assert min(gap, key=gap.get) == choice.fit.model.name


def test_naive_baselines_stand_beside_the_model(scores):
    assert scores["total_orders", "same_as_last_period"]["value"] == 2457
    assert scores["total_value", "past_mean_spend"]["value"] > 0
    assert scores["auc", "recency"]["value"] == pytest.approx(0.771, abs=5e-4)
    for measure in ("auc", "gini_orders", "gini_value"):
        for baseline in ("recency", "frequency", "past_spend"):
            assert 0 < scores[measure, baseline]["value"] < 1
    assert (
        scores["mae_orders", "model"]["value"]
        < scores["mae_orders", "same_as_last_period"]["value"]
    )


def test_counts_fall_where_their_distributions_said(scores):
    held = scores["coverage", "interval_mass"]["value"]
    assert scores["coverage", "model"]["value"] == pytest.approx(held, abs=0.03)
    assert scores["pit_distance", "model"]["value"] <= 0.05


def test_the_churn_headline_ranks_no_worse_than_recency(backtest, scores):
    used = {row["use"]: row for row in choose_predictors(backtest).to_pylist()}
    headline = used["return_ranking"]
    assert headline["value"] >= scores["auc", "recency"]["value"]
    assert headline["value"] >= scores["auc", "model"]["value"]


def test_p_alive_of_bg_nbd_is_the_published_bad_churn_score(known):
    fitted = fit(known, Ltv(model="bg_nbd"), seed=7)
    customers = scored_customers(known, fitted, CUT, 0.9)
    assert auc(customers, "p_alive", "ordered", 0.9).value == pytest.approx(0.316, abs=0.005)


def test_tenths_carry_forecast_and_outcome(backtest):
    tenths = [of_group(backtest, f"tenth:{i:02d}") for i in range(1, 11)]
    actual = [tenth["total_orders", "actual"] for tenth in tenths]
    assert sum(row["n"] for row in actual) == 2357
    assert sum(row["value"] for row in actual) == 1882
    first = tenths[0]["total_orders", "model"]
    assert first["lower"] < actual[0]["value"] < first["upper"]


def test_fifths_are_expected_to_spend_the_same(backtest):
    fifths = [of_group(backtest, f"fifth:{i}")["total_value", "model"] for i in range(1, 6)]
    everybody = of_group(backtest, "all")["total_value", "model"]["value"]
    assert sum(row["value"] for row in fifths) == pytest.approx(everybody)
    for row in fifths:
        assert row["value"] == pytest.approx(everybody / 5, rel=0.02)
    sizes = [row["n"] for row in fifths]
    assert sizes == sorted(sizes)


def test_every_group_of_a_segment_is_scored(backtest, known):
    once = of_group(backtest, "purchase_days:1")
    assert once["total_orders", "actual"]["n"] == 2357 - 946
    assert 0.5 < once["auc", "model"]["value"] < 1
    groups = {row["group_name"] for row in backtest.to_pylist()}
    assert {"purchase_days:2", "purchase_days:from_11"} <= groups


def test_the_tables_satisfy_their_contracts(backtest, fitted):
    con = connect()
    validate(con.create_table("backtest", backtest), "backtest")
    validate(con.create_table("predictors", choose_predictors(backtest)), "predictors")
    validate(con.create_table("ltv_model", model_table(fitted, 0.9)), "ltv_model")


def test_the_same_fit_gives_the_same_table(known, choice, backtest):
    assert score(known, choice.fit, CUT, 0.9, compared=choice.totals).equals(backtest)
