"""The pictures of what point campaigns earned: the way from margin to net, and profit by grant."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from joren import text
from joren.points.dose import BestGrant
from joren.points.economics import ITEMS, Economics
from joren.report.figures import COLOURS, band, format_axis, new_figure
from joren.stats.arrays import Array

Draw = Callable[[str], Figure]


def waterfall(one: Economics, currency: str) -> Draw:
    """From the margin added, by what it cost, to what is left; each bar begins where one ended.

    Whiskers are intervals; costs have none, they are known.
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=3.0)
        reached = 0.0
        for at, item in enumerate(ITEMS):
            total = one.total(item)
            start = 0.0 if item == "net" else reached
            colour = "accent" if item == "net" else "green" if total.value >= 0 else "grey"
            axes.bar(at, total.value, bottom=start, color=COLOURS[colour], width=0.55)
            if total.lower is not None:
                low, high = (start + bound for bound in (total.lower, total.upper))
                axes.vlines(at + 0.36, low, high, color=COLOURS["ink"], linewidth=1.4)
            written = text.format_value(total.value, "money", language, currency)
            above = max(start, start + total.value)
            axes.annotate(
                written, (at, above), xytext=(0, 3), textcoords="offset points", ha="center",
                fontsize=8.5,
            )  # fmt: skip
            reached = start + total.value
            if item != "net":
                axes.hlines(reached, at, at + 1, color=COLOURS["grey"], linewidth=0.7)
        axes.axhline(0, color=COLOURS["ink"], linewidth=0.8)
        labels = [text.render(language, f"economics.short.{item}") for item in ITEMS]
        axes.set_xticks(range(len(ITEMS)), labels)
        axes.tick_params(axis="x", length=0)
        format_axis(axes, "y", "money", language, currency)
        axes.margins(y=0.12)
        return figure

    return draw


def profit_by_grant(
    points: Array, profits: Array, best: BestGrant, level: float, currency: str
) -> Draw:
    """Profit per customer by size of the grant, with its band and the best grant marked.

    Parameters
    ----------
    points : (n_points,) sizes; profits : (n_draws, n_points) from `dose.profit`
    """
    low, middle, high = np.quantile(profits, [0.5 - level / 2, 0.5, 0.5 + level / 2], axis=0)

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.8)
        band(axes, points, low, high)
        axes.plot(points, middle, color=COLOURS["blue"], linewidth=1.6)
        axes.axhline(0, color=COLOURS["grey"], linewidth=0.8)
        axes.plot(best.points.value, best.profit.value, "o", color=COLOURS["accent"], markersize=6)
        format_axis(axes, "x", "count", language)
        format_axis(axes, "y", "money", language, currency)
        axes.set_xlabel(text.render(language, "economics.axis.points"))
        axes.set_ylabel(text.render(language, "economics.axis.profit"))
        return figure

    return draw
