"""A shop whose customers buy at their own rates, and a campaign with a planted effect."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
from tests.campaigns.handmade import Tables, known, order, plan

from joren.campaigns.audience import assigned_customers, one_arm_each
from joren.campaigns.outcomes import order_facts
from joren.campaigns.plan import Plan

FIRST, START, UNTIL = date(2025, 6, 1), date(2026, 2, 1), date(2026, 3, 1)
AS_OF = date(2026, 3, 31)
EFFECT = 800  # added per treated customer over the campaign
_DAYS = (AS_OF - FIRST).days


def shop(seed: int, customers: int = 600, effect: int = EFFECT, above: int | None = None):
    """Tables, plan, reached customers, and the orders that count.

    Customers are treated by lot, or where they spent `above` in the 180 days before the campaign.
    """
    rng = np.random.default_rng(seed)
    names = [f"c{n:04d}" for n in range(customers)]
    rates = rng.gamma(2.0, 0.5, customers)  # orders a month
    lot = rng.random(customers) < 0.5
    orders, treated = [], []
    for name, rate, chosen in zip(names, rates, lot, strict=True):
        days = np.sort(rng.integers(1, _DAYS, rng.poisson(rate * _DAYS / 30)))
        own = [
            order(name, datetime(2025, 6, 1) + timedelta(days=int(day), seconds=n), 1000)
            for n, day in enumerate(days)
        ]
        before = sum(START - timedelta(days=180) <= row["ordered_at"].date() < START for row in own)
        has = chosen if above is None else before * 1000 >= above
        if has:
            treated.append(name)
            own.append(order(name, datetime(2026, 2, 10, 12), effect))
        orders += own
    made: Plan = plan(starts_on=START, until=UNTIL)
    contacts = [
        {"source": "shop", "source_id": name, "occurred_at": datetime(2026, 2, 1, 9),
         "channel": "dm", "campaign_id": "C1"}
        for name in treated
    ]  # fmt: skip
    assignments = [
        {"source": "shop", "campaign_id": "C1", "source_id": name, "arm": "treatment",
         "assigned_at": datetime(2026, 1, 31, 9), "stratum": None}
        for name in treated
    ]  # fmt: skip
    tables = Tables(
        orders=orders, identity_map=known(*names), contacts=contacts, assignments=assignments,
        customers=[{"customer_id": n, "first_seen_at": datetime(2025, 6, 1)} for n in names],
    )  # fmt: skip
    identity = tables("identity_map")
    reached = one_arm_each(assigned_customers(tables("canonical/assignments"), identity)).cache()
    facts = order_facts(tables("canonical/orders"), identity, 0.4, AS_OF).cache()
    return tables, made, reached, facts
