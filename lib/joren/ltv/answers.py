"""Earlier runs' frozen forecasts against what has happened since: the table `forecast_check`.

Each forecast is scored over the longest of its horizons that has passed. Who had bought by its day
is read from today's orders, so that customers merged since then count once; what was expected of
the parts of a customer merged since is added up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from joren.ltv.accuracy import Measure, auc, gini, mean_of
from joren.ltv.frozen import CHECKED_DAYS
from joren.ltv.measures import ACTUAL, MODEL, Rows, measure_table, measured
from joren.ltv.segments import EVERYBODY
from joren.merged_ids import todays_ids


def due_checks(forecasts: ir.Table | None, as_of: date) -> list[tuple[date, int]]:
    """Forecasts that can be scored and over how many days, the latest first.

    Parameters
    ----------
    forecasts : state log `forecasts`, None while nothing was published
    as_of : last day of data
    """
    if forecasts is None:
        return []
    passed = forecasts.filter(
        ibis.literal(as_of).delta(forecasts.made_as_of, unit="day") >= forecasts.days
    )
    longest = passed.group_by("made_as_of").agg(days=_.days.max())
    rows = longest.order_by(ibis.desc("made_as_of")).to_pyarrow().to_pylist()
    return [(row["made_as_of"], row["days"]) for row in rows]


def frozen_before(forecasts: ir.Table | None, as_of: date) -> list[date]:
    """The days of earlier forecasts, ascending."""
    if forecasts is None:
        return []
    days = forecasts.filter(_.made_as_of < as_of).select("made_as_of").distinct()
    return sorted(days.to_pyarrow()["made_as_of"].to_pylist())


def check_table(checked: Iterable[pa.Table]) -> pa.Table:
    """All checks as the table `forecast_check`; without rows where nothing was due."""
    return pa.concat_tables([_dated(measure_table([]), date.min, 1), *checked])


def first_check(as_of: date) -> date:
    """The first day on which a forecast made today can be scored."""
    return as_of + timedelta(days=CHECKED_DAYS[0])


def check_forecast(
    made_as_of: date,
    days: int,
    forecasts: ir.Table,
    by_customer: ir.Table | None,
    purchases: ir.Table,
    history: ir.Table,
    identity_map: ir.Table,
    interval: float,
) -> pa.Table:
    """Score one frozen forecast over its first days.

    Parameters
    ----------
    made_as_of, days : from `due_checks`
    forecasts, by_customer : state logs `forecasts`, `forecast_customers`
    purchases : today's `summary.purchase_days`
    history, identity_map : of today
    interval : probability of the intervals of rankings and mean errors

    Returns
    -------
    the rows of `measures.measure_table` and made_as_of, days: totals of all customers, and where
    every customer was frozen also of each group, AUC beside recency's, Brier score and Gini
    """
    happened = _happened(purchases, made_as_of, days).cache()
    told = forecasts.filter((_.made_as_of == made_as_of) & (_.days == days))
    rows = _totals(told, happened.mutate(group_name=ibis.literal(EVERYBODY)))
    customers = None if by_customer is None else by_customer.filter(_.made_as_of == made_as_of)
    if customers is not None and customers.count().to_pyarrow().as_py():
        ids = todays_ids(customers, history, identity_map)
        scored = _expected(customers, ids, days).inner_join(happened, "customer_id").cache()
        rows += _totals(told, scored.mutate(group_name=_.groups.unnest()), EVERYBODY)
        rows += _scores(scored, interval)
    return _dated(measure_table(rows), made_as_of, days)


def _dated(table: pa.Table, made_as_of: date, days: int) -> pa.Table:
    made = pa.array([made_as_of] * len(table), pa.date32())
    over = pa.array([days] * len(table), pa.int64())
    return table.append_column("made_as_of", made).append_column("days", over)


def _happened(purchases: ir.Table, made_as_of: date, days: int) -> ir.Table:
    """Orders and value within the days, of everybody who had bought by then."""
    end = made_as_of + timedelta(days=days)
    inside = (_.visit > 0) & (_.day > made_as_of) & (_.day <= end)
    by_customer = purchases.group_by("customer_id").agg(
        first_day=_.day.min(where=_.visit > 0),
        orders=_.count(where=inside),
        value=_.value.sum(where=inside).cast("float64").fill_null(0.0),
    )
    known = by_customer.filter(_.first_day <= made_as_of)
    return known.select("customer_id", "orders", "value", ordered=_.orders > 0)


def _expected(customers: ir.Table, ids: ir.Table, days: int) -> ir.Table:
    """What was expected of today's customers: the parts of a merged one added up."""
    at = customers.days.index(days)
    parts = customers.join(ids.filter(_.today.notnull()), "customer_id").select(
        customer_id="today",
        silence="silence",
        groups="groups",
        p_none=1 - customers.p_order[at].cast("float64"),
        expected_orders=customers.expected_orders[at].cast("float64"),
        expected_value=customers.expected_value[at].cast("float64"),
    )
    # a merged customer is scored where most was expected of her
    return parts.group_by("customer_id").agg(
        groups=_.groups.argmax(_.expected_orders),
        # no order of any part; the floor keeps the engine's logarithm defined
        p_order=1 - ibis.greatest(_.p_none, 1e-300).ln().sum().exp(),
        by_recency=-_.silence.min().cast("float64"),
        expected_orders=_.expected_orders.sum(),
        expected_value=_.expected_value.sum(),
    )


def _totals(told: ir.Table, grouped: ir.Table, but_for: str = "") -> Rows:
    """Forecast and outcome of the groups in `grouped`, but for one."""
    actual = (
        grouped.filter(_.group_name != but_for)
        .group_by("group_name")
        .agg(n=_.count(), orders=_.orders.sum().cast("float64"), value=_.value.sum())
    )
    rows = []
    for found in (
        told.join(actual, "group_name").order_by("measure", "group_name").to_pyarrow().to_pylist()
    ):
        measure, name = f"total_{found['measure']}", found["group_name"]
        forecast = Measure(found["mean"], found["lower"], found["upper"], found["customers"])
        happened = Measure(found[found["measure"]], None, None, found["n"])
        rows += [
            measured(measure, MODEL, forecast, name),
            measured(measure, ACTUAL, happened, name),
        ]
    return rows


def _scores(scored: ir.Table, interval: float) -> Rows:
    came = _.ordered.cast("float64")
    gained = scored.mutate(value_gained=ibis.greatest(_.value, 0.0))
    return [
        measured("auc", MODEL, auc(scored, "p_order", "ordered", interval)),
        measured("auc", "recency", auc(scored, "by_recency", "ordered", interval)),
        measured("brier", MODEL, mean_of(scored, (_.p_order - came) ** 2, interval)),
        measured("gini_value", MODEL, gini(gained, "expected_value", "value_gained", interval)),
    ]
