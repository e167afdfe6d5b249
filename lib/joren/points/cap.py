"""What a campaign could earn if no more than so much may be owed in points.

A grant is owed from the day it is made: its points at their value times the share expected to be
redeemed. Under a cap, either fewer customers are given points or each is given fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from joren.points.dose import DoseResponse, profit
from joren.points.economics import Economics
from joren.stats.effects import Estimate

_STEPS = 50  # sizes of grants that are compared


@dataclass(frozen=True)
class Choice:
    """A grant that could be made: points per customer, and profit per customer in currency."""

    points: float
    profit: Estimate


@dataclass(frozen=True)
class UnderCap:
    """The best choice under a cap.

    cap, room : the cap, and what is left of it, in currency
    points : granted to each of `customers`; owed : what that adds to the liability
    profit : of all of them, in currency
    """

    cap: float
    room: float
    points: float
    customers: int
    owed: float
    profit: Estimate


def choices_of(
    found: Sequence[Economics],
    curve: DoseResponse | None,
    value_per_point: float,
    redemption: float,
    unit_cost: float,
    level: float,
) -> list[Choice]:
    """The grants that could be made again: those tried, or any size where there is a curve.

    Parameters
    ----------
    curve : None where too few sizes were tried
    unit_cost : of a contact; level : of the intervals
    """
    if curve is None:
        return [Choice(one.granted / one.n, one.each["net"]) for one in found if one.granted]
    points = np.linspace(0, curve.largest, _STEPS + 1)[1:]
    profits = profit(curve, points, value_per_point, redemption, unit_cost)
    low, high = np.quantile(profits, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    each = zip(points, profits.mean(axis=0), low, high, strict=True)
    return [Choice(float(p), Estimate(float(m), float(a), float(b))) for p, m, a, b in each]


def under_cap(
    choices: Sequence[Choice],
    cap: float,
    owed_already: float,
    audience: int,
    value_per_point: float,
    redemption: float,
) -> UnderCap:
    """The choice with the largest expected profit that the cap allows; it may be to grant nothing.

    Parameters
    ----------
    choices : grants with their profit per customer
    cap : most that may be owed in points, in currency
    owed_already : of it, what is owed today
    audience : customers who could be given points
    value_per_point, redemption : currency, and share of points expected to be used
    """
    room = max(cap - owed_already, 0.0)
    best = UnderCap(cap, room, 0.0, 0, 0.0, Estimate(0.0, 0.0, 0.0, 0.0))
    for choice in choices:
        each = choice.points * value_per_point * redemption
        customers = audience if each <= 0 else min(audience, floor(room / each))
        total = customers * choice.profit.value
        if choice.points > 0 and total > best.profit.value:
            told = choice.profit
            bounds = [None if b is None else customers * b for b in (told.lower, told.upper)]
            best = UnderCap(
                cap, room, choice.points, customers, customers * each, Estimate(total, *bounds)
            )
    return best
