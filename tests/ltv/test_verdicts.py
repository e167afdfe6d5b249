from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from joren import text
from joren.ltv.accuracy import Measure
from joren.ltv.bg_nbd import BG_NBD
from joren.ltv.choice import Tried
from joren.ltv.holdout import Cut
from joren.ltv.loo import LeaveOneOut
from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.measures import measure_table, measured
from joren.ltv.models import Fit
from joren.ltv.pareto_nbd import PARETO_NBD
from joren.ltv.replacement import BEATEN, BEST, USES, WITHIN_INTERVAL
from joren.ltv.statistics import purchase_statistics, spend_statistics
from joren.ltv.verdicts import (
    answer_sentences,
    backtest_sentences,
    best_level_sentence,
    choice_sentence,
    fit_sentences,
    groups_sentence,
    predictor_sentences,
)
from joren.stats.inference import Posterior

CUT = Cut(date(2025, 1, 1), date(2025, 12, 31), date(2026, 3, 31))


def checked(**changed: float) -> pa.Table:
    """An answer check in which the model beats everything, but for the values given."""
    values = {
        "total_orders.actual": 100.0,
        "total_orders.model": 105.0,
        "total_orders.same_as_last_period": 130.0,
        "total_value.actual": 1000.0,
        "total_value.model": 1000.0,
        "auc.model": 0.8,
        "auc.recency": 0.7,
        "coverage.model": 0.94,
        "coverage.interval_mass": 0.95,
        "pit_distance.model": 0.02,
        "pit_distance.by_chance": 0.03,
    } | {key.replace("__", "."): value for key, value in changed.items()}
    rows = []
    for key, value in values.items():
        measure, predictor = key.split(".")
        bounds = (0.9 * value, 1.1 * value) if predictor == "model" else (None, None)
        rows.append(measured(measure, predictor, Measure(value, *bounds, 700)))
    return measure_table(rows)


def keys(table: pa.Table) -> list[str]:
    return [key for key, _ in backtest_sentences(table, CUT)]


@pytest.mark.parametrize(
    ("actual", "ending"),
    [(100, "within_below"), (110, "within_above"), (200, "outside_above"), (50, "outside_below")],
)
def test_the_outcome_lies_within_or_outside_and_above_or_below(actual, ending):
    table = checked(total_orders__actual=actual)
    assert keys(table)[0] == f"ltv.backtest_orders.{ending}"
    answer = answer_sentences(table, date(2026, 1, 31), 30)
    assert answer[0][0] == f"ltv.answer_orders.{ending}"
    assert answer[0][1]["accent"] is ending.startswith("outside")


def test_the_last_period_is_said_to_be_nearer_where_it_was():
    assert "ltv.naive_worse" in keys(checked())
    assert "ltv.naive_better" in keys(checked(total_orders__same_as_last_period=101))


def test_the_pit_is_held_against_what_chance_allows():
    assert keys(checked())[-1] == "ltv.pit.uniform"
    assert keys(checked(pit_distance__model=0.05))[-1] == "ltv.pit.off"


def test_a_check_without_customers_says_nothing_of_rankings():
    table = checked()
    totals = table.filter(pa.compute.starts_with(table["measure"], "total_"))
    assert len(answer_sentences(totals, date(2026, 1, 31), 30)) == 2
    assert len(answer_sentences(table, date(2026, 1, 31), 30)) == 3


def test_every_predictor_that_can_be_used_has_its_sentence():
    for name, use in USES.items():
        for reason, predictor, rival in [
            (BEST, "model", use.rivals[0]),
            *((BEATEN, rule, "model") for rule in use.rivals),
            *((WITHIN_INTERVAL, "model", rule) for rule in use.rivals if use.is_total),
        ]:
            row = {
                "use": name, "reason": reason, "predictor": predictor, "rival": rival,
                "rival_value": 0.5, "value": 0.6, "lower": None, "upper": None, "n": 9,
                "actual": 1.0,
            }  # fmt: skip
            ((key, facts),) = predictor_sentences([row])
            assert text.has(key)
            assert facts["accent"] is (reason == BEATEN)


