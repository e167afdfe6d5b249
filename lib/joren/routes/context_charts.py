"""The pictures of weather, stock and channels, drawn from small tables."""

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
from joren.routes.flow_charts import short
from joren.routes.weather import ALL
from joren.text import has, render

Draw = Callable[[str], Figure]
_LINES = ("blue", "accent", "green", "sand", "grey")


def channel_name(channel: str, language: str) -> str:
    """A channel as the reader calls it; one that no text names keeps its own name."""
    key = f"flows.channel.{channel}"
    return render(language, key) if channel and has(key) else channel


def rain_by_store(effect: pd.DataFrame) -> Draw:
    """Orders on wet days relative to dry ones, by shop, the typical shop on top.

    Parameters
    ----------
    effect : the table `weather_uplift`
    """

    def draw(language: str) -> Figure:
        ordered = pd.concat([effect[effect.store == ALL], effect[effect.store != ALL]])
        figure, axes = new_figure(height=0.9 + 0.3 * len(ordered))
        names = [
            render(language, "flows.typical_store") if store == ALL else short(store)
            for store in ordered.store
        ]
        accent = 0 if (ordered.store == ALL).any() else None
        interval_points(axes, names, ordered.change, ordered.lower, ordered.upper, accent)
        axes.axvline(0, color=COLOURS["ink"], linewidth=0.9)
        low, high = ordered.lower.min(), ordered.upper.max()
        room = 0.08 * max(high, 0) - 0.08 * min(low, 0)
        axes.set_xlim(min(low, 0) - room, max(high, 0) + room)
        format_axis(axes, "x", "pct0", language)
        axes.set_xlabel(render(language, "flows.axis.rain"))
        return figure

    return draw


def cover_by_product(cover: pd.DataFrame, limit: float) -> Draw:
    """How long the stock of the products that bind most money lasts, on a logarithmic axis.

    Parameters
    ----------
    cover : rows of `stock_cover` that sold something, in the order to draw
    limit : days beyond which a product is overstocked
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=1.0 + 0.27 * len(cover))
        names = [short(name) for name in cover.name]
        interval_points(axes, names, cover.cover_days, cover.cover_lower, cover.cover_upper)
        axes.set_xscale("log")
        axes.axvline(limit, color=COLOURS["accent"], linewidth=1)
        low, high = min(cover.cover_lower.min(), limit) / 1.3, cover.cover_upper.max() * 1.3
        axes.set_xlim(low, high)
        axes.set_xticks(
            [t for t in (30, 60, 180, 500, 1500, 5000, 15000, 50000) if low <= t <= high]
        )
        axes.set_xticks([], minor=True)
        format_axis(axes, "x", "count", language)
        axes.set_xlabel(render(language, "flows.axis.cover"))
        return figure

    return draw


def preference_by_tenth(preference: pd.DataFrame) -> Draw:
    """Which channel customers order through, by tenth of LTV, the most valuable on the left.

    Parameters
    ----------
    preference : the table `channel_preference` by tenth
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=3.0)
        size = preference.groupby("channel").preferring.sum().sort_values(ascending=False)
        ends = []
        for channel, colour in zip(size.index, _LINES, strict=False):
            of = preference[preference.channel == channel].sort_values("group_name")
            at = of.group_name.astype(int).to_numpy()
            band(axes, at, of.lower, of.upper, colour)
            axes.plot(at, of.share, "o-", color=COLOURS[colour], linewidth=1.4, markersize=3.5)
            ends.append((at[-1], of.share.iloc[-1], channel_name(channel, language), colour))
        axes.set_xlim(0.7, 11.4)
        axes.set_xticks(range(1, 11))
        axes.set_ylim(0, min(1.0, preference.upper.max() * 1.1))
        end_labels(axes, ends)
        format_axis(axes, "y", "pct0", language)
        axes.set_xlabel(render(language, "flows.axis.tenth"))
        axes.set_ylabel(render(language, "flows.axis.preferring"))
        return figure

    return draw


def after_contact(contribution: pd.DataFrame) -> Draw:
    """Orders within the window after each kind of contact, beside what is usual (grey mark).

    Parameters
    ----------
    contribution : the table `channel_contribution`, in the order to draw
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=1.2 + 0.32 * len(contribution))
        names = [
            f"{channel_name(row.channel, language)}: {short(row.touchpoint, 14)}"
            for row in contribution.itertuples()
        ]
        lower = contribution.lower + contribution.usual
        upper = contribution.upper + contribution.usual
        interval_points(axes, names, contribution.ordered, lower, upper)
        rows = np.arange(len(contribution))[::-1]
        axes.plot(
            contribution.usual, rows, "|", color=COLOURS["accent"], markersize=13,
            markeredgewidth=2,
        )  # fmt: skip
        axes.set_xlim(0, upper.max() * 1.08)
        format_axis(axes, "x", "pct0", language)
        axes.set_xlabel(render(language, "flows.axis.after_contact"))
        axes.text(0, 1.02, f"| {render(language, 'flows.axis.usual')}", transform=axes.transAxes,
                  color=COLOURS["accent"], fontsize=8.5)  # fmt: skip
        return figure

    return draw
