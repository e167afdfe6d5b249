"""Answer check: fit on the past, forecast what is known, and score the forecast beside baselines.

Everything is measured for all customers together; totals also for tenths by expected orders, for
fifths that are expected to spend the same, and for every group of `segments`, where the ranking is
measured too.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from joren.ltv.baselines import with_baselines
from joren.ltv.forecast import (
    CELL,
    Ahead,
    count_intervals,
    forecast_customers,
    outcome_places,
)
from joren.ltv.group_totals import group_totals
from joren.ltv.holdout import Cut
from joren.ltv.measures import (
    Rows,
    coverage_rows,
    distribution_rows,
    error_rows,
    group_ranking_rows,
    measure_table,
    ranking_rows,
    total_rows,
)
from joren.ltv.models import Fit
from joren.ltv.segments import FIFTHS, TENTHS, dimensions_of, in_groups
from joren.ltv.statistics import KEY


def score(
    known: ir.Table,
    fit: Fit,
    cut: Cut,
    interval: float,
    by: str | None = None,
    compared: Rows = (),
) -> pa.Table:
    """Score the forecast of a calibration fit against the holdout: the table `backtest`.

    Parameters
    ----------
    known : from `holdout.split`
    fit : both models, fitted to `known` only
    cut : the cut
    interval : probability of the intervals
    by : the category whose levels are the fit's cells
    compared : rows of other models, `holdout_choice.Choice.totals`
    """
    customers = scored_customers(known, fit, cut, interval, by)
    segments = dimensions_of(customers)
    grouped = in_groups(customers, [TENTHS, FIFTHS, *segments]).cache()
    names, totals = group_totals(grouped, fit, [cut.holdout_days], interval)
    places = outcome_places(customers, fit, cut.holdout_days, "orders_after")
    return measure_table(
        [
            *total_rows(grouped, names, *totals.values()),
            *ranking_rows(customers, interval),
            *error_rows(customers, interval),
            *coverage_rows(customers, interval),
            *distribution_rows(*places, interval),
            *group_ranking_rows(in_groups(customers, segments), interval),
            *compared,
        ]
    )


def scored_customers(
    known: ir.Table, fit: Fit, cut: Cut, interval: float, by: str | None = None
) -> ir.Table:
    """Every customer known at the cut with forecasts, baselines and outcome.

    Returns
    -------
    the columns of `known` and of `forecast.forecast_customers`; p_order, expected_orders,
    expected_value within the holdout; count_lower, count_upper, interval_mass; baselines; ordered
    (did she order at all); value_gained (value_after, zero where refunds outweigh it); dim_tenth by
    expected orders and dim_fifth of equal expected value, 1 being the highest
    """
    days = cut.holdout_days
    ahead = Ahead([days], as_of=cut.calibration_end, interval=interval)
    forecast = forecast_customers(known, fit, by, ahead)
    outcome = known.select(
        "customer_id",
        *(name for name in known.columns if name not in forecast.columns),
    )
    joined = forecast.join(outcome, "customer_id").join(
        count_intervals(fit, days, interval), [CELL, *KEY]
    )
    named = joined.mutate(
        p_order=_[f"p_order_{days}d"],
        expected_orders=_[f"expected_orders_{days}d"],
        expected_value=_[f"expected_value_{days}d"],
    )
    return (
        with_baselines(named, days / cut.window_days)
        .mutate(
            ordered=_.orders_after > 0,
            value_gained=ibis.greatest(_.value_after, 0.0),
            dim_tenth=_tenth(_.expected_orders),
            dim_fifth=_fifth(_.expected_value),
        )
        .cache()
    )


def _tenth(expected: ir.Deferred) -> ir.Deferred:
    highest_first = ibis.window(order_by=[ibis.desc(expected), _.customer_id])
    return (ibis.ntile(10).over(highest_first) + 1).cast("string").lpad(2, "0")


def _fifth(expected: ir.Deferred) -> ir.Deferred:
    highest_first = ibis.cumulative_window(order_by=[ibis.desc(expected), _.customer_id])
    share = expected.sum().over(highest_first) / expected.sum().over(ibis.window())
    return ibis.least(ibis.greatest((5 * share).ceil(), 1), 5).cast("int64").cast("string")
