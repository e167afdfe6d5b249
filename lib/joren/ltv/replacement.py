"""Which predictor a page uses for what: the model, unless a naive rule did better at it.

Rankings are judged by their score alone: one customer more in the right place is better, whatever
the interval. A total is one draw from its distribution, so a rule that came nearer replaces the
model only where the outcome fell outside the model's interval; else its luck cannot be told from
skill. P(alive) is not among the candidates: it is no churn score (methods.md, 04, 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from joren.ltv.baselines import RANKINGS
from joren.ltv.measures import ACTUAL, BASELINE, MODEL
from joren.ltv.segments import EVERYBODY, TENTHS

BEST, BEATEN, WITHIN_INTERVAL, UNTESTED = "best", "beaten", "within_interval", "untested"


@dataclass(frozen=True)
class Use:
    """Something a page forecasts: the measure that judges it, and the rules that compete."""

    measure: str
    rivals: tuple[str, ...]

    @property
    def is_total(self) -> bool:
        return self.measure.startswith("total_")


USES = {
    "return_ranking": Use("auc", tuple(RANKINGS)),
    "value_ranking": Use("gini_value", tuple(RANKINGS)),
    "orders_total": Use("total_orders", (BASELINE,)),
    "value_total": Use("total_value", (BASELINE, "past_mean_spend")),
}


def choose_predictors(backtest: pa.Table) -> pa.Table:
    """The predictor of every use: the table `predictors`.

    Parameters
    ----------
    backtest : from `backtest.score`; without rows, every use keeps the model, untested

    Returns
    -------
    use, measure, predictor (the one used), reason (best; beaten: a rule replaces the model;
    within_interval: a rule came nearer, but the model's interval holds the outcome; untested),
    value, lower, upper (what it scored or forecast), rival (the best of the others), rival_value,
    actual (of totals), n
    """
    everybody = [row for row in backtest.to_pylist() if row["group_name"] == EVERYBODY]
    found = {(row["measure"], row["predictor"]): row for row in everybody}
    rows = [_chosen(name, use, found) for name, use in USES.items()]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("use", "measure", "predictor", "reason")),
        *((name, pa.float64()) for name in ("value", "lower", "upper")),
        ("rival", pa.string()),
        ("rival_value", pa.float64()),
        ("actual", pa.float64()),
        ("n", pa.int64()),
    ]
)


def used(predictors: list[dict], use: str) -> dict:
    """The row of a use; the model, untested, where there was no backtest.

    Parameters
    ----------
    predictors : rows of the table `predictors`
    """
    rows = [row for row in predictors if row["use"] == use]
    return rows[0] if rows else _chosen(use, USES[use], {})


def with_value_tenths(customers: ir.Table, predictor: str) -> ir.Table:
    """Add the tenth of every customer by the ranking used for value, 01 the highest.

    Parameters
    ----------
    customers : from `forecast.forecast_customers`
    predictor : of the use `value_ranking`
    """
    place = _.ltv_365d if predictor == MODEL else RANKINGS[predictor]
    highest_first = ibis.window(order_by=[ibis.desc(place), _.customer_id])
    tenth = (ibis.ntile(10).over(highest_first) + 1).cast("string").lpad(2, "0")
    return customers.mutate(**{f"dim_{TENTHS}": tenth})


def _chosen(name: str, use: Use, found: dict) -> dict:
    model = found.get((use.measure, MODEL))
    actual = found.get((use.measure, ACTUAL), {}).get("value")
    tested = model is not None and model["value"] is not None
    if not tested:
        return {"use": name, "measure": use.measure, "predictor": MODEL, "reason": UNTESTED, "n": 0}
    rivals = [found[use.measure, r] for r in use.rivals if (use.measure, r) in found]
    rivals = [row for row in rivals if row["value"] is not None]

    def goodness(row: dict) -> float:
        return -abs(row["value"] - actual) if use.is_total else row["value"]

    winner, reason = model, BEST
    best = max(rivals, key=goodness, default=None)
    if best is not None and goodness(best) > goodness(model):
        missed = use.is_total and model["lower"] <= actual <= model["upper"]
        winner, reason = (model, WITHIN_INTERVAL) if missed else (best, BEATEN)
    others = [row for row in (model, *rivals) if row is not winner]
    rival = max(others, key=goodness, default=None)
    return {
        "use": name,
        "measure": use.measure,
        "predictor": winner["predictor"],
        "reason": reason,
        "value": winner["value"],
        "lower": winner["lower"],
        "upper": winner["upper"],
        "rival": rival and rival["predictor"],
        "rival_value": rival and rival["value"],
        "actual": actual,
        "n": winner["n"],
    }
