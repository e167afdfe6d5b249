"""The one look of every chart: drawn at final size, five colours, intervals on every estimate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib_fontja
from matplotlib import pyplot as plt
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from joren.text import LANGUAGES, format_value

# Okabe–Ito hues, darkened where a thin line needs it: apart for every common colour blindness.
COLOURS = {
    "accent": "#C8451B",
    "blue": "#1F5F99",
    "green": "#1B7F62",
    "sand": "#C9A227",
    "grey": "#8A8F98",
    "light": "#D9DDE3",
    "ink": "#22262B",
}
_WIDTHS = {"full": 6.7, "half": 3.3}
_STYLE = {
    "svg.fonttype": "path",
    "svg.hashsalt": "joren",
    "font.size": 9,
    "axes.labelsize": 9,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": COLOURS["grey"],
    "axes.labelcolor": COLOURS["ink"],
    "xtick.color": COLOURS["ink"],
    "ytick.color": COLOURS["ink"],
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "figure.constrained_layout.use": True,
}


def new_figure(height: float = 2.8, width: str = "full") -> tuple[Figure, Axes]:
    """An empty chart in print size.

    Parameters
    ----------
    height : inches
    width : full (the text's width) or half
    """
    matplotlib_fontja.japanize()
    with plt.rc_context():
        plt.rcParams.update(_STYLE)
        figure, axes = plt.subplots(figsize=(_WIDTHS[width], height))
    axes.tick_params(length=3)
    return figure, axes


def interval_points(
    axes: Axes,
    labels: Sequence[str],
    values: Sequence[float],
    lowers: Sequence[float],
    uppers: Sequence[float],
    accent: int | None = None,
) -> None:
    """One row per label: the estimate as a point, its interval as a whisker; first label on top."""
    rows = range(len(labels) - 1, -1, -1)
    for row, value, lower, upper, index in zip(
        rows, values, lowers, uppers, range(len(labels)), strict=True
    ):
        colour = COLOURS["accent"] if index == accent else COLOURS["blue"]
        axes.plot([lower, upper], [row, row], color=colour, linewidth=2, solid_capstyle="round")
        axes.plot(value, row, "o", color=colour, markersize=5)
    axes.set_yticks(list(rows), labels)
    axes.set_ylim(-0.6, len(labels) - 0.4)
    axes.grid(axis="x", color=COLOURS["light"], linewidth=0.6)
    axes.set_axisbelow(True)


def band(
    axes: Axes,
    x: Sequence[float],
    lower: Sequence[float],
    upper: Sequence[float],
    colour: str = "blue",
) -> None:
    """The interval of a line."""
    axes.fill_between(x, lower, upper, color=COLOURS[colour], alpha=0.2, linewidth=0)


def direct_label(axes: Axes, x: float, y: float, label: str, colour: str = "ink") -> None:
    """A label at the end of a line, instead of a legend."""
    _label(axes, (x, y), label, colour)


def end_labels(axes: Axes, ends: Sequence[tuple[float, float, str, str]], gap: float = 11) -> None:
    """Labels at the ends of several lines, moved apart where they would cover each other.

    The axes' limits must be set.

    Parameters
    ----------
    ends : x, y, label and colour of each
    gap : least distance between two labels in points
    """
    low, high = axes.get_ylim()
    points = axes.bbox.height * 72 / axes.figure.dpi / (high - low)
    least = float("-inf")
    for x, y, label, colour in sorted(ends, key=lambda end: end[1]):
        place = max(y * points, least)
        least = place + gap
        _label(axes, (x, y), label, colour, raised=place - y * points)


def format_axis(axes: Axes, which: str, spec: str, language: str, currency: str = "JPY") -> None:
    """Write an axis's ticks as the report writes numbers.

    Parameters
    ----------
    which : x or y
    spec : a format spec of `text.formats`
    """
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_formatter(
        ticker.FuncFormatter(lambda value, _: format_value(value, spec, language, currency))
    )


def save(name: str, draw: Callable[[str], Figure] | Figure, folder: Path) -> dict[str, str]:
    """Write a figure as SVG and PNG in both languages.

    Returns
    -------
    language → path of the SVG relative to the folder's parent
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    if isinstance(draw, Figure):
        _write(draw, folder / name)
        return dict.fromkeys(LANGUAGES, f"{folder.name}/{name}.svg")
    for language in LANGUAGES:
        stem = f"{name}.{language}"
        _write(draw(language), folder / stem)
        files[language] = f"{folder.name}/{stem}.svg"
    return files


def _label(axes: Axes, at: tuple[float, float], label: str, colour: str, raised: float = 0) -> None:
    axes.annotate(
        label,
        at,
        xytext=(4, raised),
        textcoords="offset points",
        va="center",
        color=COLOURS[colour],
        fontsize=8.5,
        annotation_clip=False,
    )


def _write(figure: Figure, stem: Path) -> None:
    with plt.rc_context(_STYLE):
        # no date and a fixed salt: the same numbers give the same bytes
        figure.savefig(f"{stem}.svg", metadata={"Date": None, "Creator": None})
        figure.savefig(f"{stem}.png", dpi=144, metadata={"Software": None})
    plt.close(figure)
