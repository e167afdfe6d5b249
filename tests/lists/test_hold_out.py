"""The draw: random, repeatable, balanced, and kept."""

from __future__ import annotations

from datetime import datetime

import ibis
import numpy as np
import pytest
from scipy.stats import binomtest, chi2_contingency, kstest
from tests.lists.handmade import MOMENT, mapped, plain, rows_of

from joren.lists.hold_out import (
    draw_arms,
    earlier_arms,
    new_assignments,
    uniform,
    with_members,
)

PEOPLE = {"campaign_id": "string", "customer_id": "string", "stratum": "string"}
ARMS = {"campaign_id": "string", "customer_id": "string", "arm": "string"}


def arms_of(table):
    return {
        (row["campaign_id"], row["customer_id"]): row["arm"]
        for row in table.to_pyarrow().to_pylist()
    }


@pytest.fixture(scope="module")
def many(con):
    rows = ibis.range(20_000).unnest().name("n").as_table()
    two = rows.mutate(campaign_id=ibis.literal("a")).union(
        rows.mutate(campaign_id=ibis.literal("b"))
    )
    people = two.select(
        "campaign_id",
        customer_id=ibis.literal("C") + two.n.cast("string"),
        stratum=(two.n % 7).cast("string"),
    )
    return con.create_table("many_people", people, overwrite=True)


def test_numbers_are_uniform_and_of_two_campaigns_unrelated(many):
    numbers = many.mutate(u=uniform(many.customer_id, many.campaign_id, 1)).to_pandas()
    wide = numbers.pivot(index="customer_id", columns="campaign_id", values="u")

    assert kstest(wide.a, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(wide.a, wide.b)[0, 1]) < 0.03
    assert not (wide.a == wide.b).any()


def test_the_planned_share_is_held_out_in_every_stratum_and_campaigns_are_independent(many):
    drawn = draw_arms(many, None, {"a": 0.1, "b": 0.25}, 7).join(
        many, ["campaign_id", "customer_id"]
    )
    frame = drawn.to_pandas()
    frame["held"] = frame.arm == "control"
    by_stratum = frame.groupby(["campaign_id", "stratum"]).held.agg(["sum", "size"]).reset_index()
    expected = by_stratum["size"] * by_stratum.campaign_id.map({"a": 0.1, "b": 0.25})
    assert (abs(by_stratum["sum"] - expected) <= 1).all()
    assert frame.groupby("campaign_id").held.sum().to_dict() in (
        {"a": a, "b": b} for a in (2000,) for b in (5000,)
    )
    wide = frame.pivot(index="customer_id", columns="campaign_id", values="held")
    both = wide.groupby(["a", "b"]).size().unstack()
    assert chi2_contingency(both).pvalue > 1e-3


def test_over_seeds_everybody_is_held_out_with_the_planned_share_even_alone(con):
    few = plain(con, "few", PEOPLE, [("c", "A", "s"), ("d", "A", "s"), ("d", "B", "t")])
    seeds = range(150)
    draws = [arms_of(draw_arms(few, None, {"c": 0.3, "d": 0.3}, seed)) for seed in seeds]
    for person in draws[0]:
        held = sum(draw[person] == "control" for draw in draws)
        assert binomtest(held, len(draws), 0.3).pvalue > 1e-3, person


def test_the_order_of_rows_changes_nothing_and_the_seed_does(con):
    rows = [("c", f"C{n}", "x" if n % 3 else "y") for n in range(200)]
    forward = plain(con, "forward", PEOPLE, rows)
    backward = plain(con, "backward", PEOPLE, rows[::-1])
    first = arms_of(draw_arms(forward, None, {"c": 0.2}, 1))
    assert first == arms_of(draw_arms(backward, None, {"c": 0.2}, 1))
    assert first != arms_of(draw_arms(forward, None, {"c": 0.2}, 2))


