"""The pictures of credit, drawn from small tables in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure

from joren.report.figures import COLOURS, format_axis, interval_points, new_figure
from joren.routes.touchpoints import label
from joren.text import render

Draw = Callable[[str], Figure]
_MOST = 15


def credit_chart(credit: pd.DataFrame) -> Draw:
    """Credit of each touchpoint with its interval, the largest on top; the last touch in grey.

    Parameters
    ----------
    credit : touchpoint, share, lower, upper, last (share of the last-touch rule)
    """

    def draw(language: str) -> Figure:
        ranked = credit.sort_values(["share", "touchpoint"], ascending=[False, True]).head(_MOST)
        figure, axes = new_figure(height=1.1 + 0.3 * len(ranked))
        rows = range(len(ranked) - 1, -1, -1)
        axes.plot(ranked["last"], list(rows), "D", color=COLOURS["grey"], markersize=4)
        names = [label(name, language) for name in ranked.touchpoint]
        interval_points(axes, names, ranked.share, ranked.lower, ranked.upper, accent=0)
        axes.set_xlim(0, None)
        format_axis(axes, "x", "pct0", language)
        axes.set_xlabel(render(language, "routes.axis.credit"))
        axes.text(
            0.99, 0.04, f"◆ {render(language, 'routes.model.last')}", transform=axes.transAxes,
            ha="right", va="bottom", color=COLOURS["grey"], fontsize=8.5,
        )  # fmt: skip
        return figure

    return draw
