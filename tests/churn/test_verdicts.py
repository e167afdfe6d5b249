from dataclasses import replace

import numpy as np
import pytest

from joren import text
from joren.churn.curves import continuation, ends_by_order
from joren.churn.verdicts import (
    fit_sentences,
    most_valuable,
    reached_sentence,
    riskiest_order,
    untold,
    untold_sentences,
)  # fmt: skip

LABELS = {"G0": "Juice", "G1": "Serum", "G2": "Tea"}


def _spread(fit, cause: str, name: str, sd: float):
    """The fit with one coordinate's draws stretched to a standard deviation."""
    found = fit.hazards[cause]
    draws = found.draws.copy()
    at = found.parameters.index(name)
    draws[:, at] *= sd / found.sd()[at]
    return replace(fit, hazards=fit.hazards | {cause: replace(found, draws=draws)})


def test_a_shape_as_wide_as_its_prior_is_said_to_be_an_assumption(client):
    assert "voluntary.power" not in untold(client.fit)

    doubtful = _spread(client.fit, "voluntary", "power", 0.95)
    assert "voluntary.power" in untold(doubtful)
    keys = [key for key, _facts in untold_sentences(doubtful, LABELS)]
    assert keys == ["churn.untold.voluntary.power"]


def test_a_course_with_few_ends_is_said_to_lean_on_the_others(client):
    cells = client.fit.cells
    few = np.where(cells.places.course == 2, 0.0, cells.ends["voluntary"])
    fit = replace(client.fit, cells=replace(cells, ends=cells.ends | {"voluntary": few}))

    ((key, facts),) = untold_sentences(fit, LABELS)
    assert key == "churn.few_ends"
    assert (facts["course"], facts["value"]) == ("Tea", 0)


def test_a_sound_fit_is_said_to_be_one_and_an_unsound_one_is_not(client):
    ((key, _facts),) = fit_sentences(client.fit)
    assert key == "churn.fit_sound.laplace"

    weak = replace(client.fit.hazards["payment"], k_hat=0.9)
    fit = replace(client.fit, hazards=client.fit.hazards | {"payment": weak})
    ((key, facts),) = fit_sentences(fit)
    assert key == "churn.fit_doubtful"
    assert facts["problems"] == "k̂"


def test_the_riskiest_order_is_a_single_one(client):
    key, facts = riskiest_order(ends_by_order(client.fit.cells, 0.9))

    assert key == "churn.riskiest_order"
    assert facts["order"] in (1, 2, 3)
    assert facts["lower"] < facts["value"] < facts["upper"]


def test_how_many_reach_an_order_is_said_with_its_interval(client):
    curves = continuation(client.fit.cells, client.fit.draws(50), 0.9)
    key, facts = reached_sentence(curves, "G1", "Serum", 6)

    assert key == "churn.reached"
    assert facts["lower"] < facts["value"] < facts["upper"] < 1
    assert facts["n"] == client.fit.cells.at_risk[
        (client.fit.cells.places.course == 1) & (client.fit.cells.places.decision == 1)
    ].sum()  # fmt: skip


def test_the_most_valuable_course_is_named():
    import pandas as pd

    each = {"each": [5.0, 9.0], "each_lower": [4.0, 7.0], "each_upper": [6.0, 11.0]}
    courses = pd.DataFrame({"course": ["G0", "G1"], "active": [3, 4], "orders": [2.0, 3.0]} | each)
    key, facts = most_valuable(courses, LABELS)

    assert (key, facts["course"], facts["value"], facts["n"]) == ("churn.value_each", "Serum", 9, 4)


@pytest.mark.parametrize("name", ["mean", "concentration", "power"])
def test_every_shape_that_may_be_untold_has_a_text(name):
    assert text.has(f"churn.untold.voluntary.{name}")
