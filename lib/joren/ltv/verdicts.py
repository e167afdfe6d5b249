"""What a fit and a backtest amount to: where the model is beaten, and the sentences that say so."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from joren.ltv.backtest import BASELINE, MODEL
from joren.ltv.holdout import Cut
from joren.ltv.models import Fit

Sentence = tuple[str, dict[str, Any]]

_COUNTED = "common.counted"
_SYMBOLS = {"k_hat": "k̂", "r_hat": "R-hat", "ess": "ESS", "divergences": "NUTS divergences"}


def fit_sentences(fit: Fit) -> list[Sentence]:
    """How the models were fitted, and every threshold they miss.

    Parameters
    ----------
    fit : both models

    Returns
    -------
    text key and the facts of `step.finding`
    """
    named = (("BG/NBD", fit.orders), ("Gamma-Gamma", fit.spend))
    sentences: list[Sentence] = []
    for model, posterior in named:
        certainty = {
            "value": float(posterior.ess_bulk.min()),
            "n": int(fit.purchases.total),
            "why_no_interval": "common.single_value",
            "subject": model,
            "model": model,
        }
        if posterior.rejected_k_hat is not None:
            k_hat = posterior.rejected_k_hat
            sentences.append(("ltv.fit_fell_back", certainty | {"k_hat": k_hat}))
        problems = posterior.problems()
        if problems:
            missed = ", ".join(_SYMBOLS[name] for name in problems)
            doubt = certainty | {"problems": missed, "accent": True}
            sentences.append(("ltv.fit_doubtful", doubt))
        else:
            sentences.append((f"ltv.fit_sound.{posterior.method}", certainty))
    return sentences


def backtest_sentences(table: pa.Table, cut: Cut) -> list[Sentence]:
    """What the backtest says: forecast and outcome, the naive rival, ranking, coverage, defeats.

    Parameters
    ----------
    table : `Backtest.table`
    cut : where the past was cut

    Returns
    -------
    text key and the facts of `step.finding`
    """
    rows = {
        (row["measure"], row["predictor"]): row
        for row in table.to_pylist()
        if row["group_name"] == "all"
    }
    return [
        _orders(rows, cut),
        _value(rows),
        _naive(rows),
        _ranking(rows),
        _coverage(rows),
        *_defeats(table),
    ]


def beaten_by(table: pa.Table) -> list[dict]:
    """Where a baseline did better than the model at what the model is used for.

    Totals are compared by their distance from the outcome, rankings by AUC, single customers by
    mean absolute error. `clear` says that the baseline lies outside the model's interval.

    Parameters
    ----------
    table : `Backtest.table`

    Returns
    -------
    measure, predictor, value, model (the model's row), clear; ordered by measure and predictor
    """
    rows = [row for row in table.to_pylist() if row["group_name"] == "all"]
    value = {(row["measure"], row["predictor"]): row for row in rows}
    found = []
    for row in rows:
        model = value.get((row["measure"], MODEL))
        if model is None or row["predictor"] in (MODEL, "actual", "interval_mass"):
            continue
        if row["measure"].startswith("total_"):
            actual = value[row["measure"], "actual"]["value"]
            better = abs(row["value"] - actual) < abs(model["value"] - actual)
        elif row["measure"] == "auc":
            better = row["value"] > model["value"]
        else:
            better = row["value"] < model["value"]
        if better:
            found.append(
                {
                    "measure": row["measure"],
                    "predictor": row["predictor"],
                    "value": row["value"],
                    "model": model,
                    "clear": not model["lower"] <= row["value"] <= model["upper"],
                }
            )
    return sorted(found, key=lambda row: (row["measure"], row["predictor"]))


def _estimate(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("value", "lower", "upper", "n")}


def _orders(rows: dict, cut: Cut) -> Sentence:
    model, actual = rows["total_orders", MODEL], rows["total_orders", "actual"]["value"]
    where = "within" if model["lower"] <= actual <= model["upper"] else "outside"
    side = "above" if actual >= model["value"] else "below"
    facts = {
        "days": cut.holdout_days,
        "actual": actual,
        "gap": abs(actual - model["value"]) / max(actual, 1.0),
        "accent": where == "outside",
    }
    return f"ltv.backtest_orders.{where}_{side}", _estimate(model) | facts


def _value(rows: dict) -> Sentence:
    actual = rows["total_value", "actual"]["value"]
    return "ltv.backtest_value", _estimate(rows["total_value", MODEL]) | {"actual": actual}


def _naive(rows: dict) -> Sentence:
    actual = rows["total_orders", "actual"]["value"]
    naive = rows["total_orders", BASELINE]
    scale = max(actual, 1.0)
    naive_gap = abs(naive["value"] - actual) / scale
    model_gap = abs(rows["total_orders", MODEL]["value"] - actual) / scale
    facts = {
        "value": naive["value"],
        "n": naive["n"],
        "why_no_interval": "ltv.a_rule",
        "naive_gap": naive_gap,
        "model_gap": model_gap,
    }
    return f"ltv.naive_{'better' if naive_gap < model_gap else 'worse'}", facts


def _ranking(rows: dict) -> Sentence:
    recency = rows["auc", "recency"]["value"]
    return "ltv.ranking", _estimate(rows["auc", MODEL]) | {"recency": recency}


def _coverage(rows: dict) -> Sentence:
    mass = rows["coverage", "interval_mass"]["value"]
    return "ltv.coverage", _estimate(rows["coverage", MODEL]) | {"mass": mass}


def _defeats(table: pa.Table) -> list[Sentence]:
    found = beaten_by(table)
    if not found:
        compared = {row["measure"] for row in table.to_pylist() if row["predictor"] == BASELINE}
        n = table["n"][0].as_py()
        facts = {"value": len(compared | {"auc"}), "n": n, "why_no_interval": _COUNTED}
        return [("ltv.unbeaten", facts)]
    return [
        (
            f"ltv.{'beaten' if row['clear'] else 'level'}.{row['measure']}.{row['predictor']}",
            _estimate(row["model"]) | {"rival": row["value"], "accent": row["clear"]},
        )
        for row in found
    ]
