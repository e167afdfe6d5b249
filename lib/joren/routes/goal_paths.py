"""The ways to further goals: to the n-th order, and to the end of a subscription.

They stand in `route_paths` under `goal:<goal>`, beside the whole routes of customers and groups.
A customer has one way to a goal: the journey that reached it first, or her newest one where none
did. Where that one is still under way she is counted, and neither reached it nor failed to.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _
from scipy.stats import beta

from joren.routes.paths import customer_routes, route_paths

SECOND, THIRD, END = "order:2", "order:3", "subscription:end"
GOALS = (SECOND, THIRD, END)


@dataclass(frozen=True)
class Reached:
    """How many customers came to the goal, of those whose way has ended.

    Parameters
    ----------
    customers : whose way has ended; open : those still under way
    share, lower, upper : that reached the goal, with Jeffreys' interval
    """

    customers: int
    open: int
    share: float
    lower: float
    upper: float


def ways(touches: ir.Table) -> ir.Table:
    """Each customer's way to the goal.

    Parameters
    ----------
    touches : from `journeys.journeys`

    Returns
    -------
    customer_id, step, code, converted, open; the rows of one journey of each customer
    """
    each = touches.group_by("customer_id", "journey").agg(converted=_.converted.max())
    first, newest = _.journey.min(where=_.converted > 0), _.journey.max()
    chosen = each.group_by("customer_id").agg(journey=first.coalesce(newest))
    return touches.join(chosen, ["customer_id", "journey"]).select(
        "customer_id", "code", "converted", "open", step=_.place
    )


def goal_paths(
    ways: ir.Table, goal: str, codes: ir.Table, outcomes: ir.Table, ltv: ir.Table, interval: float
) -> ir.Table:
    """Rows of the table `route_paths` for one goal.

    Parameters
    ----------
    ways : from `ways`
    goal : see `journeys.journeys`
    codes, ltv, interval : see `paths.route_paths`
    outcomes : from `silence.outcomes`; whether a customer was lost

    Returns
    -------
    the columns of `route_paths`; converted counts those who reached the goal
    """
    reached = ways.group_by("customer_id").agg(converted=_.converted.max())
    fate = outcomes.select("customer_id", "churned").join(reached, "customer_id")
    fate = fate.select("customer_id", converted=_.converted > 0, churned=_.churned)
    found = route_paths(customer_routes(ways, codes), fate, None, ltv, interval)
    return found.mutate(group_name=ibis.literal(f"goal:{goal}"))


def reached(ways: ir.Table, interval: float) -> Reached:
    """How many reached the goal, of the customers whose way has ended.

    Parameters
    ----------
    ways : from `ways`
    """
    each = ways.group_by("customer_id").agg(converted=_.converted.max(), open=_.open.max())
    sums = each.agg(n=_.count(), won=_.converted.sum(), open=_.open.sum()).to_pyarrow().to_pylist()
    n, won, still = (int(sums[0][name] or 0) for name in ("n", "won", "open"))
    closed = n - still
    if not closed:
        return Reached(0, still, 0.0, 0.0, 1.0)
    chance = [(1 - interval) / 2, (1 + interval) / 2]
    lower, upper = beta.ppf(chance, won + 0.5, closed - won + 0.5)
    return Reached(
        closed, still, won / closed, float(lower) if won else 0.0,
        float(upper) if won < closed else 1.0,
    )  # fmt: skip
