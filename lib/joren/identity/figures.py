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
    combinations : the table of `summary.customers_by_sources`; its first rows have a bar each, the
        others one together
    """
    shown, others = combinations.head(MOST_BARS), combinations.iloc[MOST_BARS:]

    def draw(language: str) -> Figure:
        labels, customers = list(shown.sources), list(shown.customers)
        several = shown.sources.str.contains(" + ", regex=False)
        colours = [COLOURS["accent"] if both else COLOURS["blue"] for both in several]
        if len(others):
            labels.append(text.render(language, "identity.other_combinations", n=len(others)))
            customers.append(others.customers.sum())
            colours.append(COLOURS["grey"])
        figure, axes = new_figure(height=0.6 + 0.35 * len(labels))
        rows = list(range(len(labels) - 1, -1, -1))
        axes.barh(rows, customers, color=colours, height=0.62)
        axes.set_yticks(rows, labels)
        for row, number in zip(rows, customers, strict=True):
            direct_label(axes, number, row, f"{number:,}")
        axes.set_xlim(0, 1.12 * max(customers))
        axes.set_xlabel(text.render(language, "identity.axis_customers"))
        format_axis(axes, "x", "count", language)
        return figure

    return draw
