from math import comb

import pytest
from tests.stats.hillstrom import SIZES

from joren.errors import JorenError
from joren.stats.srm import sample_ratio


def test_hillstroms_arms_are_as_planned():
    found = sample_ratio(SIZES)
    assert found.p == pytest.approx(0.9036929576, abs=1e-9)
    assert not found.mismatch


def test_nine_thousand_beside_ninety_one_thousand_is_not_one_to_nine():
    found = sample_ratio({"control": 9_000, "mail": 91_000}, {"control": 10, "mail": 90})
    assert found.p == pytest.approx(5.5946e-26, rel=1e-4)
    assert found.mismatch
    assert found.threshold == 0.001
    assert found.expected == {"control": pytest.approx(10_000), "mail": pytest.approx(90_000)}


def test_few_customers_are_tested_exactly():
    found = sample_ratio({"a": 0, "b": 8})
    assert found.method == "exact"
    assert found.p == pytest.approx(2 / 2**8)


def test_three_small_arms_sum_every_split_that_is_no_likelier():
    found = sample_ratio({"a": 0, "b": 1, "c": 5})
    chances = {(i, j): comb(6, i) * comb(6 - i, j) / 3**6 for i in range(7) for j in range(7 - i)}
    own = chances[0, 1]
    assert found.p == pytest.approx(sum(c for c in chances.values() if c <= own * 1.000001))


def test_a_small_share_of_many_customers_is_tested_exactly():
    assert sample_ratio({"a": 2, "b": 9_998}, {"a": 0.0002, "b": 0.9998}).p == pytest.approx(1)


def test_an_arm_that_nobody_reached_counts_as_empty():
    assert sample_ratio({"a": 900}, {"a": 0.5, "b": 0.5}).mismatch


@pytest.mark.parametrize(
    ("observed", "planned", "what"),
    [
        ({"a": 1, "x": 3}, {"a": 1.0}, "arm x has no planned share"),
        ({"a": 1, "b": 3}, {"a": 1.0, "b": 0.0}, "not positive"),
        ({"a": 0, "b": 0}, None, "nobody"),
    ],
)
def test_a_plan_that_cannot_be_held_against_arms_is_an_error(observed, planned, what):
    with pytest.raises(JorenError, match=what):
        sample_ratio(observed, planned)
