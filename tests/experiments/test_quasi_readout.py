"""Every design that fits a campaign is tried; effects come per customer and campaign."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tests.experiments.shops import AS_OF, EFFECT, START, shop

from joren.contract import check_columns
from joren.engine import connect
from joren.experiments.quasi_readout import quasi_table, randomised_effects, read_out_quasi


@pytest.fixture(scope="module")
def found():
    tables, plan, reached, facts = shop(1)
    return read_out_quasi([plan], reached, tables("customers"), facts, AS_OF, 0.9, 1)


def of(rows, design, metric="revenue"):
    (row,) = [row for row in rows if (row.design, row.metric) == (design, metric)]
    return row.evidence


def test_difference_in_differences_holds_the_planted_effect_at_grade_c(found):
    evidence = of(found[0], "did")
    assert evidence.lower < EFFECT < evidence.upper
    assert evidence.lower > 0
    assert evidence.grade == "C"
    orders = of(found[0], "did", "orders")
    assert orders.lower < 1 < orders.upper


def test_synthetic_control_is_in_the_same_unit(found):
    evidence = of(found[0], "synthetic_control")
    assert evidence.lower < EFFECT < evidence.upper


def test_before_and_after_is_of_grade_d_whatever_it_finds(found):
    evidence = of(found[0], "before_after")
    assert evidence.grade == "D"
    record = next(r for r in quasi_table(found[0]).to_pylist() if r["design"] == "before_after")
    assert record["grade"] == "D"
    assert record["p_better"] is None


def test_a_series_of_the_whole_client_is_spread_over_those_treated(found):
    evidence = of(found[0], "interrupted_time_series")
    assert evidence.lower < EFFECT < evidence.upper


def test_the_table_keeps_its_contract(found):
    con = connect()
    check_columns(con.create_table("quasi", quasi_table(found[0])), "experiment_quasi")


def test_a_campaign_that_reached_everybody_has_nobody_to_be_compared_with():
    tables, plan, reached, facts = shop(2, customers=120, above=0)
    rows, refused = read_out_quasi([plan], reached, tables("customers"), facts, AS_OF, 0.9, 1)
    assert {row.design for row in rows} == {"before_after", "interrupted_time_series"}
    assert {one.design for one in refused} == {"did", "synthetic_control"}


def test_a_campaign_that_is_not_over_is_left_out():
    tables, plan, reached, facts = shop(2, customers=60)
    rows, refused = read_out_quasi([plan], reached, tables("customers"), facts, START, 0.9, 1)
    assert (rows, refused) == ([], [])


def test_randomised_effects_are_those_of_grade_a_for_everybody():
    con = connect()
    row = {"campaign_id": "C1", "arm": "a", "metric": "revenue", "segment": "all", "grade": "A",
           "effect": 1.0, "lower": 0.0, "upper": 2.0}  # fmt: skip
    rows = [row, row | {"arm": "b", "grade": "D"}, row | {"arm": "c", "segment": "rank:upper"}]
    table = con.create_table("readout", pa.Table.from_pylist(rows))
    assert randomised_effects(table, "revenue") == {("C1", "a"): (1.0, 0.0, 2.0)}
