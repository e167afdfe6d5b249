"""The picture of the ledger: campaigns alone and pooled, and what to expect of the next."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from joren import text
from joren.experiments.ledger import Entry, Ledger
from joren.report.figures import COLOURS, format_axis, new_figure

Draw = Callable[[str], Figure]
Interval = tuple[float, float, float]
_LINE = 0.34  # inches a row takes
_MOST = 20


def ledger_forest(ledger: Ledger) -> Draw:
    """Relative effects by campaign, oldest on top; thin alone, thick pooled, D hatched grey.

    Of many the newest are drawn, and the axis says of how many.
    """
    told = [(entry, alone) for entry in ledger.entries if (alone := _alone(entry)) is not None]
    shown = told[-_MOST:]

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=1.0 + _LINE * (len(shown) + 1))
        labels = []
        for place, (entry, alone) in enumerate(shown):
            y = -place
            grade = entry.row["grade"] if entry.row else "D"
            labels.append(f"{entry.plan.name} [{grade}]")
            if grade == "D":
                bar = Rectangle(
                    (alone[1], y - 0.25), alone[2] - alone[1], 0.5, facecolor="white",
                    hatch="/////", edgecolor=COLOURS["light"], linewidth=0,
                )  # fmt: skip
                axes.add_patch(bar)
                axes.plot(alone[0], y, "|", color=COLOURS["grey"], markersize=8)
                continue
            _whisker(axes, y + 0.14, alone, "grey", 1.0, 3)
            own = entry.shrunken
            if own is not None:
                _whisker(axes, y - 0.1, (own.value, own.lower, own.upper), "blue", 2.6, 5.5)
        if ledger.pooled is not None:
            ahead = ledger.pooled.next
            y = -len(shown)
            labels.append(text.render(language, "pdca.next_campaign"))
            _whisker(axes, y, (ahead.value, ahead.lower, ahead.upper), "accent", 2.6, 5.5)
        axes.set_yticks([-place for place in range(len(labels))], labels)
        axes.set_ylim(-len(labels) + 0.4, 0.6)
        axes.axvline(0, color=COLOURS["grey"], linewidth=0.9, zorder=0)
        axes.grid(axis="x", color=COLOURS["light"], linewidth=0.6)
        axes.set_axisbelow(True)
        format_axis(axes, "x", "pct0", language)
        axis = text.render(language, "pdca.axis.relative")
        if len(shown) < len(told):
            axis += text.render(language, "campaigns.axis.newest", shown=len(shown), all=len(told))
        axes.set_xlabel(axis)
        return figure

    return draw


def _whisker(axes, y: float, interval: Interval, colour: str, width: float, size: float) -> None:
    value, lower, upper = interval
    axes.plot(
        [lower, upper], [y, y], color=COLOURS[colour], linewidth=width, solid_capstyle="round"
    )
    axes.plot(value, y, "o", color=COLOURS[colour], markersize=size)


def _alone(entry: Entry) -> Interval | None:
    """A campaign's own relative effect with interval; of grade D by its base before."""
    row = entry.row
    if row is None or row["effect"] is None or row["lower"] is None or row["relative"] is None:
        return None
    low, high = row.get("relative_lower"), row.get("relative_upper")
    if low is None or high is None:
        if not row["effect"]:
            return None
        scale = row["relative"] / row["effect"]  # one over what it is relative to
        low, high = row["lower"] * scale, row["upper"] * scale
    found = row["relative"], low, high
    return found if all(map(isfinite, found)) else None
