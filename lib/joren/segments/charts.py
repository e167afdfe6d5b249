"""The pictures of segments, drawn from small tables in the language of the reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from joren.report.figures import COLOURS, end_labels, format_axis, new_figure
from joren.report.sankey import sankey
from joren.text import format_value, has, render

Draw = Callable[[str], Figure]
_COLOURS = {
    "loyal": "blue", "promising": "green", "new": "sand", "at_risk": "accent", "dormant": "grey",
}  # fmt: skip


def label(preset: str, segment: str, language: str) -> str:
    """A segment's name; one a client named itself is its own label."""
    key = f"segments.name.{preset}.{segment}"
    return render(language, key) if has(key) else segment


def moves(transitions: pd.DataFrame, preset: str, order: Sequence[str], accent) -> Draw:
    """Where customers moved between two days.

    Parameters
    ----------
    transitions : from_segment (`none` for those who were no customers), to_segment, customers,
        from_on, to_on
    order : segments, best first
    accent : the (from, to) to look at
    """
    flows = {(row.from_segment, row.to_segment): row.customers for row in transitions.itertuples()}
    before = [s for s in (*order, "none") if any(f == s for f, _to in flows)]
    after = [s for s in order if any(t == s for _from, t in flows)]
    first = transitions.iloc[0]

    def draw(language: str) -> Figure:
        names = {s: label(preset, s, language) for s in order}
        names["none"] = render(language, "segments.no_customer_yet")
        return sankey(
            [before, after],
            [flows],
            names,
            [format_value(day, "date", language, "") for day in (first.from_on, first.to_on)],
            "{label}  {value:,}",
            accent,
        )

    return draw


def stock(by_month: pd.DataFrame, preset: str, order: Sequence[str]) -> Draw:
    """Customers of each segment at the end of every month.

    Parameters
    ----------
    by_month : on, segment, customers
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.9)
        ends = []
        for segment in order:
            of = by_month[by_month.segment == segment].sort_values("on")
            if of.empty:
                continue
            colour = _COLOURS.get(segment, "grey")
            days = pd.to_datetime(of.on)
            axes.plot(days, of.customers, color=COLOURS[colour], linewidth=1.8)
            name = label(preset, segment, language)
            ends.append((days.iloc[-1], float(of.customers.iloc[-1]), name, colour))
        axes.set_ylim(0, by_month.customers.max() * 1.1)
        months = sorted(pd.to_datetime(by_month.on.unique()))
        axes.set_xlim(months[0], months[-1] + (months[-1] - months[0]) * 0.22)
        ticks = months[:: max(1, len(months) // 6)]
        axes.set_xticks(ticks, [f"{day:%Y-%m}" for day in ticks])
        end_labels(axes, ends)
        format_axis(axes, "y", "count", language)
        axes.set_ylabel(render(language, "segments.axis.customers"))
        return figure

    return draw


def cells(counts: pd.DataFrame, preset: str, order: Sequence[str]) -> Draw:
    """Customers of every cell of a preset as bars, the largest marked.

    Parameters
    ----------
    counts : segment, customers
    """
    held = counts.set_index("segment").customers
    shown = [segment for segment in order if segment in held.index]

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=0.6 + 0.26 * len(shown))
        sizes = [held[segment] for segment in shown]
        rows = np.arange(len(shown))[::-1]
        axes.barh(rows, sizes, color=COLOURS["blue"], height=0.65)
        for row, size in zip(rows, sizes, strict=True):
            axes.annotate(
                f"{size:,}", (size, row), xytext=(4, 0), textcoords="offset points", va="center",
                fontsize=8.5, color=COLOURS["ink"],
            )  # fmt: skip
        axes.set_yticks(rows, [label(preset, segment, language) for segment in shown])
        axes.set_xlim(0, max(sizes) * 1.12)
        format_axis(axes, "x", "count", language)
        axes.set_xlabel(render(language, "segments.axis.customers"))
        return figure

    return draw


def waterfall(steps: pd.DataFrame, spec: str, currency: str) -> Draw:
    """From the incumbent's figure to ours: each change of definition as a floating bar.

    Parameters
    ----------
    steps : step, value, change in order; the first has no change
    spec : how values are written
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=0.7 + 0.3 * (len(steps) + 1))
        values = steps.value.tolist()
        names = [render(language, f"segments.bridge.{step}") for step in steps.step]
        rows = np.arange(len(steps), -1, -1)
        axes.barh(rows[0], values[0], color=COLOURS["grey"], height=0.6)
        for row, before, after in zip(rows[1:-1], values, values[1:], strict=False):
            low = min(before, after)
            axes.barh(row, abs(after - before), left=low, height=0.6,
                      color=COLOURS["accent" if after < before else "green"])  # fmt: skip
        axes.barh(rows[-1], values[-1], color=COLOURS["blue"], height=0.6)
        ends = [values[0], *map(max, values, values[1:]), values[-1]]
        written = [values[0], *steps.change.tolist()[1:], values[-1]]
        for place, (row, end, value) in enumerate(zip(rows, ends, written, strict=True)):
            sign = "+" if 0 < place < len(rows) - 1 and value > 0 else ""
            axes.annotate(
                sign + format_value(value, spec, language, currency), (end, row), xytext=(4, 0),
                textcoords="offset points", va="center", fontsize=8.5, color=COLOURS["ink"],
            )  # fmt: skip
        axes.set_yticks(rows, [*names, render(language, "segments.bridge.ours")])
        axes.set_xlim(0, max(values) * 1.15)
        format_axis(axes, "x", spec, language, currency)
        return figure

    return draw


def month_ends(first: date, last: date) -> list[date]:
    """The ends of whole months from `first` on, and the last day itself; at most 24."""
    ends = [stamp.date() for stamp in pd.date_range(first, last, freq="ME")]
    return sorted({*ends, last})[-24:]
