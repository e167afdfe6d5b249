"""Relationships as tables: processes, subscriptions, touchpoints and what these cause."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from joren.simulate.arrow import constant, labels, midnights, moments, numbers, person_ids
from joren.simulate.catalogue import COURSES, GOODS
from joren.simulate.processes import Processes
from joren.simulate.receipts import Receipts
from joren.simulate.season import HORIZON, WEB_HOURS, at_hours
from joren.simulate.subscriptions import REASONS, Subscriptions
from joren.simulate.touchpoints import IDLE, Exposures, last_days, touch_seconds
from joren.simulate.world import DAY, DAYS, ORDER_NUMBERS, World

CAUSE_CHANNELS = {"event_checkin": "app", "line_add": "line", "complaint": "call"}


def process_table(
    world: World,
    chunk: int,
    processes: Processes,
    receipts: Receipts,
    died: np.ndarray,
    complained: np.ndarray,
) -> pa.Table:
    """Each person's true process (complained: (n,) true where a complaint ended it)."""
    first = np.full(len(died), DAYS * DAY)
    known = receipts.visits.real & (receipts.visits.person >= 0)
    np.minimum.at(first, receipts.visits.person[known], receipts.second[known])
    gone = died < HORIZON
    return pa.table(
        {
            "person_id": person_ids(world, chunk, np.arange(len(died))),
            "kind": labels(("poisson", "regular"), (processes.k > 1).astype(np.int64)),
            "k": numbers(processes.k),
            "rate": processes.rate,
            "spend_mean": processes.spend_mean,
            "acquired_at": moments(first),
            "died_at": midnights(died),
            "died_because": labels(
                ("lapse", "complaint"), np.where(gone, complained.astype(np.int64), -1)
            ),
        }
    )


def subscription_table(
    world: World, chunk: int, subscriptions: Subscriptions, receipts: Receipts
) -> pa.Table:
    """Subscriptions as known at the window's end, and (`true_…`) as they go on after it."""
    visits, n = receipts.visits, len(subscriptions.person)
    parcels = visits.subscription >= 0
    begin = parcels & (visits.sequence == 1)
    started = np.zeros(n, dtype=np.int64)
    started[visits.subscription[begin]] = receipts.second[begin]
    delivered = visits.subscription[parcels & receipts.in_window]
    ended = at_hours(np.minimum(subscriptions.ended, HORIZON), WEB_HOURS)
    over, over_later = subscriptions.ended < DAYS, subscriptions.ended < HORIZON
    reason = subscriptions.reason
    return pa.table(
        {
            "subscription_no": numbers(chunk * ORDER_NUMBERS + np.arange(n) + 1),
            "person_id": person_ids(world, chunk, subscriptions.person),
            "product_no": numbers(GOODS + 1 + subscriptions.course),
            "started_at": moments(started),
            "ended_at": moments(ended, over),
            "end_reason": labels(REASONS, np.where(over, reason, -1)),
            "cycle_days": numbers(np.array([c.cycle_days for c in COURSES])[subscriptions.course]),
            "commitment_orders": numbers(
                np.array([c.commitment_orders for c in COURSES])[subscriptions.course]
            ),
            "renewals": numbers(np.bincount(delivered, minlength=n) - 1),
            "true_ended_at": moments(ended, over_later),
            "true_end_reason": labels(REASONS, np.where(over_later, reason, -1)),
        }
    )


def event_table(
    world: World,
    chunk: int,
    exposures: list[Exposures],
    idle: dict[str, tuple[np.ndarray, np.ndarray]],
    clicks: pa.Table,
) -> pa.Table:
    """Touchpoints inside the window; `clicks` are those of campaigns, with the same columns."""
    found = [(e.cause, CAUSE_CHANNELS[e.cause], e.person, e.day) for e in exposures]
    found += [(name, IDLE[name][0], *place) for name, place in idle.items()]
    return pa.concat_tables([*(_events(world, chunk, *one) for one in found), clicks])


def exposure_table(world: World, chunk: int, exposures: list[Exposures]) -> pa.Table:
    """Who met a cause of churn, and the end of the relationship with and without it.

    Returns
    -------
    person_id, touchpoint, occurred_at, died_at, died_at_without (null: after the horizon), met
    inside the window
    """
    parts = []
    for e in exposures:
        seen = e.day < DAYS
        parts.append(
            pa.table(
                {
                    "person_id": person_ids(world, chunk, e.person[seen]),
                    "touchpoint": constant(e.cause, int(seen.sum())),
                    "occurred_at": moments(touch_seconds(e.cause, e.day[seen])),
                    "died_at": midnights(last_days(e.ends[seen])),
                    "died_at_without": midnights(last_days(e.ends_without[seen])),
                }
            )
        )
    return pa.concat_tables(parts)


def _events(
    world: World, chunk: int, touchpoint: str, channel: str, person: np.ndarray, day: np.ndarray
) -> pa.Table:
    seen = day < DAYS
    n = int(seen.sum())
    return pa.table(
        {
            "person_id": person_ids(world, chunk, person[seen]),
            "occurred_at": moments(touch_seconds(touchpoint, day[seen])),
            "touchpoint": constant(touchpoint, n),
            "channel": constant(channel, n),
            "campaign_id": constant(None, n),
            "value": pa.nulls(n, pa.float64()),
        }
    )
