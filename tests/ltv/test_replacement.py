import pyarrow as pa
import pytest

from joren.contract import validate
from joren.engine import connect
from joren.ltv.accuracy import Measure
from joren.ltv.measures import measure_table, measured
from joren.ltv.replacement import USES, choose_predictors, used

SCORES = {
    "auc": {"model": 0.8, "recency": 0.7, "frequency": 0.6, "past_spend": 0.5},
    "gini_value": {"model": 0.6, "recency": 0.2, "frequency": 0.5, "past_spend": 0.55},
    "total_orders": {"actual": 100.0, "model": 105.0, "same_as_last_period": 130.0},
    "total_value": {"actual": 1000.0, "model": 1050.0, "same_as_last_period": 1400.0,
                    "past_mean_spend": 1200.0},
}  # fmt: skip


def chosen(**changed: dict[str, float]) -> dict[str, dict]:
    """The predictors after a backtest in which the model beats everything but what is changed."""
    rows = [
        measured(measure, predictor, Measure(value, 0.9 * value, 1.1 * value, 700))
        for measure, scores in SCORES.items()
        for predictor, value in (scores | changed.get(measure, {})).items()
    ]
    return {found["use"]: found for found in choose_predictors(measure_table(rows)).to_pylist()}


def test_an_unbeaten_model_is_used_for_everything():
    assert {(use["predictor"], use["reason"]) for use in chosen().values()} == {("model", "best")}


def test_a_rule_that_ranks_better_takes_the_ranking_and_nothing_else():
    found = chosen(auc={"recency": 0.801})
    taken = found["return_ranking"]
    assert (taken["predictor"], taken["reason"], taken["rival"]) == ("recency", "beaten", "model")
    assert (taken["value"], taken["rival_value"]) == (0.801, 0.8)
    assert all(found[use]["predictor"] == "model" for use in USES if use != "return_ranking")


def test_the_best_of_several_better_rules_is_used():
    found = chosen(gini_value={"frequency": 0.7, "past_spend": 0.8})
    assert found["value_ranking"]["predictor"] == "past_spend"
    assert found["value_ranking"]["rival"] == "frequency"


def test_a_nearer_total_replaces_the_model_only_where_its_interval_missed():
    nearer = {"same_as_last_period": 101.0}
    lucky = chosen(total_orders=nearer)["orders_total"]
    assert (lucky["predictor"], lucky["reason"]) == ("model", "within_interval")
    assert (lucky["rival"], lucky["actual"]) == ("same_as_last_period", 100.0)
    beaten = chosen(total_orders=nearer | {"model": 120.0})["orders_total"]
    assert (beaten["predictor"], beaten["reason"]) == ("same_as_last_period", "beaten")


@pytest.mark.parametrize("use", USES)
def test_without_a_backtest_the_model_is_used_untested(use):
    assert used([], use)["reason"] == "untested"
    assert used([], use)["predictor"] == "model"


def test_a_score_that_is_no_number_decides_nothing():
    found = chosen(auc={"model": float("nan")})
    assert found["return_ranking"]["reason"] == "untested"


def test_the_table_satisfies_its_contract():
    table = choose_predictors(pa.Table.from_pylist([], schema=measure_table([]).schema))
    validate(connect().create_table("predictors", table), "predictors")
