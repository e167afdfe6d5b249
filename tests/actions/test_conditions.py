"""Conditions of the playbook: values, lists, bounds, quantiles; what is unknown meets none."""

from __future__ import annotations

import pytest
from tests.actions.handmade import facts_of

from joren.actions.conditions import holds
from joren.errors import JorenError


def who(con, when, **named):
    facts = facts_of(
        con,
        {"customer_id": "a", "silent_days": 59, "status": "loyal", "ltv_365d": 1.0},
        {"customer_id": "b", "silent_days": 60, "status": "at_risk", "ltv_365d": 2.0},
        {"customer_id": "c", "silent_days": 200, "status": "dormant", "ltv_365d": 3.0},
        {"customer_id": "d"},
    )
    met = facts.filter(holds(facts, when, named))
    return "".join(sorted(met.customer_id.to_pyarrow().to_pylist()))


def test_values_lists_and_bounds(con):
    assert who(con, {"status": "loyal"}) == "a"
    assert who(con, {"status": ["loyal", "dormant"]}) == "ac"
    assert who(con, {"silent_days": {"at_least": 60, "below": 200}}) == "b"
    assert who(con, {"silent_days": {"at_least": "lapsed_days"}}, lapsed_days=60) == "bc"
    assert who(con, {"ltv_365d": {"at_least_quantile": 0.5}}) == "bc"
    assert who(con, {"status": ["at_risk"], "silent_days": {"at_least": 100}}) == ""
    assert who(con, {}) == "abcd"


def test_a_quantile_of_what_nobody_has_is_met_by_nobody(con):
    assert who(con, {"next_value": {"at_least_quantile": 0.5}}) == ""


@pytest.mark.parametrize("when", [{"mood": "good"}, {"silent_days": {"at_least": "days"}},
                                  {"silent_days": {"above": 3}}])  # fmt: skip
def test_what_cannot_be_asked_is_an_error(con, when):
    with pytest.raises(JorenError):
        who(con, when)
