"""Answer check: fit on the past, forecast what is known, and score the forecast beside baselines.

Intervals are predictive for totals (parameters and chance), Hanley–McNeil for AUC, and of the
central limit theorem for mean errors. A baseline's total is a rule, not an estimate, and has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from joren.ltv.accuracy import Measure, auc, mean_of, share
from joren.ltv.baselines import RANKINGS, with_baselines
from joren.ltv.gamma_gamma import spend_moments
from joren.ltv.holdout import Cut
from joren.ltv.models import Fit
from joren.ltv.prediction import OrderForecast, OrderIntervals, forecast_orders, order_intervals
from joren.ltv.totals import GroupTotals, group_cells, order_totals, value_totals
from joren.ltv.value import customer_table

MODEL = "bg_nbd"
BASELINE = "same_as_last_period"
_GROUPS = 10


@dataclass(frozen=True)
class Backtest:
    """The scores (table `backtest`) and, by tenth of expected orders, forecast and outcome."""

    table: pa.Table
    by_group: pa.Table


def score(known: ir.Table, fit: Fit, cut: Cut, interval: float) -> Backtest:
    """Score the forecast of a calibration fit against the holdout.

    Parameters
    ----------
    known : from `holdout.split`
    fit : both models, fitted to `known` only
    cut : the cut
    interval : probability of the intervals
    """
    forecast = forecast_orders(fit.purchases, fit.order_draws(), [cut.holdout_days])
    intervals = order_intervals(fit.purchases, fit.order_draws(), cut.holdout_days, interval)
    customers = scored_customers(known, fit, cut, interval, forecast, intervals)
    orders, all_orders, value = _forecast_totals(customers, fit, cut, interval)
    rows = [
        *_total_rows(customers, all_orders, value),
        *_ranking_rows(customers, interval),
        *_error_rows(customers, interval),
        *_coverage_rows(customers, interval),
    ]
    by_group = _group_rows(customers, orders)
    rows += [row for group in by_group for row in _group_measures(group)]
    return Backtest(_table(rows), pa.Table.from_pylist(by_group))


def scored_customers(
    known: ir.Table,
    fit: Fit,
    cut: Cut,
    interval: float,
    forecast: OrderForecast,
    intervals: OrderIntervals,
) -> ir.Table:
    """Every customer known at the cut with forecasts, baselines and outcome.

    Returns
    -------
    the columns of `known`; p_order, expected_orders, expected_value, chance (variance of orders
    given the parameters), value_chance, count_lower, count_upper, interval_mass; baselines;
    spend, ordered (did she order at all), decile (1–10 by expected orders)
    """
    days = cut.holdout_days
    spend = spend_moments(fit.spend_draws(), fit.frequencies())
    values = customer_table(
        known,
        fit.purchases,
        forecast,
        spend,
        as_of=cut.calibration_end,
        margin_rate=1.0,
        interval=interval,
    ).select(
        "customer_id",
        p_order=_[f"p_order_{days}d"],
        expected_orders=_[f"expected_orders_{days}d"],
        expected_value=_[f"expected_value_{days}d"],
        spend=_.spend,
        chance=_[f"orders_{days}d_chance"],
        value_chance=_[f"value_{days}d_chance"],
    )
    unique = ibis.memtable(
        pa.table(
            {
                "frequency": fit.purchases.frequency.astype("int64"),
                "recency": fit.purchases.recency.astype("int64"),
                "T": fit.purchases.age.astype("int64"),
                "count_lower": intervals.lower,
                "count_upper": intervals.upper,
                "interval_mass": intervals.mass,
            }
        )
    )
    joined = known.join(values, "customer_id").join(unique, ["frequency", "recency", "T"])
    by_expectation = ibis.window(order_by=[_.expected_orders, _.customer_id])
    return (
        with_baselines(joined, cut.holdout_days / cut.window_days)
        .mutate(
            ordered=_.orders_after > 0,
            decile=ibis.ntile(_GROUPS).over(by_expectation) + 1,
        )
        .cache()
    )


def _forecast_totals(
    customers: ir.Table, fit: Fit, cut: Cut, interval: float
) -> tuple[GroupTotals, GroupTotals, GroupTotals]:
    orders, all_orders = order_totals(
        group_cells(customers, "decile", "chance"), fit.order_draws(), cut.holdout_days, interval
    )
    value = value_totals(
        group_cells(customers, "decile", "value_chance"),
        fit.order_draws(),
        fit.spend_draws(),
        cut.holdout_days,
        interval,
    )[1]
    return orders, all_orders, value


def _total_rows(customers: ir.Table, orders: GroupTotals, value: GroupTotals) -> list[dict]:
    sums = (
        customers.agg(
            n=_.count(),
            orders=_.orders_after.sum().cast("float64"),
            value=_.value_after.sum(),
            orders_before=_.same_as_last_period_orders.sum(),
            value_before=_.same_as_last_period_value.sum(),
            own_mean=_.past_mean_spend_value.sum(),
        )
        .to_pyarrow()
        .to_pylist()[0]
    )
    n = sums["n"]
    counted = [
        ("total_orders", "actual", sums["orders"]),
        ("total_orders", BASELINE, sums["orders_before"]),
        ("total_value", "actual", sums["value"]),
        ("total_value", BASELINE, sums["value_before"]),
        ("total_value", "past_mean_spend", sums["own_mean"]),
    ]
    modelled = [("total_orders", orders), ("total_value", value)]
    return [
        *(_row(measure, who, Measure(total, None, None, n)) for measure, who, total in counted),
        *(
            _row(
                measure,
                MODEL,
                Measure(float(t.mean[0]), float(t.lower[0]), float(t.upper[0]), n),
            )
            for measure, t in modelled
        ),
    ]


def _ranking_rows(customers: ir.Table, interval: float) -> list[dict]:
    scores = {MODEL: "p_order"} | {name: f"by_{name}" for name in RANKINGS}
    return [
        _row("auc", predictor, auc(customers, column, "ordered", interval))
        for predictor, column in scores.items()
    ]


def _error_rows(customers: ir.Table, interval: float) -> list[dict]:
    came = _.ordered.cast("float64")
    last_share = customers.agg(s=(_.repeat_orders_before > 0).mean()).to_pyarrow()["s"][0].as_py()
    errors = [
        ("mae_orders", MODEL, (_.expected_orders - _.orders_after).abs()),
        ("mae_orders", BASELINE, (_.same_as_last_period_orders - _.orders_after).abs()),
        ("brier", MODEL, (_.p_order - came) ** 2),
        ("brier", BASELINE, (came - last_share) ** 2),
    ]
    return [
        _row(measure, who, mean_of(customers, error, interval)) for measure, who, error in errors
    ]


def _coverage_rows(customers: ir.Table, interval: float) -> list[dict]:
    held = (_.orders_after >= _.count_lower) & (_.orders_after <= _.count_upper)
    sums = (
        customers.agg(hits=held.sum(), n=_.count(), mass=_.interval_mass.mean())
        .to_pyarrow()
        .to_pylist()[0]
    )
    return [
        _row("coverage", MODEL, share(int(sums["hits"]), sums["n"], interval)),
        _row("coverage", "interval_mass", Measure(sums["mass"], None, None, sums["n"])),
    ]


def _group_rows(customers: ir.Table, orders: GroupTotals) -> list[dict]:
    actual = (
        customers.group_by("decile")
        .agg(n=_.count(), actual=_.orders_after.mean())
        .order_by("decile")
        .to_pyarrow()
        .to_pylist()
    )
    return [
        row
        | {
            "expected": float(orders.mean[i] / orders.customers[i]),
            "lower": float(orders.lower[i] / orders.customers[i]),
            "upper": float(orders.upper[i] / orders.customers[i]),
        }
        for i, row in enumerate(actual)
    ]


def _group_measures(group: dict) -> list[dict]:
    name, measure = f"decile_{group['decile']:02d}", "orders_per_customer"
    model = Measure(group["expected"], group["lower"], group["upper"], group["n"])
    return [
        _row(measure, "actual", Measure(group["actual"], None, None, group["n"]), name),
        _row(measure, MODEL, model, name),
    ]


def _row(measure: str, predictor: str, score: Measure, group_name: str = "all") -> dict:
    return {
        "measure": measure,
        "predictor": predictor,
        "group_name": group_name,
        "value": _repeatable(score.value),
        "lower": _repeatable(score.lower),
        "upper": _repeatable(score.upper),
        "n": score.n,
    }


def _repeatable(value: float | None) -> float | None:
    # the engine adds floats in the order its threads finish: the last digits are not the data's
    return None if value is None else float(f"{value:.10g}")


def _table(rows: list[dict]) -> pa.Table:
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("measure", "predictor", "group_name")),
            *((name, pa.float64()) for name in ("value", "lower", "upper")),
            ("n", pa.int64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)
