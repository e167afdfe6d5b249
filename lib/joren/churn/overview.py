"""What is ahead of the active subscriptions, as small tables: by course, and by reason."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.special import ndtri

from joren.churn.forecast import Forecast
from joren.churn.risk import Categories
from joren.churn.states import States, spread
from joren.ltv.segments import REST
from joren.stats.arrays import Array


@dataclass(frozen=True)
class Total:
    """A predictive sum over active subscriptions: mean and interval."""

    mean: float
    lower: float
    upper: float


def total(by_draw: Array, chance: float, interval: float) -> Total:
    """Parameters err alike for everybody, so they are summed draw by draw; chance variances add.

    Parameters
    ----------
    by_draw : (n_draws,) expected total; chance : variance given the parameters
    """
    half = ndtri((1 + interval) / 2) * np.sqrt(by_draw.var() + chance)
    mean = float(by_draw.mean())
    return Total(mean, max(mean - half, 0.0), mean + half)


def courses_ahead(
    states: States, forecast: Forecast, categories: Categories, margin_rate: float, interval: float
) -> pd.DataFrame:
    """What is ahead of each course's active subscriptions, the most valuable course first.

    Returns
    -------
    course, active, ends, ends_lower, ends_upper (within the first horizon, predictive); orders,
    orders_lower, orders_upper (mean a subscription, discounted, of the next VALUE_YEARS years);
    value, … (margin of all, predictive); each, each_lower, each_upper (margin a subscription:
    interval of the mean)
    """
    rows = []
    for code, course in enumerate(categories.courses):
        active = states.subscriptions[states.places.course == code].sum()
        if not active:
            continue
        ends = total(forecast.ends_by_draw[0, code], forecast.ends_chance[0, code], interval)
        value = margin_rate * forecast.value_by_draw[code]
        worth = total(value, margin_rate**2 * forecast.value_chance[code], interval)
        row = {"course": course, "active": int(active)}
        for name, found in (("ends", ends), ("value", worth)):
            row |= {name: found.mean, f"{name}_lower": found.lower, f"{name}_upper": found.upper}
        for name, by_draw in (("orders", forecast.orders_by_draw[code]), ("each", value)):
            mean, lower, upper = (float(x[0]) for x in spread(by_draw[None] / active, interval))
            row |= {name: mean, f"{name}_lower": lower, f"{name}_upper": upper}
        rows.append(row)
    return pd.DataFrame(rows).sort_values("value", ascending=False, ignore_index=True)


def held_by_top_tenth(states: States, forecast: Forecast) -> tuple[int, float]:
    """The tenth of the subscriptions at highest risk: how many, and share of expected ends."""
    chance = forecast.end[0][0]
    riskiest = np.argsort(-chance, kind="stable")
    n, ends = states.subscriptions[riskiest], (states.subscriptions * chance)[riskiest]
    top = int(np.ceil(n.sum() / 10))
    taken = np.clip(top - (n.cumsum() - n), 0, n) / n
    return top, float((taken * ends).sum() / ends.sum())


def reasons_table(
    states: States, forecast: Forecast, why: list[list[str]], labels: dict[str, str]
) -> pd.DataFrame:
    """How often each kind of reason stands, and the chance of an end where it does.

    Parameters
    ----------
    why : from `reasons.reasons`
    labels : course → its label

    Returns
    -------
    reason (text key, or the course's label), subscriptions, p_end; the most frequent first
    """
    found: dict[str, list[float]] = {}
    for n, chance, reasons in zip(states.subscriptions, forecast.end[0][0], why, strict=True):
        for reason in reasons:
            kind, _, of = reason.partition(":")
            label = labels[of] if kind == "course" else f"churn.reason.{kind}"
            sums = found.setdefault(label, [0.0, 0.0])
            sums[0], sums[1] = sums[0] + n, sums[1] + n * chance
    ranked = sorted(found.items(), key=lambda one: (-one[1][0], one[0]))
    return pd.DataFrame(
        [(label, int(n), ends / n) for label, (n, ends) in ranked],
        columns=["reason", "subscriptions", "p_end"],
    )


def course_label(course: str, names: dict[str, str]) -> str:
    """A course as a reader knows it: the product's name, or the text key of all the rest."""
    return "churn.other_courses" if course == REST else names.get(course, course)


def product_names(products: ir.Table) -> dict[str, str]:
    """Product → its name; of several, the last in alphabetical order."""
    named = products.group_by("product_id").agg(name=products.name.max()).to_pyarrow().to_pylist()
    return {row["product_id"]: row["name"] for row in named}
