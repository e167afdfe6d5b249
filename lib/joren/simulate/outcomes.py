"""Who was assigned and contacted, and both potential outcomes of everyone assigned."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from joren.simulate.arrow import constant, labels, moments, numbers, person_ids
from joren.simulate.campaigns import CAMPAIGNS, SEGMENTS, Assigned
from joren.simulate.checkout import VALID
from joren.simulate.receipts import Receipts
from joren.simulate.world import DAY, World

ASSIGNED_AT, CONTACTED_AT = 9 * 3600, 10 * 3600  # of the day before, of the first day
CONTACT_SPREAD = 7_200  # seconds it takes to reach everybody
CLICKS = {"line": ("line_click", "line"), "mail": ("mail_open", "web")}  # by contact channel
CLICK_SHARE, CLICK_WITHIN = 0.3, 40_000  # of the treated; seconds


def assignment_table(world: World, chunk: int, assignments: list[Assigned]) -> pa.Table:
    """person_id, campaign_id, arm, assigned_at, stratum."""
    return pa.concat_tables(
        pa.table(
            {
                "person_id": person_ids(world, chunk, a.person),
                "campaign_id": constant(CAMPAIGNS[a.campaign].campaign_id, len(a.person)),
                "arm": labels(CAMPAIGNS[a.campaign].arms, a.arm),
                "assigned_at": moments(
                    np.full(len(a.person), (CAMPAIGNS[a.campaign].first_day - 1) * DAY)
                    + ASSIGNED_AT
                ),
                "stratum": labels(SEGMENTS, a.segment),
            }
        )
        for a in assignments
    )


def contact_table(world: World, chunk: int, assignments: list[Assigned]) -> pa.Table:
    """person_id, occurred_at, channel, campaign_id: what the treated were sent."""
    rng = world.rng("contacts", chunk)
    parts = []
    for a in assignments:
        campaign = CAMPAIGNS[a.campaign]
        treated = a.person[a.arm > 0]
        delay = rng.integers(0, CONTACT_SPREAD, len(treated))
        parts.append(
            pa.table(
                {
                    "person_id": person_ids(world, chunk, treated),
                    "occurred_at": moments(campaign.first_day * DAY + CONTACTED_AT + delay),
                    "channel": constant(campaign.channel, len(treated)),
                    "campaign_id": constant(campaign.campaign_id, len(treated)),
                }
            )
        )
    return pa.concat_tables(parts)


def outcome_table(
    world: World, chunk: int, assignments: list[Assigned], receipts: Receipts
) -> pa.Table:
    """Orders and yen in the readout window with and without each treatment.

    Returns
    -------
    person_id, campaign_id, assigned (arm given), arm (treatment looked at), segment,
    extra_orders, extra_amount (what the treatment adds, given or not), base_orders, base_amount
    (without treatment): one row an assigned person and treatment; valid orders, refunds taken off
    the amounts
    """
    return pa.concat_tables(
        _outcomes(world, chunk, a, arm, receipts)
        for a in assignments
        for arm in range(1, len(CAMPAIGNS[a.campaign].arms))
    )


def _outcomes(
    world: World, chunk: int, assigned: Assigned, arm: int, receipts: Receipts
) -> pa.Table:
    campaign, visits = CAMPAIGNS[assigned.campaign], receipts.visits
    people = len(world.person_ids(chunk))
    begin, end = campaign.first_day * DAY, campaign.after * DAY

    def total(which: np.ndarray, sign: int = 1) -> np.ndarray:
        amounts = sign * receipts.amount[which]
        return np.bincount(visits.person[which], amounts, people)[assigned.person]

    def count(which: np.ndarray) -> np.ndarray:
        return np.bincount(visits.person[which], minlength=people)[assigned.person]

    own = (visits.campaign < 0) & (visits.person >= 0) & (receipts.status == VALID)
    base = own & (receipts.second >= begin) & (receipts.second < end)
    back = receipts.refunded & (receipts.refund_second >= begin) & (receipts.refund_second < end)
    extra = (visits.campaign == assigned.campaign) & (visits.arm == arm)
    return pa.table(
        {
            "person_id": person_ids(world, chunk, assigned.person),
            "campaign_id": constant(campaign.campaign_id, len(assigned.person)),
            "assigned": labels(campaign.arms, assigned.arm),
            "arm": constant(campaign.arms[arm], len(assigned.person)),
            "segment": labels(SEGMENTS, assigned.segment),
            "extra_orders": numbers(count(extra)),
            "extra_amount": numbers(total(extra)),
            "base_orders": numbers(count(base)),
            "base_amount": numbers(total(base) + total(back, -1)),
        }
    )


def click_table(
    world: World, chunk: int, assignments: list[Assigned], died: np.ndarray
) -> pa.Table:
    """Clicks on LINE messages and opened mails of the treated who are still customers.

    Returns
    -------
    person_id, occurred_at, touchpoint, channel, campaign_id, value (null), as events
    """
    rng = world.rng("clicks", chunk)
    parts = []
    for a in assignments:
        campaign = CAMPAIGNS[a.campaign]
        if campaign.channel not in CLICKS:
            continue
        touchpoint, channel = CLICKS[campaign.channel]
        treated = a.person[a.arm > 0]
        clicked = (rng.random(len(treated)) < CLICK_SHARE) & (died[treated] > campaign.first_day)
        person = treated[clicked]
        delay = CONTACT_SPREAD + rng.integers(0, CLICK_WITHIN, len(person))
        parts.append(
            pa.table(
                {
                    "person_id": person_ids(world, chunk, person),
                    "occurred_at": moments(campaign.first_day * DAY + CONTACTED_AT + delay),
                    "touchpoint": constant(touchpoint, len(person)),
                    "channel": constant(channel, len(person)),
                    "campaign_id": constant(campaign.campaign_id, len(person)),
                    "value": pa.nulls(len(person), pa.float64()),
                }
            )
        )
    return pa.concat_tables(parts)
