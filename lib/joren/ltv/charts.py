"""The pictures of stage 04, drawn from small tables in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure

from joren.report.figures import (
    COLOURS,
    band,
    direct_label,
    format_axis,
    interval_points,
    new_figure,
)
from joren.text import render

Draw = Callable[[str], Figure]


def shares_by_purchases(classes: pd.DataFrame) -> Draw:
    """How many customers bought on one day, two days, …

    Parameters
    ----------
    classes : label (text key), share, lower, upper; first row on top
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.4)
        labels = [render(language, key) for key in classes.label]
        interval_points(axes, labels, classes.share, classes.lower, classes.upper)
        axes.set_xlim(0, None)
        format_axis(axes, "x", "pct0", language)
        axes.set_xlabel(render(language, "ltv.axis.share_of_customers"))
        return figure

    return draw


def value_by_tenth(tenths: pd.DataFrame, currency: str) -> Draw:
    """Expected value per customer by tenth of LTV, the most valuable on top.

    Parameters
    ----------
    tenths : tenth (1 is the most valuable), mean, lower, upper: per customer, in currency
    currency : ISO 4217 code
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=3.2)
        labels = [render(language, "ltv.tenth", tenth=t) for t in tenths.tenth]
        interval_points(axes, labels, tenths["mean"], tenths.lower, tenths.upper, accent=0)
        axes.set_xlim(0, None)
        format_axis(axes, "x", "money", language, currency)
        axes.set_xlabel(render(language, "ltv.axis.value_per_customer"))
        return figure

    return draw


def value_ahead(horizons: pd.DataFrame, currency: str) -> Draw:
    """Expected value of all customers within each horizon, with its predictive interval.

    Parameters
    ----------
    horizons : days, mean, lower, upper: in currency
    currency : ISO 4217 code
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure()
        today = pd.DataFrame({"days": [0], "mean": [0.0], "lower": [0.0], "upper": [0.0]})
        path = pd.concat([today, horizons], ignore_index=True)
        band(axes, path.days, path.lower, path.upper)
        axes.plot(path.days, path["mean"], color=COLOURS["blue"], marker="o", markersize=4)
        last = path.iloc[-1]
        direct_label(axes, last.days, last["mean"], render(language, "ltv.axis.expected"), "blue")
        axes.set_xticks(path.days)
        axes.set_xlim(0, last.days * 1.12)
        axes.set_ylim(0, None)
        format_axis(axes, "y", "money", language, currency)
        axes.set_xlabel(render(language, "ltv.axis.days_ahead"))
        axes.set_ylabel(render(language, "ltv.axis.value"))
        return figure

    return draw


def forecast_and_outcome(tenths: pd.DataFrame) -> Draw:
    """Orders per customer by tenth of the forecast: the interval foreseen and what happened.

    Parameters
    ----------
    tenths : decile (10 is the highest forecast), expected, lower, upper, actual: per customer
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=3.4)
        highest_first = tenths.sort_values("decile", ascending=False)
        labels = [render(language, "ltv.tenth", tenth=11 - d) for d in highest_first.decile]
        f = highest_first
        interval_points(axes, labels, f.expected, f.lower, f.upper)
        rows = range(len(f) - 1, -1, -1)
        axes.plot(f.actual, list(rows), "D", color=COLOURS["accent"], markersize=5)
        forecast, outcome = (render(language, f"ltv.axis.{k}") for k in ("forecast", "happened"))
        axes.text(0.98, 0.14, f"● {forecast}", transform=axes.transAxes, ha="right",
                  color=COLOURS["blue"])  # fmt: skip
        axes.text(0.98, 0.05, f"◆ {outcome}", transform=axes.transAxes, ha="right",
                  color=COLOURS["accent"])  # fmt: skip
        axes.set_xlim(0, None)
        axes.set_xlabel(render(language, "ltv.axis.orders_per_customer"))
        return figure

    return draw
