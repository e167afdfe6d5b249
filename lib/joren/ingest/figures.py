"""The picture of what was read: orders per month and source, so that gaps show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.figure import Figure

from joren.report.figures import COLOURS, end_labels, format_axis, new_figure
from joren.text import render

_LINES = ("blue", "accent", "green", "sand", "grey")


def draw_orders_by_month(months: Sequence[dict[str, Any]]) -> Callable[[str], Figure]:
    """A function of the language that draws orders per month, one line per source.

    Parameters
    ----------
    months : rows of source, month, orders, as `summary.orders_by_month` gives them
    """
    sources = sorted({row["source"] for row in months})

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.6)
        ends = []
        for n, source in enumerate(sources):
            rows = [row for row in months if row["source"] == source]
            colour = _LINES[min(n, len(_LINES) - 1)]
            x, y = [row["month"] for row in rows], [row["orders"] for row in rows]
            axes.plot(x, y, color=COLOURS[colour], linewidth=1.6, marker="o", markersize=3)
            ends.append((x[-1], y[-1], source, colour))
        axes.set_ylim(bottom=0)
        end_labels(axes, ends)
        axes.set_ylabel(render(language, "ingest.months_axis"))
        format_axis(axes, "y", "count", language)
        return figure

    return draw
