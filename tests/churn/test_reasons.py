import numpy as np
import pytest

from joren.churn.hazard import coordinates
from joren.churn.reasons import reasons
from joren.churn.risk import Categories, Places
from joren.churn.states import States

CATEGORIES = Categories(
    ("soap", "tea"), {"first_channel": ("ec", "pos"), "cohort": ("0",), "cycle": ("usual",)}
)


def _states(*rows: tuple[int, int, int, int]) -> States:
    """(course, channel, orders made, decisions waived)"""
    course, channel, made, waived = np.array(rows).T
    zeros = np.zeros(len(rows), int)
    level = {"first_channel": channel, "cohort": zeros, "cycle": zeros}
    places = Places(course, level, waived.astype(float), made.astype(float))
    one = np.ones(len(rows))
    return States(None, places, 0 * one, 30 * one, one, one, one, one)


@pytest.fixture
def draws():
    """Coordinates at their prior's centre but for those named, alike in 50 draws."""

    def make(**changed: float) -> dict[str, np.ndarray]:
        found = {}
        for cause in ("voluntary", "other", "payment"):
            names = coordinates(cause, CATEGORIES)
            found[cause] = np.zeros((len(names), 50))
            for key, value in changed.items():
                of, name = key.split("__")
                if of == cause:
                    found[cause][names.index(name.replace("_at_", ":"))] = value
        return found

    return make


def test_the_level_that_raises_the_odds_is_named(draws):
    states = _states((0, 0, 3, 0), (0, 1, 3, 0))
    found = reasons(states, draws(voluntary__first_channel_at_pos=2.0), CATEGORIES, sure=0.9)

    assert found == [[], ["first_channel:pos"]]


def test_few_orders_and_a_worse_course_are_reasons_the_stronger_first(draws):
    states = _states((1, 0, 1, 0), (1, 0, 20, 0), (0, 0, 1, 0), (0, 0, 20, 0))
    found = reasons(states, draws(voluntary__mean_at_tea=4.0), CATEGORIES, sure=0.9)

    assert found[0] == ["order:1", "course:tea"]
    assert found[1] == ["course:tea"]
    assert found[2] == ["order:1"]
    assert found[3] == []


def test_nothing_raises_the_odds_of_who_is_held_by_a_commitment(draws):
    states = _states((0, 0, 1, 3), (0, 0, 30, 0))

    assert reasons(states, draws(), CATEGORIES, sure=0.9) == [[], []]


def test_a_course_whose_payments_fail_is_named(draws):
    states = _states((0, 0, 5, 0), (1, 0, 5, 0))
    found = reasons(states, draws(payment__level_at_soap=3.0), CATEGORIES, sure=0.9)

    assert found == [["payment"], []]


def test_what_the_draws_disagree_on_is_no_reason(draws):
    doubtful = draws(voluntary__first_channel_at_pos=2.0)
    names = coordinates("voluntary", CATEGORIES)
    doubtful["voluntary"][names.index("first_channel:pos"), :10] = -0.1

    states = _states((0, 0, 3, 0), (0, 1, 3, 0))
    assert reasons(states, doubtful, CATEGORIES, sure=0.9) == [[], []]
    assert reasons(states, doubtful, CATEGORIES, sure=0.7) == [[], ["first_channel:pos"]]
