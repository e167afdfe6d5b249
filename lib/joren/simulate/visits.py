"""Orders before anything is rung up: who comes when, to which system, and on what occasion."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from joren.simulate.habits import POS, TEIKI, Habits
from joren.simulate.season import (
    NIGHT_HOURS,
    SHOP_HOURS,
    WEB_HOURS,
    at_hours,
    to_calendar,
    to_operational,
)
from joren.simulate.subscriptions import Subscriptions, order_days
from joren.simulate.weather import postpone_visits
from joren.simulate.world import DAYS, STORES, World

PASSERS_BY = 0.25  # sales to people without a card, for each customer


@dataclass(frozen=True)
class Visits:
    """Arrays over visits; -1 stands for nobody (a passer-by), no shop, subscription or campaign.

    `day` counts from START, with fractions; `sequence` is the number of the subscription's order;
    `campaign` and `arm` name the campaign that made an extra order and the treatment that did;
    `real` is false for an extra order of a treatment the person was not given.
    """

    person: np.ndarray
    day: np.ndarray
    system: np.ndarray
    store: np.ndarray
    subscription: np.ndarray
    sequence: np.ndarray
    campaign: np.ndarray
    arm: np.ndarray
    real: np.ndarray

    def __len__(self) -> int:
        return len(self.person)

    def take(self, which: np.ndarray) -> Visits:
        """The chosen visits, by mask or by position."""
        return Visits(*(getattr(self, field.name)[which] for field in fields(self)))

    def seconds(self) -> np.ndarray:
        """(n,) second since START: each system's hours, the visit's own day."""
        hours = np.where(self.system == POS, 0, 1)
        hours[(self.system == TEIKI) & (self.sequence > 1)] = 2
        second = np.empty(len(self), dtype=np.int64)
        for kind, times in enumerate((SHOP_HOURS, WEB_HOURS, NIGHT_HOURS)):
            second[hours == kind] = at_hours(self.day[hours == kind], times)
        return second


def make_visits(person: np.ndarray, day: np.ndarray, system: np.ndarray, **other) -> Visits:
    """Visits with nothing special about them, except what `other` says."""
    n = len(person)
    plain = {"store": -1, "subscription": -1, "sequence": 0, "campaign": -1, "arm": -1}
    columns = {name: np.full(n, value) for name, value in plain.items()}
    columns["real"] = np.ones(n, dtype=bool)
    return Visits(person=person, day=day, system=system, **(columns | other))


def pile_visits(parts: list[Visits]) -> Visits:
    """All visits, in no order."""
    return Visits(
        *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Visits))
    )


def join_visits(parts: list[Visits]) -> Visits:
    """All visits, each person's in time order."""
    joined = pile_visits(parts)
    return joined.take(np.lexsort((joined.day, joined.person)))


def subscription_visits(subscriptions: Subscriptions) -> Visits:
    """The paid orders of the subscriptions, future included."""
    position, sequence, day = order_days(subscriptions)
    person = subscriptions.person[position]
    system = np.full(len(person), TEIKI, dtype=np.int8)
    return make_visits(person, day, system, subscription=position, sequence=sequence)


def first_systems(world: World, chunk: int, habits: Habits) -> np.ndarray:
    """(n,) the system of each person's first order, subscriptions apart."""
    n = len(habits.store)
    return habits.choose_systems(world.rng("first system", chunk), np.arange(n))


def free_visits(
    world: World,
    chunk: int,
    habits: Habits,
    first_system: np.ndarray,
    bought: tuple[np.ndarray, np.ndarray],
    died: np.ndarray,
) -> Visits:
    """What people buy of their own accord: system, shop, and rain for the till visits.

    Parameters
    ----------
    world, chunk, habits : of n people
    first_system : (n,) system of each person's first order
    bought : (m,) person index ascending and (m,) day, as `processes.purchase_days` gives them
    died : (n,) first day without each person

    Returns
    -------
    m visits in the same order; the first of a person is never put off by rain
    """
    person, day = bought
    rng = world.rng("visits", chunk)
    system = habits.choose_systems(rng, person)
    first = np.diff(person, prepend=-1) != 0
    system[first] = first_system[person[first]]
    store = np.where(system == POS, habits.choose_stores(rng, person), -1)
    exposed = np.flatnonzero((system == POS) & (day < DAYS) & ~first)
    day = day.copy()
    day[exposed] = postpone_visits(world, rng, store[exposed], day[exposed], died[person[exposed]])
    return make_visits(person, day, system, store=store)


def passers_by(world: World, chunk: int, people: int) -> Visits:
    """Till sales to nobody known; one of the first chunk's is on the window's last day."""
    rng = world.rng("passers-by", chunk)
    n = rng.poisson(PASSERS_BY * people)
    day = to_calendar(rng.random(n) * to_operational(np.array(float(DAYS))))
    if chunk == 0:
        # the newest order tells an importer up to when the data go
        day = np.append(day, DAYS - 0.01)
    store = rng.integers(0, len(STORES), len(day))
    nobody = np.full(len(day), -1)
    return make_visits(nobody, day, np.full(len(day), POS, dtype=np.int8), store=store)
