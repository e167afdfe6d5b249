"""What fits and answer checks amount to: the sentences that say so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
from scipy.special import ndtri

from joren.ltv.choice import level
from joren.ltv.holdout import Cut
from joren.ltv.measures import ACTUAL, BASELINE, MODEL
from joren.ltv.models import Fit
from joren.ltv.replacement import BEATEN, UNTESTED, WITHIN_INTERVAL
from joren.ltv.segments import EVERYBODY, REST, UNKNOWN

Sentence = tuple[str, dict[str, Any]]

_COUNTED = "common.counted"
_SINGLE = "common.single_value"
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
    cells = [(f"{fit.model.title} [{cell.name}]", cell.orders) for cell in fit.cells]
    named = (*(cells or [(fit.model.title, fit.orders)]), ("Gamma-Gamma", fit.spend))
    sentences: list[Sentence] = []
    for model, posterior in named:
        certainty = {
            "value": float(posterior.ess_bulk.min()),
            "n": int(fit.purchases.total),
            "why_no_interval": _SINGLE,
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


def choice_sentence(fit: Fit, why: str, interval: float) -> Sentence:
    """Which model of orders is used and why.

    Parameters
    ----------
    fit : with the model used, and what was tried
    why : only, loo, holdout, earlier_holdout (the backtest's, of a fit to all days), level (models
        that leave-one-out does not tell apart, and no holdout)
    interval : probability of the interval of the lead
    """
    facts = {"model": fit.model.title, "n": int(fit.purchases.total)}
    if why == "only":
        return "ltv.model_only", facts | {"value": 1, "why_no_interval": _COUNTED}
    chosen = next(tried for tried in fit.tried if tried.model.name == fit.model.name)
    compared = fit.tried if why == "loo" else level(fit.tried)
    rival = max(
        (tried for tried in compared if tried is not chosen), key=lambda tried: tried.loo.elpd
    )
    lead, error = chosen.loo.lead_over(rival.loo)
    half = float(ndtri((1 + interval) / 2)) * error
    estimate = {"value": lead, "lower": lead - half, "upper": lead + half}
    names = {"rival": rival.model.title, "tried": ", ".join(t.model.title for t in fit.tried)}
    return f"ltv.model_by.{why}", facts | estimate | names


def backtest_sentences(table: pa.Table, cut: Cut) -> list[Sentence]:
    """What the backtest says of everybody: totals, the naive rival, ranking, intervals, PIT.

    Parameters
    ----------
    table : from `backtest.score`
    cut : where the past was cut

    Returns
    -------
    text key and the facts of `step.finding`
    """
    rows = _of_everybody(table)
    return [
        orders_sentence("ltv.backtest_orders", rows, {"days": cut.holdout_days}),
        value_sentence("ltv.backtest_value", rows, {}),
        _naive(rows),
        _ranking(rows),
        _coverage(rows),
        _pit(rows),
    ]


def answer_sentences(checked: pa.Table, made: date, days: int) -> list[Sentence]:
    """What became of a frozen forecast.

    Parameters
    ----------
    checked : from `answers.check_forecast`
    made, days : the day the forecast was made, and the days that have passed of it
    """
    rows = _of_everybody(checked)
    facts = {"days": days, "made": made, "subject": made.isoformat()}
    found = [
        orders_sentence("ltv.answer_orders", rows, facts),
        value_sentence("ltv.answer_value", rows, facts),
    ]
    if ("auc", MODEL) in rows and rows["auc", MODEL]["value"] is not None:
        recency = {"recency": rows["auc", "recency"]["value"]}
        found.append(("ltv.answer_ranking", _estimate(rows["auc", MODEL]) | facts | recency))
    return found


def predictor_sentences(predictors: Iterable[dict]) -> list[Sentence]:
    """Which predictor is used for what, and why.

    Parameters
    ----------
    predictors : rows of the table `predictors`
    """
    sentences: list[Sentence] = []
    for use in predictors:
        if use["reason"] == UNTESTED:
            continue
        ranked = use["lower"] is not None
        facts = {name: use[name] for name in ("value", "lower", "upper", "n", "actual")}
        facts |= {"rival": use["rival_value"], "accent": use["reason"] == BEATEN}
        facts |= {} if ranked else {"why_no_interval": "ltv.a_rule"}
        if use["reason"] == BEATEN:
            key = f"ltv.use.{use['use']}.beaten.{use['predictor']}"
        elif use["reason"] == WITHIN_INTERVAL:
            key = f"ltv.use.{use['use']}.within_interval.{use['rival']}"
        else:
            key = f"ltv.use.{use['use']}.best"
        sentences.append((key, facts))
    return sentences


def groups_sentence(key: str, groups: pd.DataFrame) -> Sentence:
    """In how many groups the outcome lies inside the interval, and in which it does not.

    Parameters
    ----------
    key : text key with the entries `all` and `some`
    groups : from `overview.compared_groups`, at least one
    """
    off = groups[~groups.inside]
    facts = {
        "value": int(groups.inside.sum()),
        "n": int(groups[groups.dimension == groups.dimension.iloc[0]].n.sum()),
        "why_no_interval": _COUNTED,
        "groups": len(groups),
        "off": ", ".join(off.level),
    }
    return f"{key}.{'some' if len(off) else 'all'}", facts


def best_level_sentence(
    dimension: str, groups: pd.DataFrame, everybody: float, days: int
) -> Sentence | None:
    """Whose customers are worth most each; None where there is nothing to compare.

    Parameters
    ----------
    dimension : one of `segments.CATEGORIES`
    groups : from `overview.totals_of`
    everybody : expected value per customer of all
    days : horizon
    """
    named = groups[~groups.level.isin([UNKNOWN, REST])]
    if len(named) < 2:
        return None
    best = named.loc[named["mean"].idxmax()]
    facts = {
        "value": best["mean"],
        "lower": best.lower,
        "upper": best.upper,
        "n": int(best.customers),
        "level": best.level,
        "everybody": everybody,
        "days": days,
    }
    return f"ltv.best_level.{dimension}", facts


def orders_sentence(key: str, rows: dict, facts: dict[str, Any]) -> Sentence:
    """Forecast and outcome of all orders: within or outside of the interval, above or below.

    Parameters
    ----------
    rows : (measure, predictor) → row, of everybody
    facts : what else the sentence names
    """
    model, actual = rows["total_orders", MODEL], rows["total_orders", ACTUAL]["value"]
    where = "within" if model["lower"] <= actual <= model["upper"] else "outside"
    side = "above" if actual >= model["value"] else "below"
    found = {
        "actual": actual,
        "gap": abs(actual - model["value"]) / max(actual, 1.0),
        "accent": where == "outside",
    }
    return f"{key}.{where}_{side}", _estimate(model) | found | facts


def value_sentence(key: str, rows: dict, facts: dict[str, Any]) -> Sentence:
    """Forecast and outcome of all value."""
    actual = rows["total_value", ACTUAL]["value"]
    return key, _estimate(rows["total_value", MODEL]) | {"actual": actual} | facts


def _of_everybody(table: pa.Table) -> dict[tuple[str, str], dict]:
    everybody = (row for row in table.to_pylist() if row["group_name"] == EVERYBODY)
    return {(row["measure"], row["predictor"]): row for row in everybody}


def _estimate(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("value", "lower", "upper", "n")}


def _naive(rows: dict) -> Sentence:
    actual = rows["total_orders", ACTUAL]["value"]
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


def _pit(rows: dict) -> Sentence:
    distance, chance = rows["pit_distance", MODEL], rows["pit_distance", "by_chance"]
    uniform = distance["value"] <= chance["value"]
    facts = {"value": distance["value"], "n": distance["n"], "why_no_interval": _SINGLE}
    return f"ltv.pit.{'uniform' if uniform else 'off'}", facts | {"chance": chance["value"]}
