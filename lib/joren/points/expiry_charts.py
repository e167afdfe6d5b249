"""The pictures of points that lapse, drawn from small tables in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.dates import DateFormatter, MonthLocator
from matplotlib.figure import Figure

from joren.report.figures import COLOURS, format_axis, interval_points, new_figure
from joren.text import LANGUAGES, Note, has, named, render

Draw = Callable[[str], Figure]


def cliff(days: pd.DataFrame, within_hours: int) -> Draw:
    """Points that lapse, a bar a day; the days that the list looks at stand out.

    Parameters
    ----------
    days : rows of `expiry_cliff` with grain day
    within_hours : of the list
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.8)
        at = pd.to_datetime(days.starts_on)
        soon = np.arange(len(days)) < within_hours / 24
        axes.bar(
            at, days.points, width=0.8, color=np.where(soon, COLOURS["accent"], COLOURS["blue"])
        )
        axes.set_ylim(0, max(1.25 * days.points.max(), 1))  # room for the label
        axes.set_xlim(at.iloc[0] - pd.Timedelta(days=1.5), at.iloc[-1] + pd.Timedelta(days=1))
        label = render(language, "expiry.axis.soon", hours=within_hours,
                       points=int(days.points[soon].sum()))  # fmt: skip
        axes.text(0.01, 0.98, label, transform=axes.transAxes, color=COLOURS["accent"], va="top")
        axes.xaxis.set_major_locator(MonthLocator())
        axes.xaxis.set_minor_locator(MonthLocator(bymonthday=(11, 21)))
        day = "%-m/%-d" if language == "ja" else "%-d %b"
        axes.xaxis.set_major_formatter(DateFormatter(day))
        axes.xaxis.set_minor_formatter(DateFormatter(day))
        format_axis(axes, "y", "count", language)
        axes.set_xlabel(render(language, "expiry.axis.day"))
        axes.set_ylabel(render(language, "expiry.axis.points"))
        return figure

    return draw


def use_rates(groups: pd.DataFrame, accent: bool) -> Draw:
    """Share of granted points that were used, a row a group, the lowest on top.

    Parameters
    ----------
    groups : from `unused.use_by_channels`
    accent : whether the lowest stands out
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=1.0 + 0.26 * len(groups))
        names = [
            render(language, "expiry.axis.group", group=channels_label(channels, language), n=n)
            for channels, n in zip(groups.channels, groups.customers, strict=True)
        ]
        interval_points(
            axes, names, groups.rate, groups.lower, groups.upper, accent=0 if accent else None
        )
        axes.set_xlim(0, 1)
        format_axis(axes, "x", "pct0", language)
        axes.set_xlabel(render(language, "expiry.axis.use_rate"))
        return figure

    return draw


def channels_name(channels: str) -> Note:
    """Channels as a sentence names them."""
    return named({language: channels_label(channels, language) for language in LANGUAGES})


def channels_label(channels: str, language: str) -> str:
    """Channels as a reader knows them, from `unused.use_by_channels`."""
    if has(channels):
        return render(language, channels)
    keys = [(channel, f"expiry.channel.{channel}") for channel in channels.split("+")]
    known = [render(language, key) if has(key) else channel for channel, key in keys]
    return " + ".join(known)
