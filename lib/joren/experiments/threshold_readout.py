"""A campaign that was granted from a threshold on: from orders to a regression discontinuity.

The running variable is what a customer did in the BEFORE_DAYS before the campaign. Where not all
above the threshold are in the arm, or some below are, the design is fuzzy.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.campaigns.outcomes import BEFORE_DAYS
from joren.campaigns.plan import Plan
from joren.experiments.checks.continuity import continuity
from joren.experiments.checks.density import density
from joren.experiments.evidence import Evidence
from joren.experiments.regression_discontinuity import regression_discontinuity
from joren.experiments.threshold_bins import threshold_bins
from joren.params_campaigns import Threshold

_BINS = 100  # between nothing and the threshold
_CLEAR = 0.98  # share of each side on its own side of the rule from which the design is sharp


def at_threshold(
    given: Threshold, people: ir.Table, arm: str, facts: ir.Table, plan: Plan, level: float
) -> Evidence:
    """The effect on revenue in the campaign's own days, of customers at the threshold.

    Parameters
    ----------
    given : what decided, and from where on
    people : from `comparison.population`; facts : from `campaigns.outcomes.order_facts`
    level : of the interval

    Raises
    ------
    JorenError if too little lies near the threshold, or too few follow it
    """
    rows = threshold_rows(given, people, arm, facts, plan).cache()
    width = max(round(given.at / _BINS), 1)
    bins = threshold_bins(rows.select("running", "outcome", "treated"), given.at, width)
    right, left = bins.side(True), bins.side(False)
    followed = min(
        right.d.sum() / max(right.n.sum(), 1.0), 1 - left.d.sum() / max(left.n.sum(), 1.0)
    )
    found = regression_discontinuity(bins, level, fuzzy=bool(followed < _CLEAR))
    other = "orders_before" if given.by == "revenue_before" else "revenue_before"
    covariates = {
        name: threshold_bins(rows.select("running", "treated", outcome=rows[name]), given.at, width)
        for name in (other, "days_known")
    }
    return found.with_checks(density(bins), continuity(covariates))


def threshold_rows(
    given: Threshold, people: ir.Table, arm: str, facts: ir.Table, plan: Plan
) -> ir.Table:
    """One row a customer: running, outcome, treated, revenue_before, orders_before, days_known."""
    begin, end = (datetime.combine(day, time()) for day in (plan.starts_on, plan.until))
    earliest = begin - timedelta(days=BEFORE_DAYS)
    before = (facts.ordered_at >= earliest) & (facts.ordered_at < begin)
    inside = (facts.ordered_at >= begin) & (facts.ordered_at < end)
    sums = facts.group_by("customer_id").agg(
        outcome=facts.revenue.sum(where=inside),
        revenue_before=facts.revenue.sum(where=before),
        orders_before=facts.is_purchase.sum(where=before),
        first=facts.day.min(where=facts.ordered_at < begin),
    )
    joined = people.left_join(sums, "customer_id")
    known = joined.select(
        treated=joined.arm == arm,
        **{
            name: ibis.coalesce(joined[name], 0)
            for name in ("outcome", "revenue_before", "orders_before")
        },
        days_known=ibis.coalesce(
            ibis.literal(plan.starts_on).delta(joined["first"], unit="day"), 0
        ),
    )
    return known.mutate(running=_[given.by])
