"""Randomised campaigns: who was assigned, who was held out, and the orders a treatment adds.

1. The day before a campaign everybody who can be reached is assigned by lot: `control` is held
   out, other arms are treated. Strata are what the retailer knows: `new` (one order so far),
   `repeat`, `silent` (the last order more than SILENT_DAYS days ago).
2. A treatment adds a Poisson number of orders in the readout window, at the stated rate of the
   person's stratum for a whole window; only customers still there make them. Own orders stay.
3. Extra orders are drawn for every assigned person and every treatment, so both potential
   outcomes are known; they happen where the treatment was given. Windows do not overlap.
4. One campaign, the mail of May 2025, does nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from joren.simulate.habits import POS, TEIKI, WEB, Habits
from joren.simulate.visits import Visits, make_visits, pile_visits
from joren.simulate.world import DAYS, START, World

SEGMENTS = ("new", "repeat", "silent")
SILENT_DAYS = 120
CONTROL = "control"


@dataclass(frozen=True)
class Campaign:
    """A campaign: its readout window, arms with shares, and extra orders by treatment and segment.

    `reach` names the systems where a customer must have bought to be reached; empty: LINE friends.
    `points` are granted to the treated at the start, valid for `points_days` days.
    """

    campaign_id: str
    name: str
    kind: str
    channel: str
    starts_on: date
    ends_on: date
    shares: dict[str, float]
    effects: dict[str, tuple[float, float, float]]
    reach: tuple[int, ...]
    cost: int
    points: int = 0
    points_days: int = 0

    @property
    def first_day(self) -> int:
        """First day of the window, counted from START."""
        return (self.starts_on - START.date()).days

    @property
    def after(self) -> int:
        """The day after the window."""
        return (self.ends_on - START.date()).days + 1

    @property
    def arms(self) -> tuple[str, ...]:
        """Arms, the hold-out first."""
        return (CONTROL, *self.effects)


CAMPAIGNS = (
    Campaign(
        "C2410", "秋の再来店DM", "dm", "dm", date(2024, 10, 7), date(2024, 11, 5),
        shares={CONTROL: 0.2, "treatment": 0.8},
        effects={"treatment": (0.16, 0.1, 0.05)}, reach=(POS, WEB), cost=85,
    ),
    Campaign(
        "C2502", "LINEバレンタインクーポン", "line", "line", date(2025, 2, 3), date(2025, 2, 28),
        shares={CONTROL: 0.3, "treatment": 0.7},
        effects={"treatment": (0.1, 0.14, 0.12)}, reach=(), cost=5,
    ),
    Campaign(
        "C2505", "新茶のお知らせメール", "mail", "mail", date(2025, 5, 1), date(2025, 5, 28),
        shares={CONTROL: 0.2, "treatment": 0.8},
        effects={"treatment": (0.0, 0.0, 0.0)}, reach=(WEB, TEIKI), cost=1,
    ),
    Campaign(
        "C2508", "夏の500ポイント進呈", "points", "dm", date(2025, 8, 1), date(2025, 8, 31),
        shares={CONTROL: 0.25, "treatment": 0.75},
        effects={"treatment": (0.2, 0.12, 0.1)}, reach=(POS,), cost=85,
        points=500, points_days=60,
    ),
    Campaign(
        "C2511", "お歳暮クーポンメール", "coupon", "mail", date(2025, 11, 10), date(2025, 12, 9),
        shares={CONTROL: 0.2, "coupon_300": 0.4, "coupon_500": 0.4},
        effects={"coupon_300": (0.04, 0.06, 0.02), "coupon_500": (0.1, 0.12, 0.06)},
        reach=(WEB, TEIKI), cost=1,
    ),
    Campaign(
        "C2602", "LINE春の新作案内", "line", "line", date(2026, 2, 2), date(2026, 3, 3),
        shares={CONTROL: 0.1, "treatment": 0.9},
        effects={"treatment": (0.08, 0.1, 0.0)}, reach=(), cost=5,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Assigned:
    """One campaign's assigned people: index, position in `arms`, position in SEGMENTS."""

    campaign: int
    person: np.ndarray
    arm: np.ndarray
    segment: np.ndarray


