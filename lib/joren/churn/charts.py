"""The pictures of subscriptions, drawn from small tables in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from joren.report.figures import (
    COLOURS,
    band,
    end_labels,
    format_axis,
    interval_points,
    new_figure,
)
from joren.text import has, render

Draw = Callable[[str], Figure]
_LINES = ("blue", "green", "sand", "grey")


def continuation_curves(curves: pd.DataFrame, labels: dict[str, str]) -> Draw:
    """Share of subscribers that reach each order: the model's band, and what was seen as dots.

    Parameters
    ----------
    curves : from `curves.continuation`; the first four courses are drawn
    labels : course → its label
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=3.2)
        ends = []
        for course, colour in zip(labels, _LINES, strict=False):
            of = curves[curves.course == course]
            band(axes, of.order, of.lower, of.upper, colour)
            axes.plot(of.order, of["mean"], color=COLOURS[colour], linewidth=1.4)
            axes.plot(of.order, of.observed, "o", color=COLOURS[colour], markersize=3.5)
            last = of.iloc[-1]
            ends.append((last.order, last["mean"], _label(labels[course], language), colour))
        longest = curves.order.max()
        axes.set_xticks([1, *range(6, longest + 1, 6)])
        axes.set_xlim(1, longest * 1.25)
        axes.set_ylim(0, 1)
        end_labels(axes, ends)
        format_axis(axes, "y", "pct0", language)
        axes.set_xlabel(render(language, "churn.axis.order_number"))
        axes.set_ylabel(render(language, "churn.axis.reached"))
        return figure

    return draw


def ends_by_order(classes: pd.DataFrame) -> Draw:
    """Share that ended before the next order, by order number: her own will, and failed payment.

    Parameters
    ----------
    classes : from `curves.ends_by_order`
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.8)
        at = np.arange(len(classes))
        for name, colour, shift in (("leaves", "blue", -0.12), ("fails", "accent", 0.12)):
            lower, upper = classes[f"{name}_lower"], classes[f"{name}_upper"]
            axes.vlines(at + shift, lower, upper, color=COLOURS[colour], linewidth=2)
            axes.plot(at + shift, classes[name], "o", color=COLOURS[colour], markersize=5)
        labels = [_orders(row.first, row.last, language) for row in classes.itertuples()]
        axes.set_xticks(at, labels)
        axes.set_xlim(-0.5, len(classes) - 0.5)
        axes.set_ylim(0, None)
        for line, (name, colour) in enumerate((("leaves", "blue"), ("fails", "accent"))):
            axes.text(0.98, 0.96 - 0.1 * line, f"● {render(language, f'churn.axis.{name}')}",
                      transform=axes.transAxes, ha="right", va="top",
                      color=COLOURS[colour])  # fmt: skip
        format_axis(axes, "y", "pct0", language)
        axes.set_xlabel(render(language, "churn.axis.order_number"))
        axes.set_ylabel(render(language, "churn.axis.ended"))
        return figure

    return draw


def value_left(courses: pd.DataFrame, labels: dict[str, str], currency: str) -> Draw:
    """Margin still to come from one active subscription, by course, the most on top.

    Parameters
    ----------
    courses : from `overview.courses_ahead`
    labels : course → its label
    currency : ISO 4217 code
    """

    def draw(language: str) -> Figure:
        ranked = courses.sort_values("each", ascending=False)
        figure, axes = new_figure(height=1.2 + 0.3 * len(ranked))
        names = [_label(labels[course], language) for course in ranked.course]
        interval_points(axes, names, ranked.each, ranked.each_lower, ranked.each_upper)
        axes.set_xlim(0, None)
        format_axis(axes, "x", "money", language, currency)
        axes.set_xlabel(render(language, "churn.axis.value_left"))
        return figure

    return draw


def _label(label: str, language: str) -> str:
    return render(language, label) if has(label) else label


def _orders(first: float, last: float, language: str) -> str:
    if last != last:
        return render(language, "churn.orders_from", first=first)
    return f"{first:.0f}" if first == last else f"{first:.0f}–{last:.0f}"
