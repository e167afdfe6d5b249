import numpy as np
import pytest

from joren.stats.incidence import came_by, share_by_step


def _table(*counts: list[int]) -> np.ndarray:
    return np.array([counts], float)[:, :, 0] if np.ndim(counts[0]) else np.array([counts], float)


def test_without_losses_it_is_the_plain_share_of_everybody():
    came, gone = _table(30, 20, 10), _table(5, 15, 0)
    found = came_by(came, gone, _table(0, 0, 20))

    assert found.share[0] == pytest.approx(0.6)
    assert found.n[0] == pytest.approx(100)
    assert found.complete[0]


def test_the_kaplan_meier_estimate_of_freireich_is_the_published_one():
    # 6-MP group (Freireich et al. 1963): S(6) = .857, S(10) = .753, S(23) = .448, its Greenwood
    # standard error .135
    weeks = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    watched = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    came, lost = np.zeros((1, 24)), np.zeros((1, 24))
    for week in weeks:
        came[0, week] += 1
    for week in watched:
        lost[0, min(week, 23)] += 1
    none = np.zeros_like(came)
    by_week = share_by_step(came, none, lost)[0]
    found = came_by(came, none, lost)

    assert 1 - by_week[[6, 10, 23]] == pytest.approx([0.857, 0.753, 0.448], abs=5e-4)
    assert found.share[0] == pytest.approx(by_week[23])
    error = np.sqrt(found.share[0] * (1 - found.share[0]) / found.n[0])
    assert error == pytest.approx(0.135, abs=5e-4)


def test_who_leaves_for_good_can_no_longer_come():
    came, gone, lost = _table(10, 45), _table(80, 0), _table(0, 45)
    # 10 of 180 come and 80 leave at once; of the 90 still there half come
    assert came_by(came, gone, lost).share[0] == pytest.approx(10 / 180 + 90 / 180 * 0.5)


def test_a_share_nobody_was_watched_long_enough_for_is_not_complete():
    came, lost = np.array([[5.0, 0.0], [5.0, 0.0]]), np.array([[5.0, 0.0], [0.0, 5.0]])
    found = came_by(came, np.zeros_like(came), lost)

    assert found.complete.tolist() == [False, True]


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(3)
    held, runs = 0, 400
    for _run in range(runs):
        days = rng.geometric(0.05, 120)
        watched = rng.integers(1, 60, 120)
        came, lost = np.zeros((1, 31)), np.zeros((1, 31))
        seen = (days <= 30) & (days <= watched)
        np.add.at(came[0], days[seen], 1)
        np.add.at(lost[0], np.minimum(watched, 30)[~seen], 1)
        lower, upper = came_by(came, np.zeros_like(came), lost).interval(0.9)
        held += lower[0] <= 1 - 0.95**30 <= upper[0]

    assert held / runs >= 0.9 - 3 * np.sqrt(0.09 / runs)
