"""The first steps of routes as a flow: what customers did first, second, third, and how many ended.

A touchpoint stands once for every step, so that flows never run in a circle. At each step the most
frequent touchpoints are shown and all others are one band; customers whose route has ended by
then stay in a band of their own, so that every step adds up to everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd
from ibis import _
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from scipy.stats import beta

from joren.report.figures import COLOURS, new_figure
from joren.routes.layout import wrapped
from joren.routes.touchpoints import END, label
from joren.text import format_value, render

Draw = Callable[[str], Figure]
STEPS = 5
REST = "(other)"
_LEAST = 0.05  # share of customers from which on a touchpoint has a band of its own
_MOST = 6
_WIDTH, _HEIGHT, _BAR, _TOP = 6.7 * 72, 300.0, 8.0, 22.0
_BETWEEN = 9.0
_SIZE = 8.0


def step_flows(steps: ir.Table, most: int = STEPS) -> pd.DataFrame:
    """How many customers went from which touchpoint at one step to which at the next.

    Parameters
    ----------
    steps : from `steps.coded_steps`
    most : how many steps

    Returns
    -------
    step (of the source: 1…most − 1), source, target (END where the route is over), customers
    """
    first = steps.filter(_.step <= most).select("customer_id", "step", "touchpoint")
    ahead = first.select("customer_id", target="touchpoint", step=_.step - 1)
    pairs = first.filter(_.step < most).left_join(ahead, ["customer_id", "step"])
    found = pairs.group_by("step", source=_.touchpoint, target=_.target.fill_null(END)).agg(
        customers=_.count().cast("int64")
    )
    flows = found.order_by("step", "source", "target").to_pandas()
    return _with_ended(flows, most)


def banded(flows: pd.DataFrame, least: float = _LEAST, most: int = _MOST) -> pd.DataFrame:
    """Put rare touchpoints of each step together as REST.

    Parameters
    ----------
    flows : from `step_flows`
    least : share of all customers that makes a touchpoint stand alone
    most : how many of them at most
    """
    total = flows[flows.step == 1].customers.sum()
    kept: dict[int, set[str]] = {}
    for step in range(1, int(flows.step.max()) + 2):
        side, at = ("source", step) if step == 1 else ("target", step - 1)
        sums = flows[flows.step == at].groupby(side).customers.sum().drop(END, errors="ignore")
        ranked = sums.reset_index().sort_values(["customers", side], ascending=[False, True])
        kept[step] = set(ranked[ranked.customers >= least * total][side].head(most)) | {END}
    merged = flows.assign(
        source=[s if s in kept[i] else REST for i, s in zip(flows.step, flows.source, strict=True)],
        target=[
            t if t in kept[i + 1] else REST for i, t in zip(flows.step, flows.target, strict=True)
        ],
    )
    return merged.groupby(["step", "source", "target"], as_index=False).customers.sum()


@dataclass(frozen=True)
class Share:
    """A share of n customers with its interval."""

    value: float
    lower: float
    upper: float
    n: int


def ended_by(flows: pd.DataFrame, interval: float) -> Share:
    """The share of customers whose route has one step only, so far, with Jeffreys' interval.

    Parameters
    ----------
    flows : from `step_flows`
    """
    first = flows[flows.step == 1]
    n, ended = int(first.customers.sum()), int(first[first.target == END].customers.sum())
    lower, upper = beta.ppf([(1 - interval) / 2, (1 + interval) / 2], ended + 0.5, n - ended + 0.5)
    return Share(ended / n, float(lower) if ended else 0.0, float(upper) if ended < n else 1.0, n)


def flow_chart(flows: pd.DataFrame) -> Draw:
    """Draw the flow, steps from left to right.

    Parameters
    ----------
    flows : from `banded`
    """
    total = flows[flows.step == 1].customers.sum()
    steps = int(flows.step.max()) + 1
    bands = _bands(flows, steps, total)

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=(_HEIGHT + _TOP + 6) / 72)
        figure.set_layout_engine("none")
        axes.set_position((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, _WIDTH)
        axes.set_ylim(-6, _HEIGHT + _TOP)
        pitch = _WIDTH / steps
        _ribbons(axes, flows, bands, pitch, total)
        for (step, name), (low, high) in bands.items():
            _band(axes, 2 + (step - 1) * pitch, low, high, name, total, pitch, language)
        for step in range(1, steps + 1):
            axes.text(
                2 + (step - 1) * pitch, _HEIGHT + _TOP - 4, gid=f"head {step}", fontsize=_SIZE,
                s=render(language, "routes.flow.step", step=step), va="top", color="#5B626C",
            )  # fmt: skip
        return figure

    return draw


def _with_ended(flows: pd.DataFrame, most: int) -> pd.DataFrame:
    """Carry customers whose route is over through the steps that follow."""
    parts = [flows]
    ended = 0
    for step in range(1, most):
        if ended:
            parts.append(
                pd.DataFrame(
                    {"step": [step], "source": [END], "target": [END], "customers": [ended]}
                )
            )
        ended += int(flows[(flows.step == step) & (flows.target == END)].customers.sum())
    return pd.concat(parts, ignore_index=True).sort_values(
        ["step", "source", "target"], ignore_index=True
    )


def _bands(flows: pd.DataFrame, steps: int, total: int) -> dict[tuple[int, str], tuple]:
    """Where each touchpoint of each step stands: lower and upper edge."""
    bands = {}
    for step in range(1, steps + 1):
        side, at = ("source", step) if step == 1 else ("target", step - 1)
        sums = flows[flows.step == at].groupby(side).customers.sum()
        names = sorted(sums.index, key=lambda n: (n == END, n == REST, -sums[n], n))
        scale = (_HEIGHT - _BETWEEN * (_MOST + 1)) / total
        top = _HEIGHT
        for name in names:
            high = top
            top -= sums[name] * scale
            bands[step, name] = (top, high)
            top -= _BETWEEN
    return bands


def _ribbons(axes: Axes, flows: pd.DataFrame, bands: dict, pitch: float, total: int) -> None:
    scale = (_HEIGHT - _BETWEEN * (_MOST + 1)) / total
    leaving = {key: high for key, (_low, high) in bands.items()}
    arriving = dict(leaving)
    place = {key: -high for key, (_low, high) in bands.items()}
    rows = sorted(
        flows.itertuples(index=False),
        key=lambda r: (r.step, place[r.step, r.source], place[r.step + 1, r.target]),
    )
    for row in rows:
        size = row.customers * scale
        a, b = (row.step, row.source), (row.step + 1, row.target)
        y0, y1 = leaving[a], arriving[b]
        leaving[a], arriving[b] = y0 - size, y1 - size
        x0, x1 = 2 + (row.step - 1) * pitch + _BAR, 2 + row.step * pitch
        middle = (x0 + x1) / 2
        points = [
            (x0, y0), (middle, y0), (middle, y1), (x1, y1), (x1, y1 - size), (middle, y1 - size),
            (middle, y0 - size), (x0, y0 - size), (x0, y0),
        ]  # fmt: skip
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        ends = row.target == END
        axes.add_patch(
            PathPatch(
                Path(points, codes), facecolor=COLOURS["light" if ends else "blue"],
                alpha=0.6 if ends else 0.25, linewidth=0,
            )
        )  # fmt: skip


def _band(
    axes: Axes,
    x: float,
    low: float,
    high: float,
    name: str,
    total: int,
    pitch: float,
    language: str,
) -> None:
    quiet = name in (END, REST)
    axes.add_patch(
        Rectangle((x, low), _BAR, high - low, color=COLOURS["grey" if quiet else "blue"], lw=0)
    )
    scale = (_HEIGHT - _BETWEEN * (_MOST + 1)) / total
    count = format_value((high - low) / scale / total, "pct0", language, "")
    words = {END: "routes.flow.ended", REST: "routes.flow.other"}
    title = render(language, words[name]) if quiet else label(name, language)
    told = f"{title} {count}".replace(" %", "\N{NO-BREAK SPACE}%")
    lines = wrapped(told, (pitch - _BAR - 8) / _SIZE)
    room = max(int((high - low + _BETWEEN) // (_SIZE * 1.15)), 1)
    for i, line in enumerate(lines[:room]):
        axes.text(
            x + _BAR + 3, high - 1 - _SIZE * 1.15 * i, line, va="top", ha="left", fontsize=_SIZE,
            color=COLOURS["ink"], gid=f"label {name} {i}", zorder=3,
        )  # fmt: skip
