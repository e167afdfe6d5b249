"""What a chunk of people does: every order, call, click and campaign, and why.

Causes come in this order: process, shop event, LINE account (lifetime), subscription, purchases,
complaints, campaigns, and then the till.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from joren.simulate import life_tables, order_tables, outcomes
from joren.simulate.campaigns import Assigned, run_campaigns
from joren.simulate.habits import POS, Habits, draw_habits
from joren.simulate.processes import Processes, draw_processes, purchase_days
from joren.simulate.receipts import Receipts, ring_up
from joren.simulate.subscriptions import Subscriptions, draw_subscriptions
from joren.simulate.touchpoints import (
    Exposures,
    add_line,
    complain,
    idle_events,
    last_days,
    start_at_event,
)
from joren.simulate.visits import (
    Visits,
    first_systems,
    free_visits,
    join_visits,
    passers_by,
    subscription_visits,
)
from joren.simulate.world import World


@dataclass(frozen=True)
class Behaviour:
    """A chunk's tables; times are timestamp[us] in whole seconds, money is whole yen.

    - processes: person_id, kind (poisson, regular), k, rate (orders a day), spend_mean (yen of
      goods an order), acquired_at, died_at (null: after the horizon), died_because
    - orders: order_no, person_id (null: no card), system, store, ordered_at, goods_8, goods_10,
      shipping, fee, discount, mall_discount, amount = goods + shipping + fee - discount, status,
      campaign_id, subscription_no, sequence, refund_of (the sale a negative till order undoes)
    - lines: order_no, line_no, product_no, quantity, unit_price, amount, tax_rate
    - subscriptions: subscription_no, person_id, product_no, started_at, ended_at, end_reason,
      cycle_days, commitment_orders, renewals, true_ended_at, true_end_reason
    - events: person_id, occurred_at, touchpoint, channel, campaign_id, value
    - contacts: person_id, occurred_at, channel, campaign_id
    - assignments: person_id, campaign_id, arm, assigned_at, stratum
    - future_orders: person_id, ordered_at, amount
    - outcomes: person_id, campaign_id, assigned, arm, segment, extra_orders, extra_amount,
      base_orders, base_amount
    - exposures: person_id, touchpoint, occurred_at, died_at, died_at_without
    """

    processes: pa.Table
    orders: pa.Table
    lines: pa.Table
    subscriptions: pa.Table
    events: pa.Table
    contacts: pa.Table
    assignments: pa.Table
    future_orders: pa.Table
    outcomes: pa.Table
    exposures: pa.Table


@dataclass(frozen=True)
class _Life:
    """The relationships of a chunk before campaigns: what they buy anyway, and until when."""

    processes: Processes
    subscriptions: Subscriptions
    exposures: list[Exposures]
    visits: Visits
    died: np.ndarray
    complained: np.ndarray


def behave(world: World, chunk: int, people: pa.Table) -> Behaviour:
    """Simulate a chunk of people from their first order to the end of the true future.

    Parameters
    ----------
    world, chunk : what is drawn depends on these alone
    people : the chunk's people in the order of person_id, with their `area`

    Raises
    ------
    ValueError if the people are not those of the chunk
    """
    if people.column("person_id").to_pylist() != world.person_ids(chunk).tolist():
        raise ValueError(f"these are not the people of chunk {chunk}")
    habits = draw_habits(world, chunk, people)
    life = _live(world, chunk, habits)
    assignments, extras = run_campaigns(
        world, chunk, habits, life.visits, _line_days(life), life.died
    )
    visits = join_visits([life.visits, extras, passers_by(world, chunk, len(people))])
    receipts = ring_up(world, chunk, visits, life.processes, habits, life.subscriptions, life.died)
    return _tables(world, chunk, habits, life, assignments, receipts)


def _live(world: World, chunk: int, habits: Habits) -> _Life:
    processes = draw_processes(world, chunk)
    first_system = first_systems(world, chunk, habits)
    event = start_at_event(world, chunk, processes, first_system == POS)
    ends = _changed(processes.ends, event)
    line = add_line(world, chunk, processes, ends)
    ends = _changed(ends, line)
    subscriptions = draw_subscriptions(world, chunk, processes, ends)
    kept = _kept_until(subscriptions, len(ends))
    died = last_days(np.maximum(ends, kept))
    bought = purchase_days(world.rng("purchases", chunk), processes, died)
    free = free_visits(world, chunk, habits, first_system, bought, died)
    free = free.take(~_replaced(free, processes, subscriptions, event))
    visits = join_visits([free, subscription_visits(subscriptions)])
    complaint = complain(world, chunk, visits.person, visits.day, died)
    last = died.copy()
    np.minimum.at(last, complaint.person, complaint.ends)
    subscriptions = subscriptions.cut(last)
    free = free.take(free.day < last[free.person])
    return _Life(
        processes=processes,
        subscriptions=subscriptions,
        # who left over a complaint did not live to add the LINE account
        exposures=[_at_least(event, kept), _at_least(line, kept).before(last), complaint],
        visits=join_visits([free, subscription_visits(subscriptions)]),
        died=last,
        complained=last < died,
    )


def _changed(ends: np.ndarray, exposures: Exposures) -> np.ndarray:
    changed = ends.copy()
    changed[exposures.person] = exposures.ends
    return changed


def _kept_until(subscriptions: Subscriptions, people: int) -> np.ndarray:
    """(n,) the day until which a subscription keeps its customer; 0 without one."""
    kept = np.zeros(people)
    kept[subscriptions.person] = np.floor(subscriptions.ended) + 1
    return kept


def _at_least(exposures: Exposures, kept: np.ndarray) -> Exposures:
    until = kept[exposures.person]
    return replace(
        exposures,
        ends=np.maximum(exposures.ends, until),
        ends_without=np.maximum(exposures.ends_without, until),
    )


def _replaced(
    free: Visits, processes: Processes, subscriptions: Subscriptions, event: Exposures
) -> np.ndarray:
    """First purchases that are a subscription's first order instead; not those at an event."""
    subscribed = np.zeros(len(processes.acquired), dtype=bool)
    at_once = subscriptions.started == processes.acquired[subscriptions.person]
    subscribed[subscriptions.person[at_once]] = True
    subscribed[event.person] = False
    first = np.diff(free.person, prepend=-1) != 0
    return first & subscribed[free.person]


def _line_days(life: _Life) -> np.ndarray:
    days = np.full(len(life.died), np.inf)
    line = life.exposures[1]
    days[line.person] = line.day
    return days


def _tables(
    world: World,
    chunk: int,
    habits: Habits,
    life: _Life,
    assignments: list[Assigned],
    receipts: Receipts,
) -> Behaviour:
    orders, lines = order_tables.order_tables(world, chunk, receipts)
    idle = idle_events(world, chunk, life.processes, habits, life.died)
    contacts = outcomes.contact_table(world, chunk, assignments)
    clicks = outcomes.click_table(world, chunk, assignments, life.died)
    return Behaviour(
        processes=life_tables.process_table(
            world, chunk, life.processes, receipts, life.died, life.complained
        ),
        orders=orders,
        lines=lines,
        subscriptions=life_tables.subscription_table(world, chunk, life.subscriptions, receipts),
        events=life_tables.event_table(world, chunk, life.exposures, idle, clicks),
        contacts=contacts,
        assignments=outcomes.assignment_table(world, chunk, assignments),
        future_orders=order_tables.future_table(world, chunk, receipts),
        outcomes=outcomes.outcome_table(world, chunk, assignments, receipts),
        exposures=life_tables.exposure_table(world, chunk, life.exposures),
    )
