from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from tests.points.triangles import triangle_of

from joren.points.backtest import scores
from joren.points.liability import by_chain_ladder
from joren.points.revenue import PROVISION, journal
from joren.points.verdicts import (
    choice_sentences,
    class_sentences,
    extraordinary_sentences,
    journal_sentence,
    smallest_unit,
    value_sentences,
)


def _tested(**forecasts: float) -> pd.DataFrame:
    return pd.DataFrame([
        {"origin": np.datetime64("2025-06-01"), "months": 6, "predictor": name, "actual": 100,
         "forecast": value, "lower": value - 10, "upper": value + 10, "cohorts": 4,
         "cohorts_held": 3}
        for name, value in forecasts.items()
    ])  # fmt: skip


def _keys(**forecasts: float) -> list[str]:
    tested = _tested(**forecasts)
    return [key for key, _facts in choice_sentences(scores(tested), tested, {})]


def test_the_method_that_erred_less_is_named_with_its_rival():
    assert _keys(survival=95, chain_ladder=120) == [
        "liability.chosen.survival", "liability.recent.all", "liability.answer.low",
    ]  # fmt: skip
    assert _keys(survival=70, chain_ladder=130, chain_ladder_6=101)[0:2] == [
        "liability.chosen.chain_ladder", "liability.recent.some",
    ]  # fmt: skip


def test_a_simple_forecast_that_does_better_is_said():
    assert "liability.beaten" in _keys(survival=80, chain_ladder=130, naive=101)
    assert "liability.beaten" not in _keys(survival=98, chain_ladder=130, naive=110)


def test_without_an_answer_check_the_page_says_so():
    at = dict.fromkeys(range(3))
    ((key, facts),) = choice_sentences(scores(pd.DataFrame()), pd.DataFrame(), at)

    assert key == "liability.chosen.untested"
    assert facts["value"] == 8


def test_a_large_campaign_is_named():
    found = {"none": triangle_of([[1]] * 5, [10, 10, 10, 900, 10])}
    ((key, facts),) = extraordinary_sentences(found)

    assert (key, facts["value"], facts["month"]) == (
        "liability.extraordinary", 900, date(2025, 4, 1),
    )  # fmt: skip


def test_money_and_breakage_tell_one_story():
    found = {"<=12m": triangle_of([[10, 20, 0], [30, 10], [20]], [100, 100, 100])}
    now = by_chain_ladder(found, None, 0.9)
    sentences = dict(value_sentences(now, now, Decimal("0.5")))
    amount, breakage = sentences["liability.amount"], sentences["liability.breakage"]

    assert amount["value"] == pytest.approx(now.total[1] / 2)
    assert breakage["value"] == pytest.approx(1 - amount["share"])
    assert breakage["lower"] < breakage["value"] < breakage["upper"]


def test_the_class_of_most_points_comes_first():
    curves = pd.DataFrame({
        "validity": ["<=31d", "none"], "age": [0, 0], "points": [5, 900], "mean": [0.5, 0.4],
        "lower": [0.4, 0.3], "upper": [0.6, 0.5], "observed": [0.5, 0.4],
    })  # fmt: skip
    keys = [key for key, _facts in class_sentences(curves)]
    assert keys == ["liability.breakage_class.none", "liability.breakage_class.d31"]


def test_the_journals_sentence_tells_what_stands_in_the_books():
    month = date(2026, 3, 1)
    books = pd.DataFrame({
        "month": [month, month], "cohort": ["2026-03", PROVISION],
        "allocated": [Decimal(80), Decimal(0)], "recognised": [Decimal(30), Decimal(7)],
    })  # fmt: skip
    key, facts = journal_sentence(books, journal(books), month)

    assert (key, facts["value"], facts["provision"], facts["n"]) == (
        "liability.journal", 50, 7, 3,
    )  # fmt: skip


def test_currencies_are_booked_in_their_smallest_unit():
    assert smallest_unit("JPY") == 1
    assert smallest_unit("EUR") == Decimal("0.01")
