"""The categories of a subscription: its course and the levels of each factor, rare ones merged."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.ltv.segments import REST, with_rest

FACTORS = ("first_channel", "cohort", "cycle")
SMALLEST_LEVEL = 30  # subscriptions; rarer levels become one
MOST_LEVELS = 12


def with_levels(tenure: ir.Table, as_of: date) -> ir.Table:
    """Tenure rows with their course and the levels of FACTORS.

    Parameters
    ----------
    tenure : from `tenure.subscription_tenure`
    as_of : last day, inclusive; cohorts are years counted back from it

    Returns
    -------
    the columns of `tenure`; course (product), first_channel, cohort (full years since the start,
    3 standing for more) and cycle (shorter, usual or longer than the product's)
    """
    usual = _.cycle_days.median().over(group_by="product_id")
    years = ibis.least(ibis.literal(as_of).delta(tenure.started_on, unit="day") // 365, 3)
    rows = tenure.mutate(
        course=_.product_id,
        first_channel=_.first_channel.fill_null(REST),
        cohort=years.cast("string"),
        cycle=ibis.cases(
            (_.cycle_days < usual, "shorter"), (_.cycle_days > usual, "longer"), else_="usual"
        ),
    )
    for column in ("course", *FACTORS):
        rows = with_rest(rows, column, SMALLEST_LEVEL, MOST_LEVELS)
    return rows
