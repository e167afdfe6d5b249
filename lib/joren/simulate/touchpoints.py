"""What happens between customer and retailer besides buying, and what it does to the relationship.

Three touchpoints are causes, each with a stated effect on how long the relationship lasts:

1. A first purchase at a shop event: the lifetime is EVENT_FACTOR times what it would be.
2. The LINE account, added some time after the first order: the rest of the lifetime is
   LINE_FACTOR times as long.
3. A complaint call, which may follow any order: with probability COMPLAINT_ENDS the relationship
   ends within COMPLAINT_DAYS days of it.

Questions to the call centre, visits to the web store and uses of the app change nothing. Effects
are taken in this order; `Exposures` keeps the end of the relationship with and without each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from joren.simulate.habits import POS, WEB, Habits
from joren.simulate.processes import Processes
from joren.simulate.season import CALL_HOURS, HORIZON, SHOP_HOURS, WEB_HOURS, at_hours
from joren.simulate.world import DAYS, World

EVENT_SHARE, EVENT_FACTOR = 0.12, 0.5  # of those whose first order is at a till
LINE_SHARE, LINE_WAIT_DAYS, LINE_FACTOR = 0.4, 60.0, 1.6
COMPLAINT_RATE = 0.012  # complaints an order
COMPLAINT_ENDS, COMPLAINT_DAYS = 0.5, 30
IDLE = {  # touchpoints without effect: channel, a day and person while the relationship lasts
    "inquiry": ("call", 0.0008),
    "site_visit": ("web", 0.006),
    "app_open": ("app", 0.004),
}
CHECKED_IN = 600  # seconds before the purchase at the event
CAUSES = ("event_checkin", "line_add", "complaint")


@dataclass(frozen=True)
class Exposures:
    """Who met a cause and when (days), and the relationship's end with it and without it."""

    cause: str
    person: np.ndarray
    day: np.ndarray
    ends: np.ndarray
    ends_without: np.ndarray

    def before(self, died: np.ndarray) -> Exposures:
        """Those of people who were still customers: (n,) first day without each person."""
        met = self.day < died[self.person]
        arrays = (self.person, self.day, self.ends, self.ends_without)
        return Exposures(self.cause, *(array[met] for array in arrays))


def start_at_event(
    world: World, chunk: int, processes: Processes, at_till: np.ndarray
) -> Exposures:
    """Those who came through a shop event, among those whose first order is at a till."""
    rng = world.rng("event", chunk)
    person = np.flatnonzero(at_till & (rng.random(len(at_till)) < EVENT_SHARE))
    start, ends = processes.acquired[person], processes.ends[person]
    return Exposures(CAUSES[0], person, start, start + EVENT_FACTOR * (ends - start), ends)


def add_line(world: World, chunk: int, processes: Processes, ends: np.ndarray) -> Exposures:
    """Those who add the LINE account while they are customers (ends: (n,) days so far)."""
    rng = world.rng("line", chunk)
    n = len(ends)
    willing = rng.random(n) < LINE_SHARE
    day = processes.acquired + rng.exponential(LINE_WAIT_DAYS, n)
    person = np.flatnonzero(willing & (day < np.minimum(ends, DAYS)))
    day, ends = day[person], ends[person]
    return Exposures(CAUSES[1], person, day, day + LINE_FACTOR * (ends - day), ends)


def complain(
    world: World, chunk: int, person: np.ndarray, day: np.ndarray, died: np.ndarray
) -> Exposures:
    """Complaint calls one to three days after an order, and the ends they bring.

    Parameters
    ----------
    world, chunk : give the randomness
    person, day : (m,) every order of the chunk
    died : (n,) first day without each person, complaints apart

    Returns
    -------
    Exposures whose `ends` are whole days; calls a customer made after an earlier complaint had
    ended the relationship are left out
    """
    rng = world.rng("complaint", chunk)
    angry = rng.random(len(person)) < COMPLAINT_RATE
    person = person[angry]
    day = np.floor(day[angry]) + rng.integers(1, 4, len(person)) + rng.random(len(person))
    leaves = rng.random(len(person)) < COMPLAINT_ENDS
    last = np.floor(day) + 1 + rng.integers(0, COMPLAINT_DAYS, len(person))
    ends = np.where(leaves, np.minimum(last, died[person]), died[person])
    first_end = died.copy()
    np.minimum.at(first_end, person, np.where(day < died[person], ends, np.inf))
    made = day < first_end[person]
    return Exposures(CAUSES[2], person[made], day[made], ends[made], died[person[made]])


def idle_events(
    world: World, chunk: int, processes: Processes, habits: Habits, died: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Touchpoints without effect inside the window: person index and day, by touchpoint."""
    rng = world.rng("idle", chunk)
    until = np.minimum(died, DAYS)
    # each is open to those who use that side of the shop
    able = {
        "inquiry": np.ones(len(died), dtype=bool),
        "site_visit": habits.shares[:, WEB] > 0,
        "app_open": habits.shares[:, POS] > 0,
    }
    found = {}
    for touchpoint, (_, rate) in IDLE.items():
        span = np.maximum(until - processes.acquired, 0) * able[touchpoint]
        person = np.repeat(np.arange(len(died)), rng.poisson(rate * span))
        day = processes.acquired[person] + rng.random(len(person)) * span[person]
        found[touchpoint] = (person, day)
    return found


def touch_seconds(touchpoint: str, day: np.ndarray) -> np.ndarray:
    """(n,) second since START at which a touchpoint of these days takes place."""
    if touchpoint == "event_checkin":
        return at_hours(day, SHOP_HOURS) - CHECKED_IN
    calls = touchpoint in ("complaint", "inquiry")
    return at_hours(day, CALL_HOURS if calls else WEB_HOURS)


def last_days(ends: np.ndarray) -> np.ndarray:
    """Ends as whole days, never beyond the horizon: the first day without the customer."""
    return np.minimum(np.ceil(ends), HORIZON)
