"""Flows between two or more ordered stages, drawn as bands whose height is their number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from joren.report.figures import COLOURS, new_figure

_BAR = 0.035
_GAP = 0.025


def sankey(
    stages: Sequence[Sequence[str]],
    flows: Sequence[Mapping[tuple[str, str], float]],
    labels: Mapping[str, str],
    titles: Sequence[str],
    values: str,
    accent: Collection[tuple[str, str]] = (),
    height: float = 3.4,
) -> Figure:
    """Draw what moves from each stage to the next.

    Parameters
    ----------
    stages : the nodes of each stage, top first
    flows : one mapping a step, (from, to) → number; nothing is drawn for zero
    labels : node → what is written beside it
    titles : of the stages
    values : template of a node's number, such as `"{label}  {value:,}"`
    accent : the flows to look at
    height : inches
    """
    figure, axes = new_figure(height=height)
    axes.set_axis_off()
    totals = [_totals(stage, place, flows) for place, stage in enumerate(stages)]
    largest = max(sum(total.values()) for total in totals)
    tops = [_tops(total, largest) for total in totals]
    columns = np.linspace(0, 1, len(stages))
    for place, step in enumerate(flows):
        _draw_step(axes, step, columns[place : place + 2], tops[place : place + 2],
                   stages[place : place + 2], largest, accent)  # fmt: skip
    for place, (total, top) in enumerate(zip(totals, tops, strict=True)):
        last = place == len(stages) - 1
        for node, number in total.items():
            if not number:
                continue
            size = number / largest
            axes.add_patch(
                Rectangle(
                    (columns[place] - _BAR / 2, top[node] - size), _BAR, size, color=COLOURS["blue"]
                )
            )
            axes.annotate(
                values.format(label=labels[node], value=round(number)),
                (columns[place] + (_BAR if last else -_BAR), top[node] - size / 2),
                ha="left" if last else "right", va="center", fontsize=8.5, color=COLOURS["ink"],
                annotation_clip=False,
            )  # fmt: skip
        axes.annotate(
            titles[place], (columns[place], 1.06), ha="left" if last else "right", fontsize=8.5,
            color=COLOURS["grey"], annotation_clip=False,
        )  # fmt: skip
    axes.set_xlim(-0.42, 1.42)
    axes.set_ylim(min(min(top[n] - t[n] / largest for n in t) for t, top in zip(totals, tops,
                  strict=True)) - 0.02, 1.1)  # fmt: skip
    return figure


def _totals(
    stage: Sequence[str], place: int, flows: Sequence[Mapping[tuple[str, str], float]]
) -> dict[str, float]:
    """What passes through each node: of both sides the larger."""
    into = flows[place - 1] if place else {}
    out = flows[place] if place < len(flows) else {}
    return {
        node: max(
            sum(n for (_from, to), n in into.items() if to == node),
            sum(n for (start, _to), n in out.items() if start == node),
        )
        for node in stage
    }


def _tops(totals: Mapping[str, float], largest: float) -> dict[str, float]:
    top, tops = 1.0, {}
    for node, number in totals.items():
        tops[node] = top
        if number:
            # a label needs its line, however small the node
            top -= max(number / largest, 0.045) + _GAP
    return tops


def _draw_step(axes, step, columns, tops, stages, largest, accent) -> None:
    left, right = dict(tops[0]), dict(tops[1])
    start, end = columns[0] + _BAR / 2, columns[1] - _BAR / 2
    middle = (start + end) / 2
    for source in stages[0]:
        for target in stages[1]:
            number = step.get((source, target), 0)
            if not number:
                continue
            size = number / largest
            a, b = left[source], right[target]
            left[source] -= size
            right[target] -= size
            corners = [
                (start, a), (middle, a), (middle, b), (end, b),
                (end, b - size), (middle, b - size), (middle, a - size), (start, a - size),
                (start, a),
            ]  # fmt: skip
            codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3,
                     Path.CLOSEPOLY]  # fmt: skip
            looked_at = (source, target) in accent
            axes.add_patch(
                PathPatch(
                    Path(corners, codes), linewidth=0,
                    facecolor=COLOURS["accent" if looked_at else "grey"],
                    alpha=0.75 if looked_at else 0.28,
                )
            )  # fmt: skip
