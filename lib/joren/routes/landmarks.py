"""Customer-weeks at risk of being lost, and what happened shortly before each of them.

Every seven days back from the last day of data is a landmark. A customer is at risk there if she
has ordered and has not been silent for as long as counts as lost. She is lost at it if no order
follows for that long; landmarks so late that this cannot be known yet are left out. So nothing is
told by what comes after a landmark, and nobody's silence is known before it has lasted.

Signs are chosen on early landmarks, whose outcome was known when the first late one came, and
judged on late ones. All in the engine; what leaves it are counts by cell of recency and orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.routes.touchpoints import ORDER, SUBSCRIPTION_END

STEP_DAYS = 7
REMEMBERED_WEEKS = 4  # a sign counts for so long
_RECENCY = (14, 28, 56)  # days since the last order at which cells change
_ORDERS = (2, 4)  # orders so far, likewise
CELLS = (len(_RECENCY) + 1) * (len(_ORDERS) + 1)
_LATE = 0.4  # share of the time with known outcome that judges
EARLY, LATE = "early", "late"


@dataclass(frozen=True)
class Reach:
    """What the landmarks rest on: customers, customer-weeks, and customers lost, by period."""

    customers: dict[str, int]
    weeks: dict[str, int]
    lost: dict[str, int]


def orders_ago(steps: ir.Table, as_of: date) -> ir.Table:
    """Days with orders of each customer, counted back from the last day of data.

    Returns
    -------
    customer_id, ago, next_ago (of the following day with orders, null at the last), orders (days
    with orders so far)
    """
    days = _ago(steps.filter(_.kind == ORDER), as_of).select("customer_id", "ago").distinct()
    window = ibis.window(group_by="customer_id", order_by=ibis.desc("ago"))
    return days.mutate(
        next_ago=_.ago.lead().over(window), orders=ibis.row_number().over(window) + 1
    )


def at_risk(orders: ir.Table, days: int, longest: int) -> ir.Table:
    """One row per customer and landmark at risk, in the early and the late period.

    Parameters
    ----------
    orders : from `orders_ago`
    days : silence that counts as lost
    longest : days ago of the first order of all

    Returns
    -------
    customer_id, landmark (weeks ago), ago (of the last order), cell, lost (0 or 1), period
    """
    low = ibis.greatest(days, _.ago - days, _.next_ago.fill_null(-1) + 1)
    spans = orders.mutate(first=(low + STEP_DAYS - 1) // STEP_DAYS, last=_.ago // STEP_DAYS)
    spans = spans.filter(spans["first"] <= spans["last"])
    first, last = spans["first"].cast("int64"), spans["last"].cast("int64")
    weeks = spans.mutate(landmark=ibis.range(first, last + 1, 1).unnest())
    # judged are the last `_LATE` of the landmarks; what was learnt was known when they began
    turn = days + int(_LATE * max(longest - days, 0))
    at = weeks.landmark * STEP_DAYS
    period = ibis.cases((at <= turn, LATE), (at >= turn + days, EARLY))
    recency = sum((weeks.ago - at >= bound).cast("int64") for bound in _RECENCY)
    bought = sum((weeks.orders >= bound).cast("int64") for bound in _ORDERS)
    return weeks.select(
        "customer_id", "landmark", "ago",
        cell=recency * (len(_ORDERS) + 1) + bought,
        lost=(weeks.next_ago.fill_null(-1) < at - days).cast("int64"),
        period=period,
    ).filter(_.period.notnull())  # fmt: skip


def signs_of(steps: ir.Table, transitions: ir.Table, as_of: date, end_code: int) -> ir.Table:
    """Everything that can be a sign: touchpoints met and edges taken.

    A cancelled subscription is an end itself, not a sign of one; an order is what customers are
    compared by. By which way an order came, its edge says.

    Parameters
    ----------
    steps : from `steps.coded_steps`
    transitions : from `edges.transitions`

    Returns
    -------
    customer_id, source (code, null for a touchpoint), target (code), ago
    """
    ends = steps.filter(_.touchpoint.startswith(SUBSCRIPTION_END)).select("code").distinct()
    met = _ago(steps.filter(_.kind != ORDER), as_of).select(
        "customer_id", "ago", source=ibis.null("int64"), target=_.code.cast("int64")
    )
    taken = _ago(transitions.filter(_.target != end_code), as_of).select(
        "customer_id", "ago", source=_.source.cast("int64"), target=_.target.cast("int64")
    )
    both = ibis.union(met, taken)
    return both.anti_join(ends, both.target == ends.code)


def exposed(risk: ir.Table, signs: ir.Table) -> ir.Table:
    """The rows of `risk` within four weeks after a sign, once for each sign.

    Returns
    -------
    the columns of `risk`, source, target, sign_ago (the first time within the four weeks)
    """
    weeks = signs.mutate(week=_.ago // STEP_DAYS)
    back = ibis.range(0, REMEMBERED_WEEKS).unnest()
    shown = weeks.mutate(back=back).mutate(landmark=_.week - _.back)
    shown = shown.group_by("customer_id", "landmark", "source", "target").agg(sign_ago=_.ago.max())
    return risk.join(shown, ["customer_id", "landmark"])


def reach_of(risk: ir.Table) -> Reach:
    """How much there is to learn from and to judge by."""
    by_period = risk.group_by("period").agg(
        customers=_.customer_id.nunique(),
        weeks=_.count(),
        lost=_.customer_id.nunique(where=_.lost == 1),
    )
    rows = {row["period"]: row for row in by_period.to_pyarrow().to_pylist()}
    return Reach(*(
        {period: int(rows[period][name]) if period in rows else 0 for period in (EARLY, LATE)}
        for name in ("customers", "weeks", "lost")
    ))  # fmt: skip


def lead_days(shown: ir.Table, days: int) -> ir.Table:
    """How long before a customer counts as lost a sign was there: the median, in late weeks.

    Parameters
    ----------
    shown : from `exposed`
    days : silence that counts as lost

    Returns
    -------
    source, target, lead_days
    """
    lost = shown.filter((_.lost == 1) & (_.period == LATE))
    # a silence is one, over however many landmarks it lasts
    once = lost.group_by("source", "target", "customer_id", "ago").agg(first=_.sign_ago.max())
    return once.group_by("source", "target").agg(
        lead_days=(_.first - _.ago + days).quantile(0.5).cast("float64")
    )


def _ago(table: ir.Table, as_of: date) -> ir.Table:
    ago = ibis.literal(as_of).delta(table.at.date(), unit="day").cast("int64")
    return table.mutate(ago=ago).filter(_.ago >= 0)