def test_what_was_never_tested_is_not_praised():
    untested = {"use": "orders_total", "reason": "untested", "predictor": "model", "n": 0}
    assert predictor_sentences([untested]) == []


def test_groups_outside_their_interval_are_named():
    groups = pd.DataFrame(
        {"dimension": "fifth", "level": ["1", "2", "3"], "n": [5, 6, 7], "inside": [True] * 3}
    )
    key, facts = groups_sentence("ltv.fifths", groups)
    assert (key, facts["n"], facts["value"]) == ("ltv.fifths.all", 18, 3)
    key, facts = groups_sentence("ltv.fifths", groups.assign(inside=[True, False, False]))
    assert (key, facts["off"], facts["value"]) == ("ltv.fifths.some", "2, 3", 1)


def test_the_best_level_is_one_the_client_named():
    groups = pd.DataFrame(
        {"level": ["other", "web", "pos"], "customers": [5, 50, 60], "mean": [9.0, 3.0, 2.0],
         "lower": [1.0, 2.0, 1.0], "upper": [20.0, 4.0, 3.0]}
    )  # fmt: skip
    key, facts = best_level_sentence("first_channel", groups, 2.5, 365)
    assert (key, facts["level"], facts["value"]) == ("ltv.best_level.first_channel", "web", 3.0)
    assert best_level_sentence("first_channel", groups.head(2), 2.5, 365) is None


def fitted(tried: tuple[Tried, ...] = (), **changed: object) -> Fit:
    draws, weights = np.ones((2, 4)), np.full(2, 0.5)
    facts = {"method": "laplace", "ess_bulk": np.full(4, 900.0), "k_hat": 0.1} | changed
    orders = Posterior(("r", "alpha", "a", "b"), draws, weights, **facts)
    spend = Posterior(("p", "q", "v"), draws[:, :3], weights, "laplace", np.full(3, 800.0))
    purchases, spends = purchase_statistics([0], [0], [9]), spend_statistics([1], [5.0])
    return Fit(purchases, spends, orders, spend, BG_NBD, tried)


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


def density(elpd: float, by_row: list[float]) -> LeaveOneOut:
    return LeaveOneOut(elpd, 1.0, 0.0, 0.1, np.array(by_row), np.ones(len(by_row)))


def test_the_model_used_is_stated_with_its_lead_over_the_next():
    orders = fitted().orders
    tried = (
        Tried(MBG_NBD, (orders,), density(-10.0, [-4.0, -6.0])),
        Tried(BG_NBD, (orders,), density(-11.0, [-6.0, -5.0])),
    )
    key, facts = choice_sentence(fitted(tried), "holdout", 0.9)
    assert key == "ltv.model_by.holdout"
    assert (facts["model"], facts["rival"], facts["value"]) == ("BG/NBD", "MBG/NBD", -1.0)
    assert facts["lower"] < facts["value"] < facts["upper"]
    assert choice_sentence(fitted(tried[1:]), "only", 0.9)[0] == "ltv.model_only"
    for why in ("loo", "holdout", "earlier_holdout", "level"):
        assert text.has(f"ltv.model_by.{why}")


def test_the_rival_of_a_model_the_holdout_chose_is_one_that_was_not_rejected():
    orders = fitted().orders
    tried = (
        Tried(PARETO_NBD, (orders,), density(-10.0, [-5.0, -5.0])),
        Tried(MBG_NBD, (orders,), density(-12.0, [-6.0, -6.0])),
        Tried(BG_NBD, (orders,), density(-13.0, [-3.0, -10.0])),
    )
    fit = replace(fitted(tried), model=PARETO_NBD)
    assert choice_sentence(fit, "holdout", 0.9)[1]["rival"] == "BG/NBD"
    assert choice_sentence(fit, "loo", 0.9)[1]["rival"] == "MBG/NBD"
