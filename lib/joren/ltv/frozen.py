"""Forecasts put aside at publication, to be held against what then happens.

Two logs in state, appended to by the run that is published: `forecasts` (totals of every group
within every horizon, with intervals) and `forecast_customers` (what was expected of each customer,
and the groups she was in). The first forecast published for an as-of day stands; a later run of the
same day adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

FORECASTS, FORECAST_CUSTOMERS = "forecasts", "forecast_customers"
LOGS = (FORECASTS, FORECAST_CUSTOMERS)
# beside the horizons asked for: a client that runs once a month then has something to check
CHECKED_DAYS = (30, 60)
MOST_CUSTOMERS = 500_000


def frozen_days(horizons: Sequence[int]) -> list[int]:
    """The horizons forecasts are frozen for, ascending."""
    return sorted({*CHECKED_DAYS, *horizons})


def is_frozen(log: ir.Table | None, as_of: date) -> bool:
    """Whether a forecast of that day stands already.

    Parameters
    ----------
    log : state log `forecasts`, None while nothing was published
    """
    if log is None:
        return False
    return log.filter(_.made_as_of == as_of).count().to_pyarrow().as_py() > 0


def frozen_totals(totals: ir.Table, as_of: date) -> ir.Table:
    """Rows to append to `forecasts`: the table `forecast_totals` with its day."""
    return totals.mutate(made_as_of=ibis.literal(as_of))


def frozen_customers(
    customers: ir.Table, groups: ir.Table, days: Sequence[int], as_of: date
) -> ir.Table:
    """Rows to append to `forecast_customers`; none where there are more than MOST_CUSTOMERS.

    Parameters
    ----------
    customers : customer_id, recency, T; p_order_{d}d, expected_orders_{d}d, expected_value_{d}d
    groups : table forecast_groups
    days : the horizons, ascending

    Returns
    -------
    made_as_of, customer_id, silence (days since her last order), groups, and arrays by horizon:
    days, p_order, expected_orders, expected_value
    """

    def by_horizon(name: str) -> ir.Value:
        return ibis.array([customers[f"{name}_{d}d"].cast("float32") for d in days])

    rows = customers.select(
        "customer_id",
        made_as_of=ibis.literal(as_of),
        silence=_["T"] - _.recency,
        days=ibis.literal(list(days), "array<int64>"),
        p_order=by_horizon("p_order"),
        expected_orders=by_horizon("expected_orders"),
        expected_value=by_horizon("expected_value"),
    )
    few = customers.count().to_pyarrow().as_py() <= MOST_CUSTOMERS
    return (rows if few else rows.limit(0)).join(groups, "customer_id")
