"""The pictures of the points' liability, drawn from small tables in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from joren.report.figures import COLOURS, band, end_labels, format_axis, new_figure
from joren.text import format_value, render

Draw = Callable[[str], Figure]
_LINES = ("blue", "green", "sand", "accent", "grey")
_LONGEST_SHOWN = 24  # months of age


def redemption_fan(observed: pd.DataFrame, expected: pd.DataFrame) -> Draw:
    """Share of each cohort's points used by age: what was seen, and where the last ones end.

    Parameters
    ----------
    observed : cohort (datetime64), age, used_share; one line per cohort
    expected : cohort, age (at its end), used_share, lower, upper, of the cohorts whose points live
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=3.2)
        newest = max(expected.cohort.tolist(), default=None)
        for cohort, of in observed.groupby("cohort"):
            axes.plot(of.age, of.used_share, color=COLOURS["grey"], linewidth=0.8, alpha=0.7)
            ahead = expected[expected.cohort == cohort]
            if ahead.empty:
                continue
            row = ahead.iloc[0]
            colour = COLOURS["accent" if cohort == newest else "blue"]
            axes.plot([row.age] * 2, [row.lower, row.upper], color=colour, linewidth=1.2, alpha=0.6)
            axes.plot(row.age, row.used_share, "o", color=colour, markersize=3)
        axes.set_ylim(0, None)
        axes.set_xlim(0, max(observed.age.max(), expected.age.max() if len(expected) else 0) + 1)
        format_axis(axes, "y", "pct0", language)
        axes.set_xlabel(render(language, "liability.axis.age"))
        axes.set_ylabel(render(language, "liability.axis.used_share"))
        for line, (colour, key) in enumerate(
            (("grey", "seen"), ("blue", "expected"), ("accent", "newest"))
        ):
            axes.text(0.45, 0.24 - 0.085 * line, render(language, f"liability.axis.{key}"),
                      transform=axes.transAxes, va="top", color=COLOURS[colour])  # fmt: skip
        return figure

    return draw


def unused_curves(curves: pd.DataFrame) -> Draw:
    """Share of points never used, by age and validity class: the model's band, and what was seen.

    Parameters
    ----------
    curves : from `redemption.unused_curve`
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=3.2)
        shown = curves[curves.age <= _LONGEST_SHOWN]
        ends = []
        for (name, of), colour in zip(shown.groupby("validity", sort=False), _LINES, strict=False):
            band(axes, of.age, of.lower, of.upper, colour)
            axes.plot(of.age, of["mean"], color=COLOURS[colour], linewidth=1.4)
            seen = of[of.points > 0]
            axes.plot(seen.age, seen.observed, "o", color=COLOURS[colour], markersize=3)
            last = of.iloc[-1]
            label = render(language, f"liability.validity.{text_name(name)}")
            ends.append((last.age, last["mean"], label, colour))
        axes.set_ylim(0, 1)
        axes.set_xticks(range(0, int(shown.age.max()) + 1, 3))
        axes.set_xlim(0, shown.age.max() * 1.35)
        end_labels(axes, ends)
        format_axis(axes, "y", "pct0", language)
        axes.set_xlabel(render(language, "liability.axis.age"))
        axes.set_ylabel(render(language, "liability.axis.unused"))
        return figure

    return draw


def liability_months(totals: pd.DataFrame, currency: str) -> Draw:
    """The liability at every month-end with its interval.

    Parameters
    ----------
    totals : rows `total` of `point_liability`
    currency : ISO 4217 code
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.6)
        at = np.arange(len(totals))
        axes.vlines(at, totals.lower, totals.upper, color=COLOURS["blue"], linewidth=2, alpha=0.45)
        axes.plot(at, totals.liability_amount, "o", color=COLOURS["blue"], markersize=4)
        axes.plot(at[-1], totals.liability_amount.iloc[-1], "o", color=COLOURS["accent"],
                  markersize=5)  # fmt: skip
        shown = at[:: max(1, -(-len(at) // 6))]
        labels = [format_value(totals.month.iloc[i], "month", language, currency) for i in shown]
        axes.set_xticks(shown, labels)
        axes.set_xlim(-0.6, len(at) - 0.4)
        axes.set_ylim(0, None)
        axes.grid(axis="y", color=COLOURS["light"], linewidth=0.6)
        format_axis(axes, "y", "money", language, currency)
        axes.set_ylabel(render(language, "liability.axis.liability"))
        return figure

    return draw


def answers(tested: pd.DataFrame) -> Draw:
    """Forecasts of one predictor with their interval beside what was used.

    Parameters
    ----------
    tested : rows of one predictor from `backtest.backtest`
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.6)
        at = np.arange(len(tested))
        axes.vlines(at, tested.lower, tested.upper, color=COLOURS["blue"], linewidth=2, alpha=0.45)
        axes.plot(at, tested.forecast, "o", color=COLOURS["blue"], markersize=4)
        axes.plot(at, tested.actual, "_", color=COLOURS["accent"], markersize=12,
                  markeredgewidth=2)  # fmt: skip
        shown = at[:: max(1, -(-len(at) // 6))]
        months = tested.origin.to_numpy().astype("datetime64[D]").tolist()
        axes.set_xticks(shown, [format_value(months[i], "month", language, "") for i in shown])
        axes.set_xlim(-0.6, len(at) - 0.4)
        axes.set_ylim(0, None)
        format_axis(axes, "y", "count", language)
        axes.set_ylabel(render(language, "liability.axis.points_used"))
        for line, (colour, key) in enumerate((("blue", "forecast"), ("accent", "happened"))):
            axes.text(0.02, 0.97 - 0.1 * line, render(language, f"liability.axis.{key}"),
                      transform=axes.transAxes, va="top", color=COLOURS[colour])  # fmt: skip
        return figure

    return draw


def text_name(validity: str) -> str:
    """The name of a validity class in the keys of texts."""
    return {"<=31d": "d31", "<=92d": "d92", "<=12m": "m12", ">12m": "long"}.get(validity, validity)
