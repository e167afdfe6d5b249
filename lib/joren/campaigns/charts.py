"""The pictures of campaigns: effects with their intervals, by KPI, by arm and by segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from joren import text
from joren.campaigns.plan import Plan
from joren.campaigns.readout import Row
from joren.campaigns.segments import ALL, ORDER, kind_of
from joren.campaigns.verdicts import SPECS, direction_of, label_of, who
from joren.report.figures import COLOURS, format_axis, new_figure
from joren.stats.effects import Estimate

Draw = Callable[[str], Figure]
_LINE = 0.27  # inches a row takes
_MOST = 18  # rows of a forest that leave room for a table below it


def kpi_forest(rows: Sequence[Row], plans: dict[str, Plan]) -> Draw:
    """Relative effects on several metrics of the arms of one campaign, or of several campaigns.

    Of many the newest are drawn, and the axis says of how many.

    Parameters
    ----------
    rows : of everybody assigned; those without a relative interval are left out
    plans : campaign → its plan; arms are named where there is more than one
    """
    told = [row for row in rows if _whole(row.effect.relative if row.effect else None)]
    oldest = sorted(told, key=lambda row: plans[row.reading.campaign_id].starts_on)
    newest = {id(row) for row in oldest[-_MOST:]}
    shown = [row for row in told if id(row) in newest]
    arms = {(row.reading.campaign_id, row.arm) for row in shown}
    metrics = {row.reading.metric.id for row in shown}

    def draw(language: str) -> Figure:
        labels = [
            _row_label(row, plans, language, len(arms) > 1, len(metrics) > 1) for row in shown
        ]
        figure, axes = new_figure(height=0.9 + _LINE * len(shown))
        _whiskers(axes, labels, [row.effect.relative for row in shown], shown)
        format_axis(axes, "x", "pct0", language)
        axis = text.render(language, "campaigns.axis.relative")
        one = (
            label_of(shown[0].reading.metric, shown[0].reading.planned) if len(metrics) == 1 else ""
        )
        axis = f"{axis}: {one.texts[language]}" if one else axis
        if len(shown) < len(told):
            axis += text.render(language, "campaigns.axis.newest", shown=len(shown), all=len(told))
        axes.set_xlabel(axis)
        return figure

    return draw


def segment_forest(rows: Sequence[Row], currency: str) -> Draw:
    """Absolute effects on one metric in the segments of one arm, everybody on top.

    Parameters
    ----------
    rows : the arm's rows of one metric, everybody's among them
    """
    shown = [row for row in rows if _whole(row.effect.absolute if row.effect else None)]
    shown.sort(key=lambda row: _place(row.segment))

    def draw(language: str) -> Figure:
        labels = [
            f"{segment_label(row.segment, language)}  n={row.n + row.n_control:,}" for row in shown
        ]
        figure, axes = new_figure(height=0.9 + _LINE * len(shown))
        _whiskers(axes, labels, [row.effect.absolute for row in shown], shown)
        spec = SPECS[shown[0].reading.metric.unit] if shown else "number"
        format_axis(axes, "x", spec, language, currency)
        axes.set_xlabel(text.render(language, "campaigns.axis.effect"))
        return figure

    return draw


def segment_label(segment: str, language: str) -> str:
    """A segment as a reader calls it: its kind, and its name within it."""
    kind = kind_of(segment)
    if kind == ALL:
        return text.render(language, "campaigns.segment_names.all")
    name = segment.partition(":")[2] or segment
    for room in ("segment_names", "rank"):
        if kind != "stratum" and text.has(f"campaigns.{room}.{name}"):
            name = text.render(language, f"campaigns.{room}.{name}")
    if kind == "recency" and name.endswith(("d", "d+")):
        name = text.render(language, "campaigns.recency", days=name.replace("d", ""))
    return f"{text.render(language, f'campaigns.segment_kind.{kind}')}: {name}"


def _whiskers(
    axes: Axes, labels: Sequence[str], estimates: Sequence[Estimate], rows: Sequence[Row]
) -> None:
    """One line a row, first on top; what excludes zero stands out, grade D is grey and hatched."""
    for place, (estimate, row) in enumerate(zip(estimates, rows, strict=True)):
        y = len(rows) - 1 - place
        moved = direction_of(row) in ("raised", "lowered")
        colour = "grey" if row.grade == "D" else "accent" if moved else "blue"
        style = {"color": COLOURS[colour], "linewidth": 2}
        axes.plot(
            [estimate.lower, estimate.upper], [y, y],
            linestyle=":" if row.grade == "D" else "-", solid_capstyle="round", **style,
        )  # fmt: skip
        axes.plot(estimate.value, y, "o", color=COLOURS[colour], markersize=5)
    axes.axvline(0, color=COLOURS["grey"], linewidth=0.9)
    axes.set_yticks(range(len(rows) - 1, -1, -1), labels)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.grid(axis="x", color=COLOURS["light"], linewidth=0.6)
    axes.set_axisbelow(True)


def _row_label(
    row: Row, plans: dict[str, Plan], language: str, with_arm: bool, with_metric: bool
) -> str:
    named = who(plans[row.reading.campaign_id], row.arm).texts[language] if with_arm else ""
    if named and not with_metric:
        return named
    return f"{named} {label_of(row.reading.metric, row.reading.planned).texts[language]}".strip()


def _place(segment: str) -> tuple[bool, str, int, str]:
    """Everybody first, then kind by kind, classes in their own order."""
    order = ORDER.index(segment) if segment in ORDER else -1
    return segment != ALL, kind_of(segment), order, segment


def _whole(estimate: Estimate | None) -> bool:
    return estimate is not None and estimate.lower is not None and estimate.upper is not None
