"""Small tables that a reader can take in: groups of customers, horizons, scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
import pyarrow as pa

from joren import text
from joren.ltv.measures import ACTUAL, MODEL
from joren.ltv.segments import EVERYBODY, FIFTHS, REST, TENTHS, UNKNOWN

_COLUMNS = ["dimension", "level", "label", "n", "expected", "lower", "upper", "actual", "inside"]


def compared_groups(table: pa.Table, dimensions: Sequence[str], measure: str) -> pd.DataFrame:
    """Forecast and outcome of every group, per customer.

    Parameters
    ----------
    table : from `backtest.score` or `answers.check_forecast`
    dimensions : of which groups
    measure : total_orders or total_value

    Returns
    -------
    dimension, level, label (see `level_label`), n, expected, lower, upper, actual: per
    customer; inside: did the outcome fall into the interval
    """
    by_group: dict[tuple[str, str], dict[str, dict]] = {}
    for row in table.to_pylist():
        dimension, _, level = row["group_name"].partition(":")
        if row["measure"] == measure and dimension in dimensions:
            by_group.setdefault((dimension, level), {})[row["predictor"]] = row
    rows = []
    for (dimension, level), found in by_group.items():
        forecast, n = found[MODEL], max(found[ACTUAL]["n"], 1)
        actual = found[ACTUAL]["value"]
        rows.append(
            {
                "dimension": dimension,
                "level": level,
                "label": level_label(dimension, level),
                "n": n,
                "expected": forecast["value"] / n,
                "lower": forecast["lower"] / n,
                "upper": forecast["upper"] / n,
                "actual": actual / n,
                "inside": forecast["lower"] <= actual <= forecast["upper"],
            }
        )
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    order = {name: i for i, name in enumerate(dimensions)}
    return frame.sort_values(
        ["dimension", "level"], key=lambda c: c.map(order) if c.name == "dimension" else c
    ).reset_index(drop=True)


def level_label(dimension: str, level: str) -> str | dict[str, str]:
    """The text key of a level that has one, a name in each language, or what the client wrote."""
    if dimension in (TENTHS, FIFTHS):
        entry = f"ltv.{dimension}"
        return {lang: text.render(lang, entry, group=int(level)) for lang in text.LANGUAGES}
    if level in (UNKNOWN, REST):
        return f"ltv.level.{level}"
    key = f"ltv.{dimension}.{level}"
    return key if text.has(key) else level


def answers_as_shares(checked: Mapping[date, pa.Table], days: Mapping[date, int]) -> pd.DataFrame:
    """Orders foreseen and happened, as shares of the forecast, a row per frozen forecast.

    Parameters
    ----------
    checked : from `answers.check_forecast`, by the day the forecast was made
    days : how many of its days have passed

    Returns
    -------
    label (language → name), n, expected, lower, upper, actual, inside
    """
    rows = []
    for made, table in checked.items():
        found = {
            row["predictor"]: row
            for row in table.to_pylist()
            if (row["measure"], row["group_name"]) == ("total_orders", EVERYBODY)
        }
        forecast, actual = found[MODEL], found[ACTUAL]["value"]
        scale = max(forecast["value"], 1e-9)
        facts = {"made": made, "days": days[made]}
        rows.append(
            {
                "label": {
                    lang: text.render(lang, "ltv.answer_label", **facts) for lang in text.LANGUAGES
                },
                "n": found[ACTUAL]["n"],
                "expected": 1.0,
                "lower": forecast["lower"] / scale,
                "upper": forecast["upper"] / scale,
                "actual": actual / scale,
                "inside": forecast["lower"] <= actual <= forecast["upper"],
            }
        )
    return pd.DataFrame(rows)


def totals_of(totals: pd.DataFrame, measure: str, dimension: str, days: int) -> pd.DataFrame:
    """The groups of a dimension: together and per customer.

    Parameters
    ----------
    totals : table forecast_totals
    measure : orders or value
    dimension : of which groups
    days : horizon

    Returns
    -------
    level, label, customers, total, total_lower, total_upper, share (of everybody's), mean, lower,
    upper (per customer)
    """
    wanted = totals[(totals.measure == measure) & (totals.days == days)]
    everybody = wanted[wanted.group_name == EVERYBODY]["mean"].iloc[0]
    names = wanted.group_name.str.partition(":")
    found = wanted.assign(level=names[2])[names[0] == dimension].sort_values("level")
    bounds = {"mean": "total", "lower": "total_lower", "upper": "total_upper"}
    frame = found.rename(columns=bounds).reset_index(drop=True)
    frame["label"] = [level_label(dimension, level) for level in frame.level]
    frame["share"] = frame.total / everybody
    for name, total in bounds.items():
        frame[name] = frame[total] / frame.customers
    return frame


def everybody_ahead(totals: pd.DataFrame, measure: str) -> pd.DataFrame:
    """days, mean, lower, upper of all customers together, by horizon.

    Parameters
    ----------
    totals : table forecast_totals
    measure : orders or value
    """
    wanted = totals[(totals.measure == measure) & (totals.group_name == EVERYBODY)]
    return wanted[["days", "mean", "lower", "upper"]].sort_values("days").reset_index(drop=True)


def score_table(backtest: pa.Table) -> pd.DataFrame:
    """The scores of the whole client, measures together, the outcome and the model first.

    Parameters
    ----------
    backtest : from `backtest.score`

    Returns
    -------
    measure and predictor (text keys), value, lower, upper; in the unit of the measure
    """
    first = {ACTUAL: 0, MODEL: 1, "interval_mass": 2, "by_chance": 2}
    rows = [row for row in backtest.to_pylist() if row["group_name"] == EVERYBODY]
    measures = list(dict.fromkeys(row["measure"] for row in rows))
    rows.sort(key=lambda r: (measures.index(r["measure"]), first.get(r["predictor"], 9)))
    return pd.DataFrame(
        {
            "measure": [f"ltv.measure.{row['measure']}" for row in rows],
            "predictor": [f"ltv.predictor.{row['predictor']}" for row in rows],
            **{name: [row[name] for row in rows] for name in ("value", "lower", "upper")},
        }
    )
