from datetime import date

import pandas as pd
import pytest

from joren import text
from joren.ltv.accuracy import Measure
from joren.ltv.measures import measure_table, measured
from joren.ltv.overview import (
    answers_as_shares,
    compared_groups,
    everybody_ahead,
    level_label,
    score_table,
    totals_of,
)

FORECAST = Measure(20.0, 10.0, 30.0, 10)


def table(**actual: float):
    rows = []
    for group, happened in actual.items():
        name = group.replace("__", ":")
        rows += [
            measured("total_orders", "model", FORECAST, name),
            measured("total_orders", "actual", Measure(happened, None, None, 10), name),
            measured("auc", "recency", Measure(0.7, 0.6, 0.8, 10), name),
        ]
    return measure_table(rows)


def test_scores_stand_by_measure_the_outcome_and_the_model_first():
    found = score_table(table(all=25.0, tenth__01=9.0))
    assert found.predictor.tolist() == [
        "ltv.predictor.actual", "ltv.predictor.model", "ltv.predictor.recency",
    ]  # fmt: skip
    assert all(text.has(key) for key in [*found.measure, *found.predictor])


def test_groups_are_compared_per_customer_in_the_order_asked_for():
    checked = table(cohort__2026H1=25.0, first_channel__web=40.0, first_channel__pos=20.0, all=9.0)
    found = compared_groups(checked, ["first_channel", "cohort"], "total_orders")
    assert found.level.tolist() == ["pos", "web", "2026H1"]
    assert found.actual.tolist() == [2.0, 4.0, 2.5]
    assert found.inside.tolist() == [True, False, True]
    assert (found.lower[0], found.expected[0], found.upper[0]) == (1.0, 2.0, 3.0)


def test_a_level_is_named_as_the_client_wrote_it_unless_it_is_ours():
    assert level_label("first_channel", "自社EC") == "自社EC"
    assert level_label("first_channel", "unknown") == "ltv.level.unknown"
    assert level_label("purchase_days", "4_to_5") == "ltv.purchase_days.4_to_5"
    assert level_label("tenth", "03") == {"ja": "第 3 群", "en": "Tenth 3"}


def test_answers_are_shown_as_shares_of_the_forecast():
    made = date(2026, 1, 31)
    (row,) = answers_as_shares({made: table(all=25.0)}, {made: 30}).to_dict("records")
    assert (row["expected"], row["lower"], row["upper"], row["actual"]) == (1, 0.5, 1.5, 1.25)
    assert row["inside"]
    assert row["label"]["en"] == "30 days from 31 Jan 2026"


@pytest.fixture
def totals() -> pd.DataFrame:
    columns = ("measure", "days", "group_name", "customers", "mean", "lower", "upper")
    rows = [
        ("value", 365, "all", 10, 100.0, 80.0, 120.0),
        ("value", 90, "all", 10, 30.0, 20.0, 40.0),
        ("value", 365, "cohort:2026H1", 4, 60.0, 40.0, 80.0),
        ("value", 365, "cohort:2025H2", 6, 40.0, 30.0, 50.0),
        ("orders", 365, "all", 10, 5.0, 4.0, 6.0),
    ]
    return pd.DataFrame(rows, columns=columns)


def test_the_groups_of_a_dimension_stand_together_and_per_customer(totals):
    found = totals_of(totals, "value", "cohort", 365)
    assert found.level.tolist() == ["2025H2", "2026H1"]
    assert found.total.tolist() == [40.0, 60.0]
    assert found.share.tolist() == [0.4, 0.6]
    assert (found["mean"][1], found.lower[1], found.upper[1]) == (15.0, 10.0, 20.0)
    assert totals_of(totals, "value", "first_channel", 365).empty


def test_everybody_ahead_runs_over_the_horizons(totals):
    assert everybody_ahead(totals, "value").days.tolist() == [90, 365]
    assert everybody_ahead(totals, "orders")["mean"].tolist() == [5.0]
