"""The pictures of campaigns judged in several ways: a line a way, grade D hatched grey."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from joren import text
from joren.campaigns.plan import Plan
from joren.campaigns.verdicts import who
from joren.experiments.quasi_readout import DESIGNS, QuasiRow
from joren.report.figures import COLOURS, format_axis, new_figure

Draw = Callable[[str], Figure]
Interval = tuple[float, float, float]
_LINE = 0.2  # inches a row takes


def designs_forest(
    rows: Sequence[QuasiRow],
    randomised: Mapping[tuple[str, str], Interval],
    plans: Mapping[str, Plan],
    currency: str,
) -> Draw:
    """Every arm's effect in each way it was judged, the hold-out's on top of each block.

    Parameters
    ----------
    rows : of one metric; randomised : (campaign, arm) → effect, lower, upper of its hold-out
    """
    arms = sorted({(row.campaign_id, row.arm) for row in rows})
    blocks = [_block(key, rows, randomised) for key in arms]
    lines = sum(len(block) + 1 for block in blocks)

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=0.8 + _LINE * lines)
        y, ticks, labels = 0.0, [], []
        for (campaign, arm), block in zip(arms, blocks, strict=True):
            axes.annotate(
                who(plans[campaign], arm).texts[language], (0, y), (0.0, 0),
                xycoords=("axes fraction", "data"), textcoords="offset points", va="center",
                fontsize=8.5, weight="bold", color=COLOURS["ink"],
            )  # fmt: skip
            y -= 1
            for design, grade, interval in block:
                _line(axes, y, interval, grade, design)
                ticks.append(y)
                name = text.render(language, f"quasi.design.{design}")
                labels.append(f"{name} [{grade}]")
                y -= 1
        axes.set_yticks(ticks, labels, fontsize=8)
        axes.set_ylim(y + 0.4, 0.7)
        axes.axvline(0, color=COLOURS["grey"], linewidth=0.9, zorder=0)
        axes.grid(axis="x", color=COLOURS["light"], linewidth=0.6)
        axes.set_axisbelow(True)
        format_axis(axes, "x", "money", language, currency)
        axes.set_xlabel(text.render(language, "experiments.axis.per_customer"))
        return figure

    return draw


def _block(
    key: tuple[str, str],
    rows: Sequence[QuasiRow],
    randomised: Mapping[tuple[str, str], Interval],
) -> list[tuple[str, str, Interval]]:
    found: list[tuple[str, str, Interval]] = []
    if key in randomised:
        found.append(("randomised", "A", randomised[key]))
    own = {row.design: row.evidence for row in rows if (row.campaign_id, row.arm) == key}
    for design in DESIGNS:
        if design in own:
            e = own[design]
            found.append((design, e.grade, (e.effect, e.lower, e.upper)))
    return found


def _line(axes: Axes, y: float, interval: Interval, grade: str, design: str) -> None:
    """A whisker; grade D as a hatched grey bar, which nobody takes for an estimate."""
    value, lower, upper = interval
    if grade == "D":
        bar = Rectangle(
            (lower, y - 0.28), upper - lower, 0.56, facecolor="white", hatch="/////",
            edgecolor=COLOURS["light"], linewidth=0,
        )  # fmt: skip
        axes.add_patch(bar)
        axes.plot(value, y, "|", color=COLOURS["grey"], markersize=7)
        return
    colour = COLOURS["accent" if design == "randomised" else "blue"]
    axes.plot([lower, upper], [y, y], color=colour, linewidth=2, solid_capstyle="round")
    axes.plot(value, y, "o", color=colour, markersize=4.5)
