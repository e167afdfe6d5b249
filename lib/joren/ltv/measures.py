"""The rows of an answer check: a measure of a predictor, of everybody or of a group.

Intervals are predictive for totals (parameters and chance), Hanley–McNeil for AUC, of the delta
method for Gini, and of the central limit theorem for mean errors. A baseline's total is a rule, not
an estimate, and has none.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _
from scipy.special import kolmogi

from joren.ltv.accuracy import Measure, auc, auc_by_group, gini, mean_of, pit_distance, share
from joren.ltv.baselines import RANKINGS
from joren.ltv.segments import EVERYBODY
from joren.ltv.totals import GroupTotals
from joren.stats.arrays import Array

MODEL, ACTUAL = "model", "actual"
BASELINE = "same_as_last_period"

Rows = Sequence[dict]


def total_rows(
    grouped: ir.Table, names: list[str], orders: GroupTotals, value: GroupTotals
) -> Rows:
    """What each group ordered and spent, what was forecast, and what the baselines said.

    Parameters
    ----------
    grouped : one row per scored customer and group, with group_name
    names : the groups in the order of `orders` and `value`
    """
    sums = (
        grouped.group_by("group_name")
        .agg(
            n=_.count(),
            orders=_.orders_after.sum().cast("float64"),
            value=_.value_after.sum(),
            orders_before=_.same_as_last_period_orders.sum(),
            value_before=_.same_as_last_period_value.sum(),
            own_mean=_.past_mean_spend_value.sum(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    by_name = {row["group_name"]: row for row in sums}
    rows = []
    for i, name in enumerate(names):
        told = by_name[name]
        counted = [
            ("total_orders", ACTUAL, told["orders"]),
            ("total_orders", BASELINE, told["orders_before"]),
            ("total_value", ACTUAL, told["value"]),
            ("total_value", BASELINE, told["value_before"]),
            ("total_value", "past_mean_spend", told["own_mean"]),
        ]
        forecast = [
            (
                measure,
                MODEL,
                Measure(float(t.mean[i]), float(t.lower[i]), float(t.upper[i]), told["n"]),
            )
            for measure, t in (("total_orders", orders), ("total_value", value))
        ]
        exact = [(m, who, Measure(total, None, None, told["n"])) for m, who, total in counted]
        rows += [measured(m, who, found, name) for m, who, found in (*exact, *forecast)]
    return rows


def ranking_rows(customers: ir.Table, interval: float) -> Rows:
    """Who came back (AUC), who ordered and spent most (Gini), by the model and by the baselines."""
    rows = [measured("auc", MODEL, auc(customers, "p_order", "ordered", interval))]
    rows += [
        measured("auc", name, auc(customers, f"by_{name}", "ordered", interval))
        for name in RANKINGS
    ]
    ginis = (("gini_orders", "expected_orders", "orders_after"),
             ("gini_value", "expected_value", "value_gained"))  # fmt: skip
    for measure, forecast, outcome in ginis:
        scores = {MODEL: forecast} | {name: f"by_{name}" for name in RANKINGS}
        rows += [
            measured(measure, who, gini(customers, score, outcome, interval))
            for who, score in scores.items()
        ]
    return rows


def group_ranking_rows(grouped: ir.Table, interval: float) -> Rows:
    """AUC of the model and of recency within each group."""
    scores = {MODEL: "p_order", "recency": "by_recency"}
    return [
        measured("auc", who, found, name)
        for who, score in scores.items()
        for name, found in sorted(
            auc_by_group(grouped, "group_name", score, "ordered", interval).items()
        )
        if name != EVERYBODY
    ]


def error_rows(customers: ir.Table, interval: float) -> Rows:
    """Mean absolute error of counts and Brier score of coming back."""
    came = _.ordered.cast("float64")
    last_share = customers.agg(s=(_.repeat_orders_before > 0).mean()).to_pyarrow()["s"][0].as_py()
    errors = [
        ("mae_orders", MODEL, (_.expected_orders - _.orders_after).abs()),
        ("mae_orders", BASELINE, (_.same_as_last_period_orders - _.orders_after).abs()),
        ("brier", MODEL, (_.p_order - came) ** 2),
        ("brier", BASELINE, (came - last_share) ** 2),
    ]
    return [
        measured(measure, who, mean_of(customers, error, interval))
        for measure, who, error in errors
    ]


def coverage_rows(customers: ir.Table, interval: float) -> Rows:
    """How often counts fell into their intervals, beside what those hold by the model."""
    held = (_.orders_after >= _.count_lower) & (_.orders_after <= _.count_upper)
    sums = (
        customers.agg(hits=held.sum(), n=_.count(), mass=_.interval_mass.mean())
        .to_pyarrow()
        .to_pylist()[0]
    )
    return [
        measured("coverage", MODEL, share(int(sums["hits"]), sums["n"], interval)),
        measured("coverage", "interval_mass", Measure(sums["mass"], None, None, sums["n"])),
    ]


def distribution_rows(below: Array, up_to: Array, customers: Array, interval: float) -> Rows:
    """Distance of the counts' PIT from uniform, and the mean log-probability of what happened.

    Parameters
    ----------
    below, up_to, customers : (n,) P(N < what happened), P(N <= what happened), of so many customers
    interval : probability with which chance alone stays below `by_chance`
    """
    n = int(customers.sum())
    distance = pit_distance(below, up_to, customers)
    density = float(customers @ np.log(np.maximum(up_to - below, 1e-300)) / n)
    by_chance = float(kolmogi(1 - interval) / np.sqrt(n))
    return [
        measured("pit_distance", MODEL, Measure(distance, None, None, n)),
        measured("pit_distance", "by_chance", Measure(by_chance, None, None, n)),
        measured("log_score", MODEL, Measure(density, None, None, n)),
    ]


def measured(measure: str, predictor: str, score: Measure, group_name: str = EVERYBODY) -> dict:
    """One row of the table."""
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
    return None if value is None or value != value else float(f"{value:.10g}")


def measure_table(rows: Rows) -> pa.Table:
    """The rows as the table `backtest`."""
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("measure", "predictor", "group_name")),
            *((name, pa.float64()) for name in ("value", "lower", "upper")),
            ("n", pa.int64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)
