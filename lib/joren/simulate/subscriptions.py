"""Subscription courses: who takes one, how often it renews, when and why it ends.

1. SHARE of people take one course once, a part of them as their very first order.
2. The number of paid orders until the subscriber leaves is beta-discrete-Weibull: theta ~
   Beta(a, b) per subscription, P(more than t orders) = (1 - theta)^(t^c). In a course with a
   commitment of m orders, t counts from the last committed order.
3. A renewal's payment fails for good with PAYMENT_FAILS; the earlier of both ends counts.
4. A subscriber stays a customer at least as long as the subscription runs.

Fader, Hardie, Liu, Davin & Steenburgh (2018), Marketing Science 37(2).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from joren.simulate.catalogue import COURSES
from joren.simulate.processes import Processes
from joren.simulate.season import HORIZON
from joren.simulate.world import DAYS, World

SHARE = 0.105  # of people; some of them leave before they would have started
AT_ONCE = 0.5  # of subscribers: the subscription is their first order
WAIT_DAYS = 90.0  # mean wait of the others
PAYMENT_FAILS = 0.008  # a renewal
SECOND_PACK = 0.15  # share that takes two a time
REASONS = ("voluntary", "payment", "commitment_end", "other")
VOLUNTARY, PAYMENT, COMMITMENT_END, OTHER = range(4)


@dataclass(frozen=True)
class Subscriptions:
    """Arrays over a chunk's subscriptions: person index, position in COURSES, packs an order,
    first day, paid orders in all (whatever the horizon), day of its end and reason."""

    person: np.ndarray
    course: np.ndarray
    packs: np.ndarray
    started: np.ndarray
    orders: np.ndarray
    ended: np.ndarray
    reason: np.ndarray

    def cut(self, died: np.ndarray) -> Subscriptions:
        """What is left when relationships end early: (n,) first day without each person."""
        begun = self.started < died[self.person]
        left = Subscriptions(*(getattr(self, field.name)[begun] for field in fields(self)))
        last = died[left.person]
        cut = (last < left.ended) & (last < HORIZON)
        return replace(
            left,
            ended=np.where(cut, last, left.ended),
            reason=np.where(cut, OTHER, left.reason),
        )


def draw_subscriptions(
    world: World, chunk: int, processes: Processes, ends: np.ndarray
) -> Subscriptions:
    """Draw the subscriptions of people whose relationships end at `ends` (days) without them."""
    rng = world.rng("subscriptions", chunk)
    n = len(ends)
    started = processes.acquired + rng.exponential(WAIT_DAYS, n) * (rng.random(n) >= AT_ONCE)
    takes = (rng.random(n) < SHARE) & (started < np.minimum(ends, DAYS))
    person = np.flatnonzero(takes)
    m = len(person)
    course = rng.choice(len(COURSES), size=m, p=[c.share for c in COURSES])
    orders, reason = _lengths(rng, course)
    cycle = np.array([c.cycle_days for c in COURSES])[course]
    last = started[person] + (orders - 1) * cycle
    # somebody who leaves says so before the next parcel; a failed payment shows when it is due
    notice = np.floor(last) + np.ceil(rng.random(m) * (cycle - 1)) + rng.random(m)
    return Subscriptions(
        person=person,
        course=course,
        packs=1 + (rng.random(m) < SECOND_PACK),
        started=started[person],
        orders=orders,
        ended=np.where(reason == PAYMENT, last + cycle, notice),
        reason=reason,
    )


def order_days(subscriptions: Subscriptions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The paid orders up to the horizon.

    Returns
    -------
    (m,) position of the subscription, (m,) sequence from 1, (m,) day since START
    """
    cycle = np.array([c.cycle_days for c in COURSES])[subscriptions.course]
    until = np.minimum(subscriptions.ended, HORIZON)
    fitting = np.ceil((until - subscriptions.started) / cycle).astype(np.int64)
    count = np.clip(np.minimum(subscriptions.orders, fitting), 1, None)
    position = np.repeat(np.arange(len(count)), count)
    sequence = np.arange(len(position)) - np.repeat(np.cumsum(count) - count, count) + 1
    return position, sequence, subscriptions.started[position] + (sequence - 1) * cycle[position]


def _lengths(rng: np.random.Generator, course: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a, b, c = (np.array([getattr(x, name) for x in COURSES])[course] for name in "abc")
    committed = np.array([x.commitment_orders for x in COURSES])[course]
    stays = np.log1p(-np.clip(rng.beta(a, b), 1e-12, 1 - 1e-12))
    # survival(t) < u is inverted for the first t at which the subscriber is gone
    periods = (np.log(1 - rng.random(len(course))) / stays) ** (1 / c)
    free = np.maximum(np.ceil(np.minimum(periods, HORIZON)), 1).astype(np.int64)
    willing = committed - 1 + free
    payable = rng.geometric(PAYMENT_FAILS, len(course))
    fails = payable < willing
    leaves = np.where((committed > 1) & (willing == committed), COMMITMENT_END, VOLUNTARY)
    return np.where(fails, payable, willing), np.where(fails, PAYMENT, leaves)
