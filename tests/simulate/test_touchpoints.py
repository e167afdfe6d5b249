"""Touchpoints and their stated effects on the relationship."""

from __future__ import annotations

import numpy as np

from joren.simulate.processes import draw_processes
from joren.simulate.season import HORIZON
from joren.simulate.touchpoints import (
    COMPLAINT_DAYS,
    COMPLAINT_ENDS,
    COMPLAINT_RATE,
    EVENT_FACTOR,
    EVENT_SHARE,
    LINE_FACTOR,
    Exposures,
    add_line,
    complain,
    last_days,
    start_at_event,
    touch_seconds,
)
from joren.simulate.world import CHUNK, DAYS, World

WORLD = World(CHUNK, seed=5)
PROCESSES = draw_processes(WORLD, 0)


def test_an_event_start_shortens_the_lifetime_by_its_factor():
    at_till = np.arange(CHUNK) % 2 == 0
    event = start_at_event(WORLD, 0, PROCESSES, at_till)
    assert at_till[event.person].all()
    share = len(event.person) / at_till.sum()
    assert abs(share - EVENT_SHARE) < 4 * np.sqrt(EVENT_SHARE / at_till.sum())
    lived = event.ends_without - event.day
    np.testing.assert_allclose(event.ends - event.day, EVENT_FACTOR * lived)
    np.testing.assert_array_equal(event.ends_without, PROCESSES.ends[event.person])


def test_line_lengthens_what_is_left_and_only_customers_add_it():
    line = add_line(WORLD, 0, PROCESSES, PROCESSES.ends)
    assert (line.day >= PROCESSES.acquired[line.person]).all()
    assert (line.day < np.minimum(line.ends_without, DAYS)).all()
    np.testing.assert_allclose(line.ends - line.day, LINE_FACTOR * (line.ends_without - line.day))
    assert 0.2 * CHUNK < len(line.person) < 0.4 * CHUNK


def test_a_complaint_ends_the_relationship_within_days_with_its_probability():
    n = 400_000
    complaint = complain(WORLD, 0, np.arange(n), np.full(n, 100.5), np.full(n, float(HORIZON)))
    calls = len(complaint.person)
    assert abs(calls - COMPLAINT_RATE * n) < 4 * np.sqrt(COMPLAINT_RATE * n)
    assert complaint.day.min() >= 101
    assert complaint.day.max() < 104
    gone = complaint.ends - complaint.day
    leaves = complaint.ends < HORIZON
    assert gone[leaves].max() <= COMPLAINT_DAYS
    assert gone[leaves].min() > 0
    assert abs(leaves.mean() - COMPLAINT_ENDS) < 4 * 0.5 / np.sqrt(calls)


def test_nobody_complains_after_having_left():
    person = np.repeat(np.arange(3_000), 400)
    day = np.tile(np.arange(400.0), 3_000)
    died = np.full(3_000, 405.0)
    complaint = complain(WORLD, 1, person, day, died)
    last = died.copy()
    np.minimum.at(last, complaint.person, complaint.ends)
    assert (complaint.day < last[complaint.person]).all()
    assert np.bincount(complaint.person).max() > 1
    left = (last < 405).mean()
    assert left > 0.85


def test_touchpoints_after_the_end_are_left_out():
    exposures = Exposures("line_add", *(np.array(v) for v in ([0, 1], [5.5, 5.5], [9, 8], [7, 6])))
    met = exposures.before(np.array([5.0, 6.0]))
    assert (met.person, met.day, met.ends, met.ends_without) == (1, 5.5, 8, 6)


def test_ends_are_whole_days_and_calls_come_in_office_hours():
    assert last_days(np.array([3.2, 4.0, 1e9])).tolist() == [4, 4, HORIZON]
    hour = touch_seconds("complaint", np.random.default_rng(1).random(1_000)) / 3_600
    assert hour.min() >= 9
    assert hour.max() <= 18
    assert touch_seconds("event_checkin", np.array([2.0])) == 2 * 86_400 + 10 * 3_600 - 600
