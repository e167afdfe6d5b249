"""Journeys: the touchpoints that lead to a goal, or to nothing.

The rule. Of the steps that could lead to the goal, a customer's journey ends with the goal, and
when she stays silent for longer than the window; the next step begins a new one. So every step
stands in exactly one journey, none is cut off. A journey without the goal is `null` once the window
has passed since its last step; until then it is `open`: what followed what is known of it, but not
yet how it ends, and the chain counts it so. A goal with no step before it within the window is
`direct`: it is counted, and no touchpoint has credit for it.

Goals: an order of one's own will (deliveries of a running subscription are none), the n-th order
(only steps between the order before and it), the end of a subscription (only steps while one runs).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.contract import MONEY
from joren.errors import ParameterError
from joren.routes.touchpoints import (
    CONTACT,
    EVENT,
    ORDER,
    SUBSCRIPTION_END,
    SUBSCRIPTION_ORDER,
    SUBSCRIPTION_START,
)

GOAL_ORDER, GOAL_END = "order", "subscription:end"
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class Reach:
    """How much of what happened the journeys hold.

    Parameters
    ----------
    journeys, converted, null, open : journeys of each outcome
    direct : goals without a step before them
    steps : steps that stand in a journey
    outside : steps of the same kinds at which the goal could not be reached
    customers : those with a journey
    """

    journeys: int
    converted: int
    null: int
    open: int
    direct: int
    steps: int
    outside: int
    customers: int


def journeys(
    steps: ir.Table,
    goal: str,
    window_days: int,
    as_of: date,
    kinds: tuple[str, ...] = (EVENT, CONTACT),
) -> tuple[ir.Table, Reach]:
    """Cut routes into journeys.

    Parameters
    ----------
    steps : from `steps.coded_steps`
    goal : `order`, `order:<n>` or `subscription:end`
    window_days : silence after which a journey is over
    as_of : last day, inclusive
    kinds : which kinds of touchpoints may have credit

    Returns
    -------
    one row per step in a journey: customer_id, journey (1, 2, …), place (1, 2, …), code, converted,
    null, open (0 or 1, of the journey), value (of the order it ended with, else 0); and their reach

    Raises
    ------
    ParameterError for an unknown goal
    """
    is_goal, eligible = _goal(steps, goal)
    marked = steps.mutate(is_goal=is_goal, eligible=eligible, counts=steps.kind.isin(kinds))
    marked = marked.filter(_.is_goal | _.counts)
    inside = marked.filter(_.eligible | _.is_goal)
    window = ibis.window(group_by="customer_id", order_by="step")
    moment = inside.at.epoch_seconds()
    silent = (moment - moment.lag().over(window)) > window_days * _SECONDS_A_DAY
    begins = silent.fill_null(True) | inside.is_goal.lag().over(window).fill_null(True)
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="step")
    numbered = inside.mutate(begins=begins.cast("int64")).mutate(
        journey=_.begins.sum().over(so_far)
    )
    end = (as_of - date(1970, 1, 1)).days + 1
    ends = numbered.group_by("customer_id", "journey").agg(
        converted=_.is_goal.any(),
        value=_.value.sum(where=_.is_goal).fill_null(0).cast(MONEY),
        touched=(~_.is_goal).sum(),
        last_at=_.at.max().epoch_seconds(),
    )
    still = ~_.converted & (_.last_at >= (end - window_days) * _SECONDS_A_DAY)
    ends = ends.mutate(
        open=still.cast("int64"),
        null=(~_.converted & ~still).cast("int64"),
        converted=_.converted.cast("int64"),
    ).cache()
    touches = (
        numbered.filter(~_.is_goal)
        .select("customer_id", "journey", "step", "code")
        .join(ends.drop("touched", "last_at"), ["customer_id", "journey"])
    )
    place = ibis.row_number().over(group_by=["customer_id", "journey"], order_by="step") + 1
    touches = touches.mutate(place=place).drop("step").cache()
    return touches, _reach(ends, marked)


def _reach(ends: ir.Table, marked: ir.Table) -> Reach:
    real = ends.filter(_.touched > 0)
    sums = real.agg(
        journeys=_.count(),
        converted=_.converted.sum(),
        null=_.null.sum(),
        open=_.open.sum(),
        steps=_.touched.sum(),
        customers=_.customer_id.nunique(),
    )
    found = sums.to_pyarrow().to_pylist()[0]
    direct = ends.filter(_.touched == 0).count().to_pyarrow().as_py()
    outside = marked.filter(~_.eligible & ~_.is_goal).count().to_pyarrow().as_py()
    return Reach(direct=direct, outside=outside, **{k: int(v or 0) for k, v in found.items()})


def _goal(steps: ir.Table, goal: str) -> tuple[ir.Value, ir.Value]:
    """Which steps are the goal, and at which it can still be reached."""
    if goal == GOAL_ORDER:
        own = (steps.kind == ORDER) & (steps.touchpoint != SUBSCRIPTION_ORDER)
        return own, ibis.literal(True)
    before = ibis.window(group_by="customer_id", order_by="step", preceding=(None, 1))
    if goal == GOAL_END:
        starts = (steps.touchpoint == SUBSCRIPTION_START).cast("int64")
        ends = steps.touchpoint.startswith(SUBSCRIPTION_END)
        running = (starts - ends.cast("int64")).sum().over(before)
        return ends, (running > 0).fill_null(False)
    kind, _sep, number = goal.partition(":")
    if kind != GOAL_ORDER or not number.isdigit() or int(number) < 1:
        raise ParameterError(
            f"there is no goal {goal!r}", "journeys", "use order, order:2 or subscription:end"
        )
    orders = (steps.kind == ORDER).cast("int64").sum().over(before).fill_null(0)
    return (steps.kind == ORDER) & (steps.number == int(number)), orders == int(number) - 1