def run_campaigns(
    world: World,
    chunk: int,
    habits: Habits,
    visits: Visits,
    line_day: np.ndarray,
    died: np.ndarray,
) -> tuple[list[Assigned], Visits]:
    """Assign and treat, campaign by campaign.

    Parameters
    ----------
    world, chunk, habits : of n people
    visits : the orders they make anyway
    line_day : (n,) day they added the LINE account, infinite if never
    died : (n,) first day without them

    Returns
    -------
    the assigned people by campaign, and all extra orders, those of treatments not given included
    (`real` false)
    """
    assignments, extras = [], []
    known = visits.take(visits.day < DAYS)
    for number, campaign in enumerate(CAMPAIGNS):
        rng = world.rng(f"campaign {campaign.campaign_id}", chunk)
        assigned = _assign(rng, number, known, line_day)
        extra = _extra_orders(rng, assigned, habits, died)
        assignments.append(assigned)
        extras.append(extra)
        known = pile_visits([known, extra.take(extra.real)])
    return assignments, pile_visits(extras)


def campaign_table() -> pa.Table:
    """The campaigns as the contract's table `campaigns`."""
    return pa.table(
        {
            "campaign_id": [c.campaign_id for c in CAMPAIGNS],
            "name": [c.name for c in CAMPAIGNS],
            "kind": [c.kind for c in CAMPAIGNS],
            "starts_on": [c.starts_on for c in CAMPAIGNS],
            "ends_on": [c.ends_on for c in CAMPAIGNS],
            "kpi": ["orders"] * len(CAMPAIGNS),
            "cost": pa.array([c.cost for c in CAMPAIGNS], pa.int64()),
            "planned_shares": [json.dumps(c.shares) for c in CAMPAIGNS],
        }
    )


def _assign(rng: np.random.Generator, number: int, known: Visits, line_day: np.ndarray) -> Assigned:
    campaign = CAMPAIGNS[number]
    day = campaign.first_day - 1
    people = len(line_day)
    before = known.take(known.day < day)
    orders = np.bincount(before.person, minlength=people)
    last = np.full(people, -np.inf)
    np.maximum.at(last, before.person, before.day)
    if campaign.reach:
        there = np.isin(before.system, campaign.reach)
        reached = np.bincount(before.person[there], minlength=people) > 0
    else:
        reached = (line_day < day) & (orders > 0)
    segment = np.select([last < day - SILENT_DAYS, orders == 1], [2, 0], 1)
    # one draw a person, whoever is reached: others' histories do not move anybody's arm
    bounds = np.cumsum([campaign.shares[arm] for arm in campaign.arms])[:-1]
    arm = np.searchsorted(bounds, rng.random(people), side="right")
    person = np.flatnonzero(reached)
    return Assigned(number, person, arm[person], segment[person])


def _extra_orders(
    rng: np.random.Generator, assigned: Assigned, habits: Habits, died: np.ndarray
) -> Visits:
    campaign = CAMPAIGNS[assigned.campaign]
    parts = []
    for arm in range(1, len(campaign.arms)):
        rate = np.array(campaign.effects[campaign.arms[arm]])[assigned.segment]
        chosen = np.repeat(np.arange(len(rate)), rng.poisson(rate))
        person = assigned.person[chosen]
        length = campaign.after - campaign.first_day
        day = campaign.first_day + rng.random(len(person)) * length
        there = day < died[person]
        person, day, chosen = person[there], day[there], chosen[there]
        system = habits.choose_systems(rng, person)
        store = np.where(system == POS, habits.choose_stores(rng, person), -1)
        real = assigned.arm[chosen] == arm
        number, treatment = np.full(len(person), assigned.campaign), np.full(len(person), arm)
        parts.append(
            make_visits(person, day, system, store=store, campaign=number, arm=treatment, real=real)
        )
    return pile_visits(parts)
