"""Whom each campaign moved, where its test is large enough to tell, and whom to contact next.

What is known of customers is taken from before the campaign to learn, and from before today to
apply. The outcome is margin in the campaign's own days, so that a gain is money at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from joren.campaigns.arms import Arms
from joren.campaigns.audience import CONTROL
from joren.campaigns.outcomes import BEFORE_DAYS
from joren.campaigns.plan import Plan
from joren.experiments.feature_cells import Cells, feature_cells
from joren.experiments.qini import Qini, qini, ranked, top_effect
from joren.experiments.targets import Calibration, calibration, expected_gains, target_list
from joren.experiments.uplift import LEAST_CUSTOMERS, Learner, Uplift, fit_uplift

FEATURES = ("orders_before", "revenue_before", "days_since", "days_known", "last_channel")
LEARNERS: tuple[Learner, ...] = ("t", "dr")
TOP = 0.2  # share of customers whose effect is told beside everybody's


@dataclass(frozen=True)
class UpliftRow:
    """What one arm's test says of whom it moved.

    ranking : learner → whether its order is that of real gains
    learned, by : the DR-learner, and how its scores become effects
    top : effect, lower, upper, customers of the TOP share with its highest scores
    cost : of contacting one customer of the arm
    """

    campaign_id: str
    arm: str
    cells: Cells
    ranking: Mapping[Learner, Qini]
    learned: Uplift
    by: Calibration
    top: tuple[float, float, float, int]
    cost: float

    @property
    def offer(self) -> str:
        """What its candidates are listed under: campaign and arm."""
        return f"{self.campaign_id}:{self.arm}"

    @property
    def ranks(self) -> bool:
        """Whether the order holds in the test, so that a list may be cut by it."""
        return self.ranking["dr"].lower > 0


def large_enough(arms: Mapping[str, Arms]) -> list[tuple[str, str]]:
    """Campaigns and arms with enough customers, in the arm and in its hold-out."""
    return [
        (name, arm)
        for name, found in sorted(arms.items())
        if found.sound
        for arm in found.treated
        if min(found.sizes[arm], found.sizes[CONTROL]) >= LEAST_CUSTOMERS
    ]


def largest_test(arms: Mapping[str, Arms]) -> int:
    """Customers in the smaller of the two arms, in the largest test there was."""
    return max(
        (
            min(found.sizes[arm], found.sizes[CONTROL])
            for found in arms.values()
            if found.sound
            for arm in found.treated
        ),
        default=0,
    )


def read_out_uplift(
    plans: Mapping[str, Plan],
    pairs: Iterable[tuple[str, str]],
    assigned: ir.Table,
    facts: ir.Table,
    level: float,
    seed: int,
    value_per_point: float,
) -> list[UpliftRow]:
    """Learn whom each arm moved, with both learners, and hold their order against what happened.

    Parameters
    ----------
    pairs : from `large_enough`
    assigned : from `campaigns.audience.one_arm_each`
    facts : from `campaigns.outcomes.order_facts`
    level : of the intervals
    seed : of trees and bootstrap
    """
    rows = []
    for name, arm in pairs:
        plan = plans[name]
        own = assigned.filter((_.campaign_id == name) & _.arm.isin([arm, CONTROL]))
        cells = feature_cells(rows_of_test(own, facts, plan, arm).cache(), FEATURES)
        fits = {learner: fit_uplift(cells, learner, seed) for learner in LEARNERS}
        orders = {learner: ranked(cells, fit.scores) for learner, fit in fits.items()}
        rows.append(UpliftRow(
            name, arm, cells,
            {learner: qini(order, level, seed) for learner, order in orders.items()},
            fits["dr"], calibration(cells, fits["dr"].scores, level),
            top_effect(orders["dr"], TOP, level),
            plan.unit_cost + plan.grants.get(arm, 0) * value_per_point,
        ))  # fmt: skip
    return rows


def candidates(
    rows: Iterable[UpliftRow], customers: ir.Table, facts: ir.Table, as_of: date
) -> ir.Table | None:
    """Customers worth contacting with each offer, by what is known of them today.

    Candidates only: consent, contact cap and hold-out are the lists' business.

    Returns
    -------
    campaign_id (the offer: campaign and arm), customer_id, uplift, expected_value, place; None
    where no order holds
    """
    known = customer_features(customers.select("customer_id"), facts, as_of + timedelta(days=1))
    known = known.cache()
    parts = [
        target_list(expected_gains(known, row.cells, row.learned, row.by, 1.0, row.cost)).select(
            "customer_id", "uplift", "place",
            campaign_id=ibis.literal(row.offer), expected_value=_.gain,
        )
        for row in rows
        if row.ranks
    ]  # fmt: skip
    return ibis.union(*parts) if len(parts) > 1 else parts[0] if parts else None


def listed(targets: ir.Table | pa.Table) -> dict[str, int]:
    """Offer → how many candidates it has."""
    if isinstance(targets, pa.Table):
        return dict(Counter(targets["campaign_id"].to_pylist()))
    rows = targets.group_by("campaign_id").agg(n=_.count()).to_pyarrow().to_pylist()
    return {row["campaign_id"]: int(row["n"]) for row in rows}


def rows_of_test(own: ir.Table, facts: ir.Table, plan: Plan, arm: str) -> ir.Table:
    """One row a customer of a test: customer_id, treated, outcome, and the FEATURES before it."""
    begin, end = (datetime.combine(day, time()) for day in (plan.starts_on, plan.until))
    inside = facts.filter((_.ordered_at >= begin) & (_.ordered_at < end))
    gained = inside.group_by("customer_id").agg(outcome=_.margin.sum())
    known = customer_features(own.select("customer_id", "arm"), facts, plan.starts_on)
    joined = known.left_join(gained, "customer_id")
    return joined.select(
        "customer_id", *FEATURES, treated=joined.arm == arm, outcome=joined.outcome.fill_null(0)
    )


def customer_features(people: ir.Table, facts: ir.Table, day: date) -> ir.Table:
    """The FEATURES of customers as they were known before a day, beside their own columns."""
    before = datetime.combine(day, time())
    earliest = before - timedelta(days=BEFORE_DAYS)
    past = facts.filter(facts.ordered_at < before)
    recent = past.ordered_at >= earliest
    last = ibis.struct({"at": past.ordered_at, "order_id": past.order_id})
    sums = past.group_by("customer_id").agg(
        orders_before=past.is_purchase.sum(where=recent),
        revenue_before=past.revenue.sum(where=recent),
        last_day=past.day.max(where=past.is_purchase),
        first_day=past.day.min(where=past.is_purchase),
        last_channel=past.channel.argmax(last, where=past.is_purchase),
    )
    joined = people.left_join(sums, "customer_id")
    today = ibis.literal(day)
    return joined.select(
        *people.columns,
        orders_before=joined.orders_before.fill_null(0),
        revenue_before=joined.revenue_before.fill_null(0),
        days_since=today.delta(joined.last_day, unit="day"),
        days_known=today.delta(joined.first_day, unit="day"),
        last_channel=joined.last_channel,
    )
