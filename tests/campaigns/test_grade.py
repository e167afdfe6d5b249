"""Grades follow the rule: what a design asks for, passed, or it is a D."""

import pytest

from joren.campaigns.grade import ASKED, grade, missing, require_for_roi
from joren.errors import JorenError
from joren.stats.checks import Check, undecided


def _passed(*names):
    return [Check(name, "passed", 0.0, 0.5, 10) for name in names]


@pytest.mark.parametrize(
    ("design", "best"),
    [
        ("randomised", "A"),
        ("natural_hold_out", "B"),
        ("did", "C"),
        ("synthetic_control", "C"),
        ("regression_discontinuity", "C"),
        ("interrupted_time_series", "C"),
        ("before_after", "D"),
    ],
)
def test_a_design_reaches_its_best_grade_with_every_check_passed(design, best):
    assert grade(design, _passed(*ASKED[design][1])) == best


@pytest.mark.parametrize("design", [d for d in ASKED if d != "before_after"])
def test_each_check_that_lacks_makes_it_a_d(design):
    asked = ASKED[design][1]
    for left_out in asked:
        rest = _passed(*(name for name in asked if name != left_out))
        assert grade(design, rest) == "D"
        assert missing(design, rest) == [left_out]
        assert grade(design, [*rest, undecided(left_out, 2)]) == "D"


def test_a_failed_check_that_was_not_asked_for_counts_too():
    checks = [*_passed("srm"), Check("balance", "failed", 0.4, 0.001, 10)]

    assert grade("randomised", checks) == "D"


def test_an_unknown_design_has_no_grade():
    with pytest.raises(JorenError, match="no grade"):
        grade("gut_feeling", [])


def test_grade_d_does_not_enter_a_return():
    require_for_roi("C", "spring")
    with pytest.raises(JorenError, match=r"grade D.*spring"):
        require_for_roi("D", "spring")
