import numpy as np
import pandas as pd
import pytest
from tests.points.triangles import simulated, triangle_of

from joren.params import Ltv
from joren.points.backtest import (
    FEWEST_MONTHS,
    backtest,
    best_method,
    best_recent,
    develop,
    fits,
    origins,
    scores,
)
from joren.points.triangle import redeemed_since, until

QUICK = Ltv(draws=200, chains=2, inference="laplace")


@pytest.fixture(scope="module")
def found():
    full = simulated(np.random.default_rng(5), months=14, ahead=0)
    return {"<=12m": full}


@pytest.fixture(scope="module")
def at(found):
    return fits(found, origins(found), QUICK, seed=1)


@pytest.fixture(scope="module")
def tested(found, at):
    return backtest(found, at, 0.9, seed=1)


def _scored(**errors: float) -> pd.DataFrame:
    frame = pd.DataFrame({"predictor": list(errors), "error": list(errors.values())})
    return frame.sort_values("error", ignore_index=True)


def test_nothing_is_forecast_before_half_a_year_of_grants(found):
    assert len(origins(found)) == 14 - FEWEST_MONTHS + 1


def test_forecasts_stand_beside_what_was_used_after_the_origin(found, tested):
    first = tested.iloc[0]
    origin = origins(found)[0]

    assert first.origin == origin
    assert set(tested.months) == {6}
    assert first.actual == redeemed_since(found, origin, 6).sum()
    assert first.outstanding == until(found, origin)["<=12m"].outstanding().sum()


def test_what_comes_later_does_not_reach_a_forecast(found, tested):
    early = {"<=12m": found["<=12m"].until(found["<=12m"].cohorts[12])}
    again = backtest(early, fits(early, origins(early), QUICK, seed=1), 0.9, seed=1)
    both = tested.merge(again, on=["origin", "predictor"])

    assert len(again) > 0
    assert both.forecast_x.to_numpy() == pytest.approx(both.forecast_y.to_numpy(), nan_ok=True)


def test_every_predictor_is_scored_on_the_same_origins(tested):
    scored = scores(tested)

    assert scored.origins.nunique() == 1
    assert scored.error.is_monotonic_increasing
    assert np.isnan(scored.set_index("predictor").held["naive"])


def test_a_short_history_has_no_answer_check(found):
    short = {"<=12m": found["<=12m"].until(found["<=12m"].cohorts[7])}
    tested = backtest(short, fits(short, origins(short), QUICK, 1), 0.9, 1)

    assert scores(tested).empty
    assert best_method(scores(tested)) == "survival"
    assert best_recent(scores(tested)) is None


def test_the_method_and_the_diagonals_that_erred_least_are_taken():
    scored = _scored(survival=0.2, chain_ladder=0.3, chain_ladder_6=0.1, chain_ladder_3=0.4)

    assert best_recent(scored) == 6
    assert best_method(scored) == "chain_ladder"
    assert best_method(_scored(survival=0.2, chain_ladder=0.3)) == "survival"


def test_classes_develop_apart_and_add_up():
    one = triangle_of([[10, 5, 1], [20, 8], [30]], [100, 100, 100])
    two = triangle_of([[4, 4, 0], [6, 9], [5]], [50, 50, 50], "none")
    both = develop({"<=12m": one, "none": two}, None, None)
    apart = [develop({"a": of}, None, None) for of in (one, two)]

    assert both.expected == pytest.approx(sum(of.expected for of in apart))
    assert both.total_se**2 == pytest.approx(sum(of.total_se**2 for of in apart))
