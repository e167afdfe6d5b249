"""The pictures of flows, drawn from small tables in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from joren.report.figures import (
    COLOURS,
    band,
    end_labels,
    format_axis,
    interval_points,
    new_figure,
)
from joren.text import format_value, render

Draw = Callable[[str], Figure]
_LINES = ("blue", "green", "sand", "grey")
_LONGEST_NAME = 18
ORDERS_SHOWN = 12
FEWEST_SHOWN = 10


def short(name: str, longest: int = _LONGEST_NAME) -> str:
    """A name that fits beside a chart, on one line; what was cut is marked."""
    line = " ".join(str(name).split()).replace("$", r"\$")
    return line if len(line) <= longest else line[: longest - 1] + "…"


def continuation_by_order(flow: pd.DataFrame) -> Draw:
    """Share that goes on after each order, with interval; the naive share beside it, hollow.

    Parameters
    ----------
    flow : the rows `all` of `subscription_flow`
    """

    def draw(language: str) -> Figure:
        shown = flow[(flow.at_risk >= FEWEST_SHOWN) & (flow.order_number <= ORDERS_SHOWN)]
        figure, axes = new_figure(height=3.0)
        at = shown.order_number.to_numpy(float)
        axes.vlines(at, shown.lower, shown.upper, color=COLOURS["blue"], linewidth=2)
        axes.plot(at, shown.continuation_rate, "o", color=COLOURS["blue"], markersize=5)
        axes.plot(
            at + 0.22, shown.naive_rate, "o", markersize=4.5, markerfacecolor="white",
            markeredgecolor=COLOURS["accent"],
        )  # fmt: skip
        axes.set_xticks(at)
        axes.set_xlim(0.4, at.max() + 0.8)
        axes.set_ylim(0, 1.02)
        _key(axes, (("●", "eligible", "blue"), ("○", "naive", "accent")), language)
        format_axis(axes, "y", "pct0", language)
        axes.set_xlabel(render(language, "flows.axis.order_number"))
        axes.set_ylabel(render(language, "flows.axis.continues"))
        return figure

    return draw


def reached_curves(flow: pd.DataFrame, labels: dict[str, str]) -> Draw:
    """Share of new subscribers that reaches each order, by course.

    Parameters
    ----------
    flow : the table `subscription_flow`
    labels : product → its name, the largest first; the first four are drawn
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=3.2)
        ends, longest = [], 2
        for product, colour in zip(labels, _LINES, strict=False):
            of = flow[(flow.product_id == product) & flow.reached.notna()]
            of = of[of.at_risk >= FEWEST_SHOWN]
            if of.empty:
                continue
            band(axes, of.order_number, of.reached_lower, of.reached_upper, colour)
            axes.plot(of.order_number, of.reached, "o-", color=COLOURS[colour], linewidth=1.4,
                      markersize=3)  # fmt: skip
            last = of.iloc[-1]
            longest = max(longest, int(last.order_number))
            ends.append((last.order_number, last.reached, short(labels[product]), colour))
        axes.set_xlim(0.8, longest * 1.3)
        axes.set_xticks(range(1, longest + 1, 1 if longest <= 12 else 3))
        axes.set_ylim(0, 1.02)
        end_labels(axes, ends)
        format_axis(axes, "y", "pct0", language)
        axes.set_xlabel(render(language, "flows.axis.order_number"))
        axes.set_ylabel(render(language, "flows.axis.reached"))
        return figure

    return draw


def purchase_steps(flow: pd.DataFrame) -> Draw:
    """F1 → F2 → … as bars with intervals, with the usual days of those who go on.

    Parameters
    ----------
    flow : the rows of everybody of `purchase_flow`
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=3.0)
        at = np.arange(len(flow))
        axes.bar(at, flow.rate, color=COLOURS["light"], width=0.62)
        axes.vlines(at, flow.lower, flow.upper, color=COLOURS["blue"], linewidth=2)
        axes.plot(at, flow.rate, "o", color=COLOURS["blue"], markersize=5)
        for x, days in zip(at, flow.median_days, strict=True):
            axes.text(x, 0.03, format_value(days, "days", language, "JPY"), ha="center",
                      va="bottom", fontsize=8.5, color=COLOURS["ink"])  # fmt: skip
        names = [f"F{a}→F{b}" for a, b in zip(flow.from_order, flow.to_order, strict=True)]
        axes.set_xticks(at, names)
        axes.set_ylim(0, 1.02)
        format_axis(axes, "y", "pct0", language)
        horizon = int(flow.horizon.iloc[0])
        axes.set_ylabel(render(language, "flows.axis.goes_on", days=horizon))
        axes.set_xlabel(render(language, "flows.axis.step_and_days"))
        return figure

    return draw


def ranked(
    names: Sequence[str],
    frame: pd.DataFrame,
    value: str,
    axis: str,
    spec: str,
    currency: str = "JPY",
    reference: float | None = None,
    from_zero: bool = True,
) -> Draw:
    """One row per name: the estimate and its interval, in the order given.

    Parameters
    ----------
    names : labels of the rows of `frame`
    frame : has the column `value`, lower, upper
    axis : text key of the axis's label
    spec : format spec of the axis
    reference : where a thin line stands: what the rows are held against
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=0.9 + 0.27 * len(frame))
        labels = [short(name) for name in names]
        interval_points(axes, labels, frame[value], frame.lower, frame.upper)
        if reference is not None:
            axes.axvline(reference, color=COLOURS["grey"], linewidth=0.9, zorder=0)
        if from_zero:
            axes.set_xlim(min(0, frame.lower.min()), None)
        format_axis(axes, "x", spec, language, currency)
        axes.set_xlabel(render(language, axis))
        return figure

    return draw


