"""Best day and hour: own moments where they tell something, everybody's where they do not."""

from __future__ import annotations

from math import inf

import pytest
from tests.lists.handmade import plain

from joren.actions.send_times import LEAST, pair_strength, send_times
from joren.contract import validate

SEEN = {"customer_id": "string", "weekday": "int64", "hour": "int64"}


def seen_of(con, moments):
    return plain(con, "given_moments", SEEN, moments)


def habits(con):
    """Half come on Mondays at 8, half on Fridays at 20; one came twice, on a Friday."""
    early = [(f"e{c}", 1, 8) for c in range(10) for _time in range(8)]
    late = [(f"l{c}", 5, 20) for c in range(11) for _time in range(8)]
    return seen_of(con, early + late + [("new", 1, 8), ("new", 1, 8)])


def test_people_with_habits_go_by_their_own_time_once_there_is_evidence(con):
    found = send_times(con, habits(con))
    rows = {row["customer_id"]: row for row in found.table.to_pyarrow().to_pylist()}
    assert (rows["e1"]["weekday"], rows["e1"]["hour"], rows["e1"]["own"]) == (1, 8, True)
    assert (rows["l1"]["weekday"], rows["l1"]["hour"]) == (5, 20)
    assert rows["l1"]["hour_share"] > 0.9
    # two moments are fewer than LEAST: everybody's time, which is Friday's by one customer
    assert LEAST > rows["new"]["events"] == 2
    assert (rows["new"]["weekday"], rows["new"]["hour"], rows["new"]["own"]) == (5, 20, False)
    assert (found.moments, found.customers, found.own) == (170, 22, 21)
    assert found.usual == {"weekday": 5, "hour": 20}
    validate(con.create_table("times", found.table, overwrite=True), "send_times")


def test_the_strength_is_that_of_pairs(con):
    # within customers all pairs agree: nothing is borrowed from others
    assert pair_strength(habits(con), "hour") == pytest.approx(0.0)


def test_where_nobody_has_a_time_of_her_own_everybodys_is_hers(con):
    # each customer once a day of the week, at each of two hours: no habit at all
    moments = [(f"c{c}", day, 9 + day % 2) for c in range(20) for day in range(1, 8)]
    found = send_times(con, seen_of(con, moments))
    assert found.strength == {"weekday": inf, "hour": inf}
    assert found.own == 0
    assert not found.hours_differ()
    assert {row["hour"] for row in found.table.to_pyarrow().to_pylist()} == {found.usual["hour"]}


def test_without_hours_there_is_no_answer(con):
    assert send_times(con, seen_of(con, [("a", 1, None)])) is None
