import pytest

from joren.points.subsidy import subsidy_share
from joren.stats.effects import rate_effect
from joren.stats.moments import of_counts


def test_the_share_is_what_the_hold_out_buys_of_what_the_treated_buy():
    found = subsidy_share(rate_effect(of_counts(1000, 200), of_counts(1000, 150), 0.9))
    assert found.value == pytest.approx(0.75)
    assert 0 < found.lower < 0.75 < found.upper <= 1


def test_where_points_brought_nobody_all_were_given_away():
    found = subsidy_share(rate_effect(of_counts(1000, 150), of_counts(1000, 150), 0.9))
    assert (found.value, found.upper) == (1.0, 1.0)
    assert found.lower < 1


def test_a_hold_out_of_which_nobody_bought_cannot_tell():
    assert subsidy_share(rate_effect(of_counts(100, 20), of_counts(100, 0), 0.9)) is None
    assert subsidy_share(rate_effect(of_counts(100, 0), of_counts(100, 20), 0.9)) is None
