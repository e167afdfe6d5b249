"""A campaign granted by past spend is read at its threshold, sharp or fuzzy."""

from __future__ import annotations

import pytest
from tests.experiments.shops import AS_OF, EFFECT, START, shop

from joren.errors import JorenError
from joren.experiments.comparison import population
from joren.experiments.quasi_readout import read_out_quasi
from joren.experiments.threshold_readout import at_threshold, threshold_rows
from joren.params_campaigns import Threshold

RULE = Threshold(by="orders_before", at=6)


@pytest.fixture(scope="module")
def world():
    tables, plan, reached, facts = shop(5, customers=1500, above=6000)
    people = population(tables("customers"), reached, facts, "C1", START).cache()
    return tables, plan, reached, facts, people


def test_the_rule_decides_who_is_treated(world):
    _tables, plan, _reached, facts, people = world
    rows = threshold_rows(RULE, people, "treatment", facts, plan).to_pandas()
    assert len(rows) == 1500
    assert ((rows.running >= 6) == rows.treated).all()
    assert (rows.revenue_before == 1000 * rows.orders_before).all()


def test_the_effect_at_the_threshold_holds_the_planted_one(world):
    _tables, plan, _reached, facts, people = world
    found = at_threshold(RULE, people, "treatment", facts, plan, 0.9)
    assert found.lower < EFFECT < found.upper
    assert {check.name for check in found.checks} == {"density", "continuity"}


def test_the_readout_takes_the_threshold_of_the_parameters(world):
    tables, plan, reached, facts, _people = world
    given = {"C1": RULE}
    rows, _refused = read_out_quasi(
        [plan], reached, tables("customers"), facts, AS_OF, 0.9, 1, given
    )
    assert "regression_discontinuity" in {row.design for row in rows}


def test_a_threshold_nobody_followed_is_refused():
    tables, plan, reached, facts = shop(6)  # treated by lot
    people = population(tables("customers"), reached, facts, "C1", START).cache()
    with pytest.raises(JorenError, match="does not change who has the campaign"):
        at_threshold(RULE, people, "treatment", facts, plan, 0.9)
