"""The pictures of a ledger: what came in and went out by month, and what was left."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from joren.report.figures import COLOURS, end_labels, format_axis, new_figure
from joren.text import render

Draw = Callable[[str], Figure]
_OUT = (("used", "green"), ("expired", "sand"), ("cancelled", "grey"))


def flows_by_month(totals: pd.DataFrame) -> Draw:
    """Points granted above the line; used, expired and cancelled below it; a bar a month.

    Parameters
    ----------
    totals : from `close.month_totals`
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=3.0)
        x = np.arange(len(totals))
        granted = (totals.granted - totals.transferred).to_numpy(float)
        axes.bar(x, granted, width=0.8, color=COLOURS["blue"])
        ends, below = [(x[-1] + 0.5, granted[-1] / 2, _name("granted", language), "blue")], 0 * x
        for kind, colour in _OUT:
            part = totals[kind].to_numpy(float)
            axes.bar(x, -part, width=0.8, bottom=-below, color=COLOURS[colour])
            middle = -(below[-1] + part[-1] / 2)
            ends.append((x[-1] + 0.5, middle, _name(kind, language), colour))
            below = below + part
        axes.hlines(0, x[0] - 0.5, x[-1] + 0.45, color=COLOURS["ink"], linewidth=0.8)
        _months(axes, totals, language)
        axes.set_ylim(-1.1 * max(below.max(), 1), 1.1 * max(granted.max(), 1))
        end_labels(axes, ends)
        axes.set_ylabel(render(language, "points.ledger_axis_moved"))
        return figure

    return draw


def outstanding_by_month(totals: pd.DataFrame) -> Draw:
    """Points left at the end of each month.

    Parameters
    ----------
    totals : from `close.month_totals`
    """

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.3)
        x = np.arange(len(totals))
        axes.plot(x, totals.outstanding, color=COLOURS["accent"], linewidth=1.6)
        axes.plot(x[-1], totals.outstanding.iloc[-1], "o", color=COLOURS["accent"], markersize=5)
        _months(axes, totals, language)
        axes.set_ylim(0, 1.1 * max(totals.outstanding.max(), 1))
        axes.set_ylabel(render(language, "points.ledger_axis_left"))
        return figure

    return draw


def _months(axes, totals: pd.DataFrame, language: str) -> None:
    n = len(totals)
    shown = range(n - 1, -1, -max(1, round(n / 6)))
    axes.set_xticks(list(shown), [f"{totals.index[i]:%Y-%m}" for i in shown])
    axes.set_xlim(-0.6, n - 1 + max(0.6, 0.13 * n))
    format_axis(axes, "y", "count", language)
    axes.grid(axis="y", color=COLOURS["light"], linewidth=0.6)
    axes.set_axisbelow(True)


def _name(kind: str, language: str) -> str:
    return render(language, f"points.ledger_kind.{kind}")
