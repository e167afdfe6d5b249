import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from tests.points.triangles import simulated

from joren.params import Ltv
from joren.points.backtest import backtest, fits, origins
from joren.points.liability import by_survival, liability_rows
from joren.points.liability_charts import (
    answers,
    liability_months,
    redemption_fan,
    text_name,
    unused_curves,
)
from joren.points.liability_tables import final_shares, used_shares
from joren.points.redemption import unused_curve
from joren.points.revenue import exact
from joren.points.triangle import CLASSES, UNTOLD
from joren.text import LANGUAGES, has


@pytest.fixture(scope="module")
def shown():
    found = {"<=12m": simulated(np.random.default_rng(5), months=12, ahead=0)}
    at = fits(found, origins(found), Ltv(draws=200, chains=2, inference="laplace"), seed=1)
    now = by_survival(at[max(at)], 0.9, 1)
    rows = liability_rows(now, [], exact(1))
    tested = backtest(found, at, 0.9, 1)
    return {
        "fan": redemption_fan(used_shares(found), final_shares(found, now, 11)),
        "curves": unused_curves(unused_curve(at[max(at)], 0.9)),
        "months": liability_months(rows[rows.cohort == "total"], "JPY"),
        "answers": answers(tested[tested.predictor == "survival"]),
    }


@pytest.mark.parametrize("name", ["fan", "curves", "months", "answers"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_name_their_axis_and_show_something(shown, name, language):
    figure = shown[name](language)
    axes = figure.axes[0]

    assert axes.get_ylabel()
    assert len(axes.lines) + len(axes.collections) > 0
    plt.close(figure)


def test_every_class_has_its_name_and_its_sentence():
    for name in (*CLASSES, UNTOLD):
        assert has(f"liability.validity.{text_name(name)}")
        assert has(f"liability.breakage_class.{text_name(name)}")


def test_a_fan_of_cohorts_that_are_all_over_has_no_whisker():
    seen = pd.DataFrame({"cohort": [np.datetime64("2025-01-01")], "age": [0], "used_share": [0.2]})
    empty = pd.DataFrame(columns=["cohort", "age", "used_share", "lower", "upper"])
    figure = redemption_fan(seen, empty)("en")

    assert len(figure.axes[0].lines) == 1
    plt.close(figure)
