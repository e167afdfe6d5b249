"""The pictures of what routes are worth and where they leave, in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from matplotlib.figure import Figure

from joren.report.figures import COLOURS, format_axis, interval_points, new_figure
from joren.routes.paths import split
from joren.routes.touchpoints import label
from joren.text import format_value, render

Draw = Callable[[str], Figure]
_ARROW = " → "


def edge_label(source: str, target: str, language: str) -> str:
    """An edge in words; an empty source is anywhere."""
    if not source:
        return render(language, "route_value.into", target=label(target, language))
    return f"{label(source, language)}{_ARROW}{label(target, language)}"


def difference_chart(edges: pd.DataFrame, currency: str) -> Draw:
    """LTV differences of edges with their intervals; the raw difference in grey.

    Parameters
    ----------
    edges : source_touchpoint, target_touchpoint, n, raw, ltv_difference, lower, upper; in order
    currency : ISO 4217 code
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=1.1 + 0.27 * len(edges))
        names = [
            f"{edge_label(row.source_touchpoint, row.target_touchpoint, language)}  "
            f"({format_value(row.n, 'count', language, currency)})"
            for row in edges.itertuples()
        ]
        rows = range(len(edges) - 1, -1, -1)
        axes.axvline(0, color=COLOURS["grey"], linewidth=0.8)
        axes.plot(edges.raw, list(rows), "D", color=COLOURS["grey"], markersize=3.5)
        interval_points(axes, names, edges.ltv_difference, edges.lower, edges.upper)
        format_axis(axes, "x", "money", language, currency)
        axes.locator_params(axis="x", nbins=7)
        axes.set_xlabel(render(language, "route_value.axis.difference"))
        return figure

    return draw


def signs_chart(signs: pd.DataFrame) -> Draw:
    """Lift of each sign with its interval; beside it how many days before it was there.

    Parameters
    ----------
    signs : sign, lift, lower, upper, lead_days; in order
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=1.2 + 0.3 * len(signs))
        names = [_ARROW.join(label(n, language) for n in split(sign)) for sign in signs.sign]
        axes.axvline(1, color=COLOURS["grey"], linewidth=0.8)
        interval_points(
            axes, names, signs.lift, signs.lower, signs.upper,
            accent=0 if len(signs) and signs.lower.iloc[0] > 1 else None,
        )  # fmt: skip
        right = 1.02
        for row, days in zip(range(len(signs) - 1, -1, -1), signs.lead_days, strict=True):
            axes.text(
                right, row, format_value(days, "days", language, ""),
                transform=axes.get_yaxis_transform(), va="center", fontsize=8.5,
            )  # fmt: skip
        axes.text(
            right, len(signs) - 0.35, render(language, "route_value.axis.lead"),
            transform=axes.get_yaxis_transform(), va="bottom", color=COLOURS["grey"], fontsize=8.5,
        )  # fmt: skip
        axes.set_xlim(0, None)
        axes.locator_params(axis="x", nbins=8, steps=[1, 2, 5, 10])
        format_axis(axes, "x", "decimal1", language)
        axes.set_xlabel(render(language, "route_value.axis.lift"))
        return figure

    return draw


def incidence_chart(edges: pd.DataFrame) -> Draw:
    """Share lost after each edge with its interval.

    Parameters
    ----------
    edges : source_touchpoint, target_touchpoint, customers, incidence, lower, upper; in order
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=1.1 + 0.27 * len(edges))
        names = [
            f"{edge_label(row.source_touchpoint, row.target_touchpoint, language)}  "
            f"({format_value(row.customers, 'count', language, '')})"
            for row in edges.itertuples()
        ]
        interval_points(axes, names, edges.incidence, edges.lower, edges.upper)
        axes.set_xlim(0, 1)
        format_axis(axes, "x", "pct0", language)
        axes.set_xlabel(render(language, "route_value.axis.incidence"))
        return figure

    return draw
