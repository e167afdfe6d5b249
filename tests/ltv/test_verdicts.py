from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from joren import text
from joren.ltv.holdout import Cut
from joren.ltv.inference import Posterior
from joren.ltv.models import Fit
from joren.ltv.statistics import purchase_statistics, spend_statistics
from joren.ltv.verdicts import backtest_sentences, fit_sentences

CUT = Cut(date(2025, 1, 1), date(2025, 12, 31), date(2026, 3, 31))


def backtest(**changed: float) -> pa.Table:
    """A backtest in which the model beats everything, but for the values given."""
    values = {
        "total_orders.actual": 100.0,
        "total_orders.bg_nbd": 105.0,
        "total_orders.same_as_last_period": 130.0,
        "total_value.actual": 1000.0,
        "total_value.bg_nbd": 1000.0,
        "total_value.same_as_last_period": 1400.0,
        "total_value.past_mean_spend": 1200.0,
        "auc.bg_nbd": 0.8,
        "auc.recency": 0.7,
        "auc.frequency": 0.7,
        "auc.past_spend": 0.7,
        "mae_orders.bg_nbd": 0.5,
        "mae_orders.same_as_last_period": 0.9,
        "brier.bg_nbd": 0.1,
        "brier.same_as_last_period": 0.2,
        "coverage.bg_nbd": 0.94,
        "coverage.interval_mass": 0.95,
    } | {key.replace("__", "."): value for key, value in changed.items()}
    rows = []
    for key, value in values.items():
        measure, predictor = key.split(".")
        model = predictor == "bg_nbd"
        rows.append(
            {
                "measure": measure, "predictor": predictor, "group_name": "all", "value": value,
                "lower": 0.9 * value if model else None,
                "upper": 1.1 * value if model else None,
                "n": 700,
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows)


def keys(table: pa.Table) -> list[str]:
    return [key for key, _ in backtest_sentences(table, CUT)]


@pytest.mark.parametrize(
    ("actual", "key"),
    [
        (100, "ltv.backtest_orders.within_below"),
        (110, "ltv.backtest_orders.within_above"),
        (200, "ltv.backtest_orders.outside_above"),
        (50, "ltv.backtest_orders.outside_below"),
    ],
)
def test_the_outcome_lies_within_or_outside_and_above_or_below(actual, key):
    assert keys(backtest(total_orders__actual=actual))[0] == key


def test_a_model_no_rule_beats_is_said_to_be_unbeaten():
    assert keys(backtest())[-1] == "ltv.unbeaten"


def test_a_rule_that_beats_the_model_is_named_level_inside_the_interval_and_better_outside():
    assert "ltv.level.auc.recency" in keys(backtest(auc__recency=0.85))
    assert "ltv.beaten.auc.recency" in keys(backtest(auc__recency=0.9))
    found = keys(backtest(total_orders__same_as_last_period=101))
    assert {"ltv.naive_better", "ltv.level.total_orders.same_as_last_period"} <= set(found)


def test_every_defeat_has_its_sentence_in_both_languages():
    rivals = {
        "total_orders": ["same_as_last_period"],
        "total_value": ["same_as_last_period", "past_mean_spend"],
        "auc": ["recency", "frequency", "past_spend"],
        "mae_orders": ["same_as_last_period"],
        "brier": ["same_as_last_period"],
    }
    compared = {
        (row["measure"], row["predictor"])
        for row in backtest().to_pylist()
        if row["predictor"] not in ("bg_nbd", "actual", "interval_mass")
    }
    assert compared == {(m, p) for m, predictors in rivals.items() for p in predictors}
    for measure, predictor in compared:
        assert text.has(f"ltv.beaten.{measure}.{predictor}")
        assert text.has(f"ltv.level.{measure}.{predictor}")


def fitted(**changed: object) -> Fit:
    draws, weights = np.ones((2, 4)), np.full(2, 0.5)
    facts = {"method": "laplace", "ess_bulk": np.full(4, 900.0), "k_hat": 0.1} | changed
    orders = Posterior(("r", "alpha", "a", "b"), draws, weights, **facts)
    spend = Posterior(("p", "q", "v"), draws[:, :3], weights, "laplace", np.full(3, 800.0))
    return Fit(purchase_statistics([0], [0], [9]), spend_statistics([1], [5.0]), orders, spend)


def test_a_sound_fit_is_stated_with_its_method():
    assert [key for key, _ in fit_sentences(fitted())] == ["ltv.fit_sound.laplace"] * 2


def test_a_missed_threshold_is_named_and_marked():
    (key, facts), _ = fit_sentences(fitted(ess_bulk=np.full(4, 100.0), k_hat=0.9))
    assert key == "ltv.fit_doubtful"
    assert (facts["problems"], facts["accent"]) == ("k̂, ESS", True)


def test_a_fall_back_to_nuts_is_stated():
    fit = fitted(method="nuts", k_hat=None, rejected_k_hat=0.93)
    (first, facts), (second, _), _ = fit_sentences(fit)
    assert (first, second) == ("ltv.fit_fell_back", "ltv.fit_sound.nuts")
    assert facts["k_hat"] == 0.93
