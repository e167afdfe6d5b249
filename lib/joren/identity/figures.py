"""Charts of the identity page."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure

from joren import text
from joren.report.figures import COLOURS, direct_label, format_axis, new_figure

MOST_BARS = 8


def draw_overlap(combinations: pd.DataFrame) -> Callable[[str], Figure]:
    """Bars of customers by the sources that know them; those known to several stand out.

    Parameters
    ----------
    combinations : the table of `summary.customers_by_sources`; its first rows are drawn
    """
    shown = combinations.head(MOST_BARS)

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=0.6 + 0.35 * len(shown))
        rows = list(range(len(shown) - 1, -1, -1))
        several = shown.sources.str.contains(" + ", regex=False)
        colours = [COLOURS["accent"] if both else COLOURS["blue"] for both in several]
        axes.barh(rows, shown.customers, color=colours, height=0.62)
        axes.set_yticks(rows, shown.sources)
        for row, customers in zip(rows, shown.customers, strict=True):
            direct_label(axes, customers, row, f"{customers:,}")
        axes.set_xlim(0, 1.12 * shown.customers.max())
        axes.set_xlabel(text.render(language, "identity.axis_customers"))
        format_axis(axes, "x", "count", language)
        return figure

    return draw
