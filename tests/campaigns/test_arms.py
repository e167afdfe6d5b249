import pytest
from tests.campaigns.handmade import Tables, assigned, known, plan

from joren.campaigns.arms import count_arms
from joren.campaigns.audience import assigned_customers


def arms_of(sizes: dict[str, int], shares: dict[str, float] | None):
    people = {arm: [f"{arm}{i}" for i in range(n)] for arm, n in sizes.items()}
    rows = [row for arm, names in people.items() for row in assigned(arm, *names)]
    tables = Tables(assignments=rows, identity_map=known(*(n for p in people.values() for n in p)))
    found = assigned_customers(tables("canonical/assignments"), tables("identity_map"))
    return count_arms(found, [plan(shares=shares)]).get("C1")


def test_arms_of_the_planned_sizes_can_be_compared():
    arms = arms_of({"control": 20, "treatment": 80}, {"control": 0.2, "treatment": 0.8})
    assert arms.sizes == {"control": 20, "treatment": 80}
    assert arms.treated == ("treatment",)
    assert arms.srm.p == pytest.approx(1)
    assert arms.sound


def test_arms_of_other_sizes_than_planned_cannot():
    arms = arms_of({"control": 50, "treatment": 50}, {"control": 0.1, "treatment": 0.9})
    assert arms.srm.p < 1e-20
    assert not arms.sound


def test_without_a_plan_shares_are_equal():
    assert arms_of({"control": 50, "treatment": 50}, None).srm.p == pytest.approx(1)
    assert not arms_of({"control": 10, "treatment": 90}, None).sound


def test_an_arm_the_plan_does_not_know_is_named_and_nothing_is_compared():
    arms = arms_of({"control": 20, "treatment": 80, "test": 1}, {"control": 1, "treatment": 4})
    assert arms.unplanned == ("test",)
    assert arms.srm is None
    assert not arms.sound


def test_without_a_hold_out_there_is_nothing_to_compare_with():
    arms = arms_of({"treatment": 30}, None)
    assert not arms.has_hold_out
    assert not arms.sound


def test_a_campaign_that_reached_nobody_has_no_arms():
    assert arms_of({}, None) is None


def test_sizes_are_a_check_of_what_is_read_out():
    planned, others = {"control": 0.5, "treatment": 0.5}, {"control": 0.1, "treatment": 0.9}
    sizes = {"control": 50, "treatment": 50}
    found = arms_of(sizes, planned).check()
    assert (found.name, found.outcome, found.n) == ("srm", "passed", 100)
    assert arms_of(sizes, others).check().outcome == "failed"
    assert arms_of(sizes | {"odd": 9}, planned).check().outcome == "failed"
    assert arms_of({"treatment": 9}, None).check().outcome == "undecided"
