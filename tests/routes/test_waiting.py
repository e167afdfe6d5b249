import numpy as np
import pytest

from joren.routes.waiting import waits


def test_people_watched_beyond_the_horizon_are_lost_on_its_last_day(rows):
    given = [
        {"group": "a", "waited": 3, "watched": 50}, {"group": "a", "waited": 20, "watched": 50},
        {"group": "a", "waited": None, "watched": 7}, {"group": "b", "waited": None, "watched": 99},
    ]  # fmt: skip
    found = waits(rows(given), ["group"], 10)

    assert found.groups.group.tolist() == ["a", "b"]
    assert found.n.tolist() == [3, 1]
    assert found.came[0].nonzero()[0].tolist() == [3]
    assert found.lost[0].nonzero()[0].tolist() == [7, 10]
    assert found.followed.tolist() == [2, 1]


def test_usual_days_are_of_those_who_come_and_half_is_of_all(rows):
    given = [{"group": "a", "waited": day, "watched": 40} for day in (2, 4, 9)]
    given += [{"group": "a", "waited": None, "watched": 40}] * 2
    found = waits(rows(given), ["group"], 30)

    assert found.share().share[0] == pytest.approx(0.6)
    assert found.usual_days()[0] == 4
    assert found.days_to_half()[0] == 9


def test_nobody_coming_has_no_usual_days(rows):
    found = waits(rows([{"group": "a", "waited": None, "watched": 40},
                        {"group": "b", "waited": 1, "watched": 40}]), ["group"], 30)  # fmt: skip
    assert np.isnan(found.usual_days()[0])
    assert np.isnan(found.days_to_half()[0])
