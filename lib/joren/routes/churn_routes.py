"""Which edges lead to loss: time from the edge to silence or cancellation, with censoring.

A customer who takes an edge for the first time while active is followed until she is lost (silent
for as long as counts as lost), cancels a subscription, or the data end; whichever comes first.
Those whom the data leave before that are censored, not kept. The cumulative incidence of each end
among the two is Aalen & Johansen's (1978), in weeks, with the variance of Marubini & Valsecchi
(1995, ch. 10); the hazard by tenure is ends over customer-weeks at risk, with a gamma interval.
Weeks and ends are counted in the engine; one row an edge, week and end leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _
from scipy.stats import gamma, norm

from joren.routes.touchpoints import SUBSCRIPTION_END
from joren.stats.arrays import Array

LAPSE, CANCEL, CENSORED = "lapse", "cancel", "censored"
CAUSES = (LAPSE, CANCEL)
LEAST_CUSTOMERS = 20
_TENURE = (0, 90, 180, 365)  # days since the first order at which bands begin
_WEEK = 7


def follow(
    steps: ir.Table, transitions: ir.Table, orders: ir.Table, as_of: date, days: int, end_code: int
) -> ir.Table:
    """What became of every customer after her first time on every edge; not of edges into an end.

    Parameters
    ----------
    steps : from `steps.coded_steps`; transitions : from `edges.transitions`
    orders : from `landmarks.orders_ago`
    days : silence that counts as lost

    Returns
    -------
    source, target (codes), customer_id, tenure (days since her first order), lasted (days until the
    end or the last day of data), end (lapse, cancel, censored)
    """
    cancels = _ago(steps.filter(_.touchpoint.startswith(SUBSCRIPTION_END)), as_of)
    ends = cancels.select("code").distinct()
    taken = _ago(transitions.filter(_.target != end_code), as_of)
    taken = taken.anti_join(ends, taken.target == ends.code)
    first = taken.group_by("customer_id", "source", "target").agg(ago=_.ago.max())
    # the day with orders before the edge, and silence from there on
    spans = orders.select("customer_id", "ago", "next_ago", order_ago="ago").drop("ago")
    joined = first.join(spans, "customer_id").filter(
        (_.order_ago >= _.ago) & (_.next_ago.fill_null(-1) < _.ago)
    )
    active = joined.filter(_.order_ago - _.ago <= days)
    # lost is who has been silent for a day more than that
    silent = orders.filter(_.ago - _.next_ago.fill_null(-1) > days + 1)
    losses = silent.select("customer_id", lost_ago=_.ago - days - 1)
    cancelled = cancels.select("customer_id", cancel_ago="ago")
    begun = orders.group_by("customer_id").agg(begun_ago=_.ago.max())
    edge = ["customer_id", "source", "target"]
    lost = _next(active, losses, "lost_ago", edge)
    left = _next(active, cancelled, "cancel_ago", edge)
    both = active.left_join(lost, edge).drop(*(f"{name}_right" for name in edge))
    both = both.left_join(left, edge).drop(*(f"{name}_right" for name in edge))
    both = both.join(begun, "customer_id")
    last = ibis.greatest(both.lost_ago.fill_null(-1), both.cancel_ago.fill_null(-1))
    end = ibis.cases(
        (last < 0, CENSORED), (both.cancel_ago.fill_null(-1) == last, CANCEL), else_=LAPSE
    )
    return both.select(
        "source", "target", "customer_id",
        tenure=_.begun_ago - _.ago,
        lasted=_.ago - ibis.greatest(last, 0),
        end=end,
    )  # fmt: skip


def churn_routes(
    followed: ir.Table, names: Mapping[int, str], horizon: int, level: float
) -> pd.DataFrame:
    """The table `churn_routes`: how many are lost or cancel within a time of taking an edge.

    Parameters
    ----------
    followed : from `follow`
    names : code → touchpoint
    horizon : days
    level : of the intervals

    Returns
    -------
    source_touchpoint, target_touchpoint, cause; customers; ended (of them, within the horizon, by
    the cause); days; incidence, lower, upper; edges of too few customers are left out
    """
    counts = (
        followed.mutate(week=_.lasted // _WEEK)
        .group_by("source", "target", "week", "end")
        .agg(n=_.count())
        .to_pandas()
    )
    weeks = -(-horizon // _WEEK)
    reach = norm.ppf(0.5 + level / 2)
    rows = []
    for (source, target), group in counts.groupby(["source", "target"]):
        size = int(group.n.sum())
        if size < LEAST_CUSTOMERS:
            continue
        ends = np.zeros((3, weeks + 1))
        for cause, part in enumerate((*CAUSES, CENSORED)):
            some = group[group.end == part]
            np.add.at(ends[cause], np.minimum(some.week.to_numpy(int), weeks), some.n.to_numpy())
        for cause, name in enumerate(CAUSES):
            value, variance = aalen_johansen(ends[:, :-1], size, cause)
            lower, upper = _loglog(value, variance, reach)
            rows.append((names[source], names[target], name, size, int(ends[cause, :-1].sum()),
                         horizon, value, lower, upper))  # fmt: skip
    columns = ["source_touchpoint", "target_touchpoint", "cause", "customers", "ended", "days",
               "incidence", "lower", "upper"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def aalen_johansen(ends: Array, size: int, cause: int) -> tuple[float, float]:
    """Cumulative incidence of a cause at the end of the last interval, and its variance.

    Parameters
    ----------
    ends : (causes + 1, w) ends in each interval, those censored last; who is censored in an
        interval was at risk in it
    size : at risk at the beginning
    cause : row of `ends`
    """
    gone = ends.sum(0)
    at_risk = size - np.concatenate([[0.0], gone.cumsum()[:-1]])
    told = at_risk > 0
    n = np.where(told, at_risk, 1.0)
    any_end, own = ends[:-1].sum(0), ends[cause]
    survival = np.cumprod(np.concatenate([[1.0], 1 - any_end / n]))[:-1]
    incidence = np.cumsum(survival * own / n)
    later = incidence[-1] - incidence
    square = np.divide(any_end, n * (n - any_end), out=np.zeros_like(n), where=n > any_end)
    variance = (
        (later**2 * square).sum()
        + (survival**2 * own * (n - own) / n**3).sum()
        - 2 * (later * survival * own / n**2).sum()
    )
    return float(min(incidence[-1], 1.0)), float(max(variance, 0.0))


def hazard_by_tenure(followed: ir.Table, names: Mapping[int, str], level: float) -> pd.DataFrame:
    """The table `churn_hazard`: ends a customer-week after an edge, by days since the first order.

    Parameters
    ----------
    followed : from `follow`
    names : code → touchpoint
    level : of the intervals

    Returns
    -------
    source_touchpoint, target_touchpoint, cause, tenure (days at which the band begins); weeks (at
    risk); ended; hazard, lower, upper (a week)
    """
    bands = [*_TENURE, 1_000_000]
    parts = []
    for low, high in pairwise(bands):
        begins = ibis.greatest(followed.tenure, low)
        ends = ibis.least(followed.tenure + followed.lasted + 1, high)
        end_at = followed.tenure + followed.lasted
        inside = (end_at >= low) & (end_at < high)
        parts.append(
            followed.mutate(
                tenure=ibis.literal(low, "int64"),
                days=ibis.greatest(ends - begins, 0),
                lapse=(inside & (_.end == LAPSE)).cast("int64"),
                cancel=(inside & (_.end == CANCEL)).cast("int64"),
            ).filter(_.days > 0)
        )
    sums = (
        ibis.union(*parts)
        .group_by("source", "target", "tenure")
        .agg(
            customers=_.count(), days=_.days.sum(), lapse=_.lapse.sum(), cancel=_.cancel.sum()
        )
        .filter(_.customers >= LEAST_CUSTOMERS)
        .order_by("source", "target", "tenure")
        .to_pandas()
    )  # fmt: skip
    weeks = sums.days.to_numpy(float) / _WEEK
    tails = (0.5 - level / 2, 0.5 + level / 2)
    found = [
        pd.DataFrame({
            "source_touchpoint": sums.source.map(names),
            "target_touchpoint": sums.target.map(names),
            "cause": cause, "tenure": sums.tenure, "weeks": weeks, "ended": sums[cause],
            "hazard": sums[cause] / weeks,
            **{
                name: gamma.ppf(tail, sums[cause] + 0.5) / weeks  # Jeffreys
                for name, tail in zip(("lower", "upper"), tails, strict=True)
            },
        })
        for cause in CAUSES
    ]  # fmt: skip
    table = pd.concat(found, ignore_index=True)
    return table.assign(lower=np.where(table.ended > 0, table.lower, 0.0))


def _next(active: ir.Table, ends: ir.Table, column: str, edge: list[str]) -> ir.Table:
    """The first end after the day of each edge: the largest number of days ago below its own."""
    after = active.select(*edge, "ago").join(ends, "customer_id")
    return after.filter(_[column] < _.ago).group_by(*edge).agg(**{column: _[column].max()})


def _ago(table: ir.Table, as_of: date) -> ir.Table:
    return table.mutate(ago=ibis.literal(as_of).delta(table.at.date(), unit="day").cast("int64"))


def _loglog(value: float, variance: float, reach: float) -> tuple[float, float]:
    """Interval of a probability that stays within 0 and 1."""
    if not 0 < value < 1:
        return value, value
    half = reach * np.sqrt(variance) / (value * abs(np.log(value)))
    return float(value ** np.exp(half)), float(value ** np.exp(-half))
