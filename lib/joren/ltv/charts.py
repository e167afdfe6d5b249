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
from joren.text import format_value, has, render

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


def customers_by_lapse(bands: pd.DataFrame) -> Draw:
    """How many customers have which chance of no order, the surest to lapse on top.

    Parameters
    ----------
    bands : from `lapse.lapse_bands`
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=max(1.4, 0.9 + 0.3 * len(bands)))
        rows = list(range(len(bands) - 1, -1, -1))
        axes.barh(rows, bands.customers, color=COLOURS["light"], height=0.62)
        for row, customers in zip(rows, bands.customers, strict=True):
            told = format_value(int(customers), "count", language, "JPY")
            axes.annotate(told, (customers, row), (4, 0), textcoords="offset points", va="center")
        axes.set_yticks(rows, [render(language, key) for key in bands.label])
        axes.set_xlim(0, bands.customers.max() * 1.12)
        format_axis(axes, "x", "count", language)
        axes.set_xlabel(render(language, "ltv.axis.customers"))
        axes.set_ylabel(render(language, "ltv.axis.no_order_90"))
        return figure

    return draw


def value_by_group(groups: pd.DataFrame, currency: str, accent: int | None = None) -> Draw:
    """Expected value per customer by group, the first on top.

    Parameters
    ----------
    groups : label (text key or a name as it is), mean, lower, upper: per customer, in currency
    currency : ISO 4217 code
    accent : position of the group to stand out
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=max(1.4, 0.9 + 0.24 * len(groups)))
        labels = [_label(language, key) for key in groups.label]
        interval_points(axes, labels, groups["mean"], groups.lower, groups.upper, accent=accent)
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


def forecast_and_outcome(
    groups: pd.DataFrame, axis: str, spec: str = "", currency: str = "JPY"
) -> Draw:
    """The interval foreseen for each group and what happened, the first on top.

    Parameters
    ----------
    groups : label (text key, or a language → name mapping, or a name as it is), expected, lower,
        upper, actual
    axis : text key of the axis
    spec, currency : how its ticks are written; as numbers when empty
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=max(1.6, 1.0 + 0.24 * len(groups)))
        labels = [_label(language, key) for key in groups.label]
        interval_points(axes, labels, groups.expected, groups.lower, groups.upper)
        rows = range(len(groups) - 1, -1, -1)
        axes.plot(groups.actual, list(rows), "D", color=COLOURS["accent"], markersize=5)
        forecast, outcome = (render(language, f"ltv.axis.{k}") for k in ("forecast", "happened"))
        axes.text(0.98, 0.14, f"● {forecast}", transform=axes.transAxes, ha="right",
                  color=COLOURS["blue"])  # fmt: skip
        axes.text(0.98, 0.05, f"◆ {outcome}", transform=axes.transAxes, ha="right",
                  color=COLOURS["accent"])  # fmt: skip
        axes.set_xlim(0, None)
        if spec:
            format_axis(axes, "x", spec, language, currency)
        axes.set_xlabel(render(language, axis))
        return figure

    return draw


def _label(language: str, label: str | dict[str, str]) -> str:
    if isinstance(label, dict):
        return label[language]
    return render(language, label) if has(label) else label
