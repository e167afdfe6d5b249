"""The categories of a subscription: its course and the levels of each factor, rare ones merged."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

FACTORS = ("first_channel", "cohort", "cycle")
REST = "other"
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
        rows = _merged(rows, column)
    return rows


def _merged(rows: ir.Table, column: str) -> ir.Table:
    """Levels with fewer than SMALLEST_LEVEL subscriptions, or beyond the largest, as one."""
    kept = (
        rows.group_by(column)
        .agg(size=_.count())
        .order_by(ibis.desc("size"), column)
        .limit(MOST_LEVELS)
        .filter(_.size >= SMALLEST_LEVEL)
        .select(kept=column)
    )
    joined = rows.left_join(kept, rows[column] == kept.kept)
    return joined.mutate(**{column: _.kept.fill_null(REST)}).drop("kept")
