"""Whom a campaign's customers are held beside where nobody was held out: others like them.

Everybody known before the campaign is in one cell of what was known of her then: how often and how
recently she had bought, and where her spend ranked. Outcomes are counted in spans of equal length,
about a week, that begin with the campaign, so that effects add up to the campaign's own days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
from ibis import _

from joren.campaigns.audience import CONTROL
from joren.campaigns.segments import with_segments
from joren.experiments.period_moments import GroupMoments, period_moments

OTHERS = "others"
METRICS = ("revenue", "orders")
BEFORE = 20  # spans looked at before a campaign, where the data reach back so far
LEAST_OTHERS = 10  # of a cell's others; of fewer their mean says nothing
_DAYS, _MOST_AFTER = 7, 12
_CELL = ("frequency", "recency", "rank")


@dataclass(frozen=True)
class Spans:
    """Spans of equal length: `before` of them end with the day before `start`, `after` follow."""

    start: date
    until: date
    before: int
    after: int

    @property
    def seconds(self) -> float:
        """Length of one."""
        return (self.until - self.start).days * 86_400 / self.after

    @property
    def periods(self) -> int:
        return self.before + self.after


def spans(start: date, until: date, first: date) -> Spans:
    """The spans of a campaign.

    Parameters
    ----------
    start, until : its first day and the day after its last
    first : first day of the data
    """
    days = (until - start).days
    after = min(max(round(days / _DAYS), 1), _MOST_AFTER)
    before = int((start - first).days * after // days)
    return Spans(start, until, min(before, BEFORE), after)


def population(
    customers: ir.Table, assigned: ir.Table, facts: ir.Table, campaign: str, start: date
) -> ir.Table:
    """Everybody known before a campaign, with her group and cell.

    Parameters
    ----------
    customers : table customers
    assigned : from `campaigns.audience.one_arm_each`, of any campaigns
    facts : from `campaigns.outcomes.order_facts`
    start : first day of the campaign

    Returns
    -------
    customer_id, arm (`others` for who was not assigned; the hold-out, if there is one, is neither),
    cell
    """
    own = assigned.filter(_.campaign_id == campaign).select("customer_id", "arm")
    began = datetime.combine(start, time())
    known = customers.filter(_.first_seen_at < began).select("customer_id")
    everybody = known.union(own.select("customer_id"), distinct=True)
    joined = everybody.left_join(own, "customer_id")
    rows = joined.select(
        "customer_id",
        campaign_id=ibis.literal(campaign),
        arm=ibis.coalesce(joined.arm, ibis.literal(OTHERS)),
        stratum=ibis.null("string"),
    )
    starts = ibis.memtable({"campaign_id": [campaign], "starts_on": [began]}).select(
        "campaign_id", starts_on=_.starts_on.cast("timestamp(6)")
    )
    told = with_segments(rows.cache(), starts, facts)
    cell = told.frequency + "|" + told.recency + "|" + told["rank"]
    return told.select("customer_id", "arm", cell=cell).filter(_.arm != CONTROL)


def span_outcomes(facts: ir.Table, over: Spans) -> ir.Table:
    """What customers did in each span.

    Returns
    -------
    unit (customer_id), period (0 … periods − 1), the measures of METRICS; a row an order or refund
    """
    began = datetime.combine(over.start, time())
    reach = timedelta(seconds=over.before * over.seconds)
    first, end = began - reach, datetime.combine(over.until, time())
    inside = facts.filter((_.ordered_at >= first) & (_.ordered_at < end))
    seconds = inside.ordered_at.epoch_seconds() - int(
        (first - datetime(1970, 1, 1)).total_seconds()
    )
    period = (seconds / over.seconds).floor().cast("int64")
    return inside.select(
        unit=inside.customer_id,
        period=ibis.greatest(ibis.least(period, over.periods - 1), 0),
        revenue=inside.revenue,
        orders=inside.is_purchase.cast("int64"),
    )


def cell_moments(
    people: ir.Table, outcomes: ir.Table, over: Spans
) -> dict[str, dict[tuple[str, str], GroupMoments]]:
    """Moments of each of METRICS by (arm, cell), worked out in the engine.

    Parameters
    ----------
    people : from `population`; outcomes : from `span_outcomes`
    """
    units = people.select(unit=people.customer_id, group=people.arm + "\t" + people.cell)
    found = period_moments(units, outcomes, over.periods, METRICS)
    return {
        metric: {tuple(name.split("\t", 1)): moments for name, moments in own.items()}
        for metric, own in found.items()
    }


def made_alike(
    moments: dict[tuple[str, str], GroupMoments], arm: str
) -> tuple[GroupMoments, GroupMoments, int] | None:
    """An arm and the others, whose cells are weighted as the arm's customers stand in them.

    The weighted mean of cells and its variance Σ w² S / n are put as moments of one group, so that
    every contrast of periods comes out with the variance of a stratified comparison.

    Returns
    -------
    the arm's moments, the others', and how many of the arm's customers were in cells without
    enough others; None where no cell has both
    """
    cells = [
        cell
        for (name, cell), own in moments.items()
        if name == arm
        and own.n >= 2
        and (other := moments.get((OTHERS, cell))) is not None
        and other.n >= LEAST_OTHERS
    ]
    if not cells:
        return None
    treated = [moments[arm, cell] for cell in cells]
    others = [moments[OTHERS, cell] for cell in cells]
    sizes = np.array([group.n for group in treated], float)
    whole = sum(own.n for (name, _cell), own in moments.items() if name == arm)
    weights = sizes / sizes.sum()
    return _weighted(treated, weights), _weighted(others, weights), int(whole - sizes.sum())


def added_up(groups: list[GroupMoments]) -> GroupMoments:
    """Several groups as one."""
    return GroupMoments(
        sum(group.n for group in groups),
        np.sum([group.sums for group in groups], axis=0),
        np.sum([group.products for group in groups], axis=0),
    )


def last_periods(group: GroupMoments, periods: int) -> GroupMoments:
    """The same group without its earlier periods."""
    return GroupMoments(group.n, group.sums[-periods:], group.products[-periods:, -periods:])


def _weighted(groups: list[GroupMoments], weights: np.ndarray) -> GroupMoments:
    n = sum(group.n for group in groups)
    mean = sum(w * group.mean for w, group in zip(weights, groups, strict=True))
    error = sum(w**2 * group.covariance / group.n for w, group in zip(weights, groups, strict=True))
    products = error * n * (n - 1) + n * np.outer(mean, mean)
    return GroupMoments(n, n * mean, products)
