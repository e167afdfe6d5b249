"""The pictures of effects on value: what was seen and what is carried forward; the Qini curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from matplotlib.figure import Figure

from joren import text
from joren.campaigns.plan import Plan
from joren.campaigns.verdicts import who
from joren.experiments.ltv_readout import LtvRow
from joren.experiments.qini import Qini
from joren.report.figures import COLOURS, band, direct_label, format_axis, new_figure

Draw = Callable[[str], Figure]
_LINE = 0.42  # inches an arm takes


def ltv_forest(rows: Sequence[LtvRow], plans: Mapping[str, Plan], currency: str) -> Draw:
    """Per arm, the effect that was seen (blue) and that until the horizon (red)."""
    arms = list(dict.fromkeys((row.campaign_id, row.arm) for row in rows))

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=1.0 + _LINE * len(arms))
        reach = max(max(abs(row.evidence.lower), abs(row.evidence.upper)) for row in rows)
        for place, key in enumerate(arms):
            own = [row for row in rows if (row.campaign_id, row.arm) == key]
            for row, shift, colour in zip(own, (0.17, -0.17), ("blue", "accent"), strict=True):
                y, found = shift - place, row.evidence
                style = {"color": COLOURS[colour], "linewidth": 2, "solid_capstyle": "round"}
                axes.plot([found.lower, found.upper], [y, y], **style)
                axes.plot(found.effect, y, "o", color=COLOURS[colour], markersize=4.5)
                told = "seen" if row.extrapolated == 0 else "ahead"
                label = text.render(
                    language, f"experiments.ltv.label.{told}", days=row.days,
                    extrapolated=row.extrapolated,
                )  # fmt: skip
                axes.annotate(
                    label, (found.upper, y), (4, 0), textcoords="offset points", va="center",
                    fontsize=8, color=COLOURS[colour],
                )  # fmt: skip
        labels = [who(plans[name], arm).texts[language] for name, arm in arms]
        axes.set_yticks([-place for place in range(len(arms))], labels)
        axes.set_ylim(-len(arms) + 0.4, 0.6)
        axes.set_xlim(-1.05 * reach, 1.6 * reach)
        axes.locator_params(axis="x", nbins=6)
        axes.axvline(0, color=COLOURS["grey"], linewidth=0.9, zorder=0)
        axes.grid(axis="x", color=COLOURS["light"], linewidth=0.6)
        axes.set_axisbelow(True)
        format_axis(axes, "x", "money", language, currency)
        axes.set_xlabel(text.render(language, "experiments.axis.margin"))
        return figure

    return draw


def qini_curve(found: Qini, currency: str) -> Draw:
    """Gain by the share contacted, the highest scores first, beside contacting by lot."""
    curve = found.curve

    def draw(language: str) -> Figure:
        figure, axes = new_figure(height=2.8)
        band(axes, curve.share, curve.lower, curve.upper)
        axes.plot(curve.share, curve.gain, color=COLOURS["blue"], linewidth=1.8)
        axes.plot(curve.share, curve.by_lot, color=COLOURS["grey"], linewidth=1.2)
        axes.set_xlim(0, 1.18)
        middle = len(curve) // 2
        by_lot = text.render(language, "experiments.uplift.by_lot_label")
        axes.annotate(
            by_lot, (curve.share.iloc[middle], curve.by_lot.iloc[middle]), (6, -12),
            textcoords="offset points", fontsize=8, color=COLOURS["grey"],
        )  # fmt: skip
        label = text.render(language, "experiments.uplift.by_score_label")
        direct_label(axes, 1.0, float(curve.gain.iloc[-1]), label, "blue")
        axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
        format_axis(axes, "x", "pct0", language)
        format_axis(axes, "y", "money", language, currency)
        axes.set_xlabel(text.render(language, "experiments.axis.contacted"))
        axes.set_ylabel(text.render(language, "experiments.axis.gain"))
        return figure

    return draw
