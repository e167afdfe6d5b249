"""When customers buy, and for how much: BG/NBD timing with Gamma-Gamma spend.

1. While alive, a customer orders at the Poisson rate lambda ~ Gamma(R, ALPHA days).
2. After each order but the first she leaves for good with probability p ~ Beta(A, B).
3. An order's amount is Gamma(P, scale nu), 1/nu ~ Gamma(Q, SPEND yen).

Fader, Hardie & Lee (2005), Marketing Science 24(2); Fader & Hardie (2013), note on Gamma-Gamma.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

R, ALPHA = 0.9, 55.0
A, B = 0.8, 3.0
P, Q, SPEND = 5.0, 4.0, 2_800.0


@dataclass(frozen=True)
class Purchase:
    """One order: when, and the amount in yen, tax included."""

    at: datetime
    amount: int


def simulate_purchases(rng: Random, start: datetime, end: datetime) -> list[Purchase]:
    """One customer's orders from their first, uniform in [start, end), to `end` or their leaving.

    Parameters
    ----------
    rng : source of randomness, advanced
    start, end : the period observed, half-open

    Returns
    -------
    orders in time order; at least one
    """
    rate = rng.gammavariate(R, 1 / ALPHA)
    leaving = rng.betavariate(A, B)
    scale = 1 / rng.gammavariate(Q, 1 / SPEND)
    day = rng.uniform(0, (end - start).days)
    purchases = []
    while day < (end - start).days:
        amount = max(110, round(rng.gammavariate(P, scale) / 10) * 10)
        purchases.append(Purchase(_opening_hours(rng, start + timedelta(days=int(day))), amount))
        if len(purchases) > 1 and rng.random() < leaving:
            break
        day += rng.expovariate(rate)
    return purchases


def _opening_hours(rng: Random, day: datetime) -> datetime:
    return day + timedelta(seconds=rng.randrange(10 * 3600, 20 * 3600))