def next_categories(pairs: pd.DataFrame) -> Draw:
    """From category (rows) to the next purchase's (columns): the area is the share, the colour
    whether it is more (accent) or less (grey) than by itself, beyond the interval.

    Parameters
    ----------
    pairs : the table `cross_sell_categories`
    """

    def draw(language: str) -> Figure:
        rows, columns = sorted(pairs["product"].unique()), sorted(pairs.next_product.unique())
        figure, axes = new_figure(height=1.3 + 0.42 * len(rows))
        for pair in pairs.itertuples():
            more, less = pair.lower > 1, pair.upper < 1
            colour = COLOURS["accent" if more else "grey" if less else "blue"]
            x, y = columns.index(pair.next_product), rows.index(pair.product)
            axes.scatter(x - 0.22, y, s=430 * pair.share, color=colour, linewidth=0, alpha=0.85)
            axes.text(x + 0.04, y, f"×{pair.lift:.1f}", va="center", fontsize=8.5,
                      color=COLOURS["ink"])  # fmt: skip
        axes.set_xticks(range(len(columns)), [short(c, 9) for c in columns])
        axes.set_yticks(range(len(rows)), [short(r, 14) for r in rows])
        axes.set_xlim(-0.6, len(columns) - 0.4)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.grid(color=COLOURS["light"], linewidth=0.5)
        axes.set_axisbelow(True)
        axes.set_xlabel(render(language, "flows.axis.next_purchase"))
        axes.set_ylabel(render(language, "flows.axis.after_buying"))
        signs = (("●", "more", "accent"), ("●", "as_expected", "blue"), ("●", "less", "grey"))
        _key(axes, signs, language, above=True)
        return figure

    return draw


def onboarding_steps(funnel: pd.DataFrame) -> Draw:
    """How many of those registered took each step, as bars with intervals.

    Parameters
    ----------
    funnel : the rows `all` of `onboarding`
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=1.1 + 0.42 * len(funnel))
        at = np.arange(len(funnel))[::-1]
        axes.barh(at, funnel.rate, color=COLOURS["light"], height=0.6)
        axes.hlines(at, funnel.lower, funnel.upper, color=COLOURS["blue"], linewidth=2)
        axes.plot(funnel.rate, at, "o", color=COLOURS["blue"], markersize=5)
        for y, row in zip(at, funnel.itertuples(), strict=True):
            days = format_value(row.median_days, "days", language, "JPY")
            words = render(language, "flows.usually", days=days)
            axes.text(row.upper + 0.02, y, words, va="center", fontsize=8.5)
        names = [render(language, f"flows.step.{step}") for step in funnel.step]
        axes.set_yticks(at, names)
        axes.set_xlim(0, 1.12)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        format_axis(axes, "x", "pct0", language)
        axes.set_xlabel(render(language, "flows.axis.of_registered"))
        return figure

    return draw


def by_month(months: Sequence[pd.Timestamp], frame: pd.DataFrame, value: str, axis: str) -> Draw:
    """A share by month with its band.

    Parameters
    ----------
    months : (n,) of the rows of `frame`, ascending
    frame : has the column `value`, lower, upper
    axis : text key of the axis's label
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.6)
        at = np.arange(len(frame))
        band(axes, at, frame.lower, frame.upper)
        axes.plot(at, frame[value], "o-", color=COLOURS["blue"], linewidth=1.4, markersize=3.5)
        every = max(1, -(-len(frame) // 8))
        names = [format_value(month, "month", language, "JPY") for month in months]
        axes.set_xticks(at[::every], names[::every])
        axes.set_xlim(-0.5, len(frame) - 0.2)
        axes.set_ylim(0, None)
        format_axis(axes, "y", "pct0", language)
        axes.set_ylabel(render(language, axis))
        return figure

    return draw


def _key(axes: Axes, signs, language: str, above: bool = False) -> None:
    """What the signs mean, in their colours; in the lower right, or above the axes."""
    if above:
        for place, (sign, name, colour) in enumerate(signs):
            axes.text(place / len(signs), 1.04, f"{sign} {render(language, f'flows.axis.{name}')}",
                      transform=axes.transAxes, color=COLOURS[colour], fontsize=8.5)  # fmt: skip
        return
    for line, (sign, name, colour) in enumerate(signs):
        axes.text(0.98, 0.14 - 0.085 * line, f"{sign} {render(language, f'flows.axis.{name}')}",
                  transform=axes.transAxes, ha="right", color=COLOURS[colour])  # fmt: skip