@pytest.mark.parametrize(("share", "held"), [(0.0, 0), (1.0, 50)])
def test_nobody_or_everybody_can_be_held_out(con, share, held):
    people = plain(con, "people", PEOPLE, [("c", f"C{n}", "s") for n in range(50)])
    arms = arms_of(draw_arms(people, None, {"c": share}, 3))
    assert sum(arm == "control" for arm in arms.values()) == held


def test_who_has_an_arm_keeps_it_in_that_campaign_only(con):
    people = plain(con, "people", PEOPLE, [("c", "A", "s"), ("c", "B", "s"), ("d", "A", "s")])
    earlier = plain(con, "earlier", ARMS, [("c", "A", "control"), ("c", "Z", "treat")])
    arms = arms_of(draw_arms(people, earlier, {"c": 0.0, "d": 0.0}, 1))
    assert arms == {("c", "A"): "control", ("c", "B"): "treat", ("d", "A"): "treat"}


def test_arms_follow_a_merge_and_control_stays(con):
    log = plain(
        con, "log", ARMS, [("c", "OLD", "control"), ("c", "NEW", "treat"), ("c", "GONE", "treat")]
    )
    merge = {
        "event_id": "E1", "at": datetime(2026, 1, 1), "kind": "merge",
        "customer_ids_before": ["NEW", "OLD"], "customer_ids_after": ["NEW"], "reason": "",
        "actor": "rules",
    }  # fmt: skip
    history = rows_of(con, "history_given", [merge], "identity_history")
    earlier = earlier_arms(log, history, mapped(con, ("pos", "1", "NEW")))
    people = plain(con, "people", PEOPLE, [("c", "NEW", "s")])
    arms = draw_arms(people, earlier, {"c": 0.0}, 1).to_pyarrow().to_pylist()
    assert arms == [{"campaign_id": "c", "customer_id": "NEW", "arm": "control"}]
    assert earlier_arms(None, history, mapped(con, ("pos", "1", "NEW"))) is None


def test_a_later_step_of_the_run_keeps_the_arms_an_earlier_one_drew(con):
    first = plain(con, "first", PEOPLE, [("c", f"C{n}", "s") for n in range(20)])
    drawn = arms_of(draw_arms(first, None, {"c": 0.5}, 1))
    rows = [(*key, arm) for key, arm in drawn.items()] * 2  # on two lists of the campaign
    members = plain(con, "members", ARMS, [*rows, ("c", "C99", None)])
    before = plain(con, "before", ARMS, [("c", "C98", "control")])
    later = plain(con, "later", PEOPLE, [("c", f"C{n}", "t") for n in (*range(5, 40), 98, 99)])

    for earlier in (None, before):
        arms = arms_of(table := draw_arms(later, with_members(earlier, members), {"c": 0.5}, 1))
        assert table.count().execute() == len(arms) == 37
        kept = {key: arm for key, arm in drawn.items() if key in arms}
        assert len(kept) == 15
        assert {key: arms[key] for key in kept} == kept
    assert arms["c", "C98"] == "control"


def test_a_list_drawn_twice_for_one_day_is_logged_once(con):
    columns = {"list_id": "string", **PEOPLE, "arm": "string", "channel": "string",
               "hold_out": "float64"}  # fmt: skip
    members = plain(
        con, "members", columns,
        [("l1", "c", "A", "s", "treat", "email", 0.1), ("l1", "c", "B", "s", None, None, 0.1),
         ("l1", "c", "D", "s", "control", "line", 0.1)],
    )  # fmt: skip
    first = new_assignments(members, None, MOMENT)
    rows = {row["customer_id"]: row for row in first.to_pyarrow().to_pylist()}
    assert rows.keys() == {"A", "D"}
    assert rows["D"] == {
        "list_id": "l1", "campaign_id": "c", "customer_id": "D", "arm": "control", "stratum": "s",
        "channel": "line", "assigned_at": MOMENT, "planned_share": 0.1,
    }  # fmt: skip
    log = con.create_table("logged", first, overwrite=True)
    assert new_assignments(members, log, MOMENT).count().execute() == 0
