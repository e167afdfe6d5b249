"""CDNOW as the papers use it: fit to 1997-09-30, forecast the 39 weeks after."""

from datetime import date
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from joren.contract import MONEY, validate
from joren.engine import connect
from joren.ltv.backtest import Backtest, score
from joren.ltv.holdout import choose_cut, split
from joren.ltv.models import Fit, extent, fit, model_table
from joren.ltv.summary import identified_orders
from joren.ltv.verdicts import beaten_by
from joren.params import Ltv, project_root

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
def fitted(known) -> Fit:
    return fit(known, Ltv(), seed=7)


@pytest.fixture(scope="module")
def backtest(known, fitted) -> Backtest:
    return score(known, fitted, CUT, 0.9)


@pytest.fixture(scope="module")
def scores(backtest) -> dict[tuple[str, str], dict]:
    rows = backtest.table.to_pylist()
    return {(r["measure"], r["predictor"]): r for r in rows if r["group_name"] == "all"}


def test_the_calibration_summary_is_the_published_one(known):
    assert extent(known).customers == 2357
    assert extent(known).repeaters == 946
    assert known.frequency.sum().execute() == 2457


def test_the_fit_agrees_with_the_published_estimates(fitted):
    published = np.array([0.243, 4.414 * 7, 0.793, 2.426])
    assert (np.abs(fitted.orders.mean() - published) < fitted.orders.sd()).all()
    assert (np.abs(fitted.spend.mean() - [6.25, 3.74, 15.44]) < fitted.spend.sd()).all()


def test_the_holdout_is_forecast_as_in_the_papers(scores):
    assert scores["total_orders", "actual"]["value"] == 1882
    assert 1550 < scores["total_orders", "bg_nbd"]["value"] < 1750
    model = scores["total_orders", "bg_nbd"]
    assert model["lower"] < model["value"] < model["upper"]


def test_naive_baselines_stand_beside_the_model(scores):
    assert scores["total_orders", "same_as_last_period"]["value"] == 2457
    assert scores["total_value", "past_mean_spend"]["value"] > 0
    assert scores["auc", "recency"]["value"] == pytest.approx(0.771, abs=5e-4)
    for baseline in ("frequency", "past_spend"):
        assert 0.5 < scores["auc", baseline]["value"] < 1
    assert (
        scores["mae_orders", "bg_nbd"]["value"]
        < scores["mae_orders", "same_as_last_period"]["value"]
    )


def test_a_baseline_that_ranks_better_than_the_model_is_named(backtest):
    found = beaten_by(backtest.table)
    assert ("auc", "recency") in [(row["measure"], row["predictor"]) for row in found]
    assert all(row["measure"] != "total_orders" for row in found)


def test_intervals_of_counts_cover_what_they_hold(scores):
    held = scores["coverage", "interval_mass"]["value"]
    assert scores["coverage", "bg_nbd"]["value"] == pytest.approx(held, abs=0.03)


def test_groups_of_ten_carry_forecast_and_outcome(backtest):
    groups = backtest.by_group.to_pylist()
    assert [row["decile"] for row in groups] == list(range(1, 11))
    assert sum(row["n"] for row in groups) == 2357
    assert sum(row["actual"] * row["n"] for row in groups) == pytest.approx(1882)
    assert groups[-1]["lower"] < groups[-1]["actual"] < groups[-1]["upper"]


def test_the_tables_satisfy_their_contracts(backtest, fitted):
    con = connect()
    validate(con.create_table("backtest", backtest.table), "backtest")
    models = con.create_table("ltv_model", model_table(fitted, 0.9))
    validate(models, "ltv_model")
    assert models.filter(models.chosen).count().execute() == 7


def test_the_same_seed_gives_the_same_table(known, backtest):
    again = score(known, fit(known, Ltv(), seed=7), CUT, 0.9)
    assert again.table.equals(backtest.table)
