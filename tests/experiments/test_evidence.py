"""Evidence carries its grade, its relative effect, and enters a return only where it may."""

import pytest

from joren.errors import JorenError
from joren.experiments.evidence import from_se, return_on_cost
from joren.stats.checks import Check


def _evidence(counterfactual=200.0, df=None):
    return from_se(
        "did", 10.0, 2.0, level=0.9, n=50, n_control=40, counterfactual=counterfactual, df=df
    )


def _sound(evidence):
    return evidence.with_checks(
        Check("pre_trend", "passed", 0.0, 0.6, 90), Check("placebo_dates", "passed", 0.0, 0.5, 90)
    )


def test_the_interval_is_normal_or_students():
    assert _evidence().upper == pytest.approx(10 + 2 * 1.6448536)
    assert _evidence(df=5).upper == pytest.approx(10 + 2 * 2.0150484)


def test_the_relative_effect_needs_something_to_be_relative_to():
    assert _evidence().relative[0] == pytest.approx(0.05)
    assert _evidence(counterfactual=None).relative is None
    assert _evidence(counterfactual=0.0).relative is None


def test_checks_decide_the_grade_and_a_repeated_one_replaces_the_earlier():
    sound = _sound(_evidence())

    assert (_evidence().grade, sound.grade) == ("D", "C")
    again = sound.with_checks(Check("pre_trend", "failed", 3.0, 0.001, 90))
    assert (again.grade, len(again.checks)) == ("D", 2)


def test_a_return_on_cost_from_sound_evidence():
    value, lower, upper = return_on_cost(_sound(_evidence()), 50, 3, 0.4, 300.0, "spring")

    assert value == pytest.approx(50 * 3 * 0.4 * 10 / 300 - 1)
    assert lower < value < upper


def test_weak_evidence_and_a_campaign_without_cost_give_no_return():
    with pytest.raises(JorenError, match="grade D"):
        return_on_cost(_evidence(), 50, 3, 0.4, 300.0, "spring")
    with pytest.raises(JorenError, match="no cost"):
        return_on_cost(_sound(_evidence()), 50, 3, 0.4, 0.0, "spring")


def test_an_unknown_design_is_refused():
    with pytest.raises(JorenError, match="no grade"):
        from_se("hunch", 1.0, 1.0, level=0.9, n=1, n_control=1, counterfactual=None)


def test_a_result_in_another_unit_keeps_its_grade_and_turns_with_its_sign():
    made = from_se("did", 2.0, 1.0, level=0.9, n=9, n_control=9, counterfactual=10.0)
    turned = made.times(-4)
    assert (turned.effect, turned.se, turned.counterfactual) == (-8.0, 4.0, -40.0)
    assert turned.lower == pytest.approx(-4 * made.upper)
    assert turned.grade == made.grade
