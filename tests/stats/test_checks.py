"""A verdict has three outcomes, and only one of them counts as passed."""

from joren.stats.checks import by_p_value, undecided


def test_a_small_p_value_fails():
    assert by_p_value("pre_trend", 1.0, 0.04, 10).outcome == "failed"
    assert by_p_value("pre_trend", 1.0, 0.06, 10).passed


def test_what_cannot_be_told_is_not_passed():
    check = undecided("density", 3, values=2)

    assert not check.passed
    assert check.p_value is None
    assert check.facts == {"values": 2}
