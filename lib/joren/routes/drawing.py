"""The backbone as a picture: boxes in layers, arrows as wide as they are frequent.

Labels stand inside boxes that share no place; shares beside arrows are written only where they
cover nothing. So no label overlaps another, whatever the names are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from joren.report.figures import COLOURS, new_figure
from joren.routes.backbone import Backbone
from joren.routes.layout import Layout, ems, layered, wrapped
from joren.routes.touchpoints import END, START
from joren.text import format_value, render

Draw = Callable[[str], Figure]
_SIZE = 8.0  # points of a label
_LINE = 1.3 * _SIZE
_BOX, _ENDS, _GAP = 62.0, 44.0, 24.0  # points: width of a box, of the ends', least gap
_BETWEEN = 10.0  # points between two boxes of a layer
_WIDTH = 6.7 * 72
_LEGEND = 52.0
_SHARES, _RARE, _SMALL = 9, 0.03, 0.05  # arrows that bear their share, where there is room


def route_map(backbone: Backbone, layout: Layout | None = None) -> Draw:
    """Draw a backbone, from left to right.

    Parameters
    ----------
    backbone : from `backbone.backbone`
    layout : from `layout.layered`; by default as many layers as the page is wide
    """
    layout = layout or wide_layout(backbone)

    def draw(language: str) -> Figure:
        boxes, height = _boxes(backbone, layout, language)
        figure, axes = new_figure(height=(height + _LEGEND) / 72)
        axes.set_position((0, 0, 1, 1))
        figure.set_layout_engine("none")
        axes.set_axis_off()
        axes.set_xlim(0, _WIDTH)
        axes.set_ylim(-_LEGEND, height)
        curves = _arrows(axes, backbone, boxes)
        taken = [_draw_box(axes, backbone, node, box, language) for node, box in boxes.items()]
        _shares(axes, backbone, curves, taken, language)
        _legend(axes, backbone, language)
        return figure

    return draw


def wide_layout(backbone: Backbone) -> Layout:
    """A layout as wide as the page."""
    room = _WIDTH - 2 * (_ENDS + _GAP) + _GAP
    return layered(backbone.graph, backbone.main, int(room // (_BOX + _GAP)))


def label_lines(backbone: Backbone, node: str, language: str, width: float) -> list[str]:
    """What stands in a box: the touchpoint, its customers, and its repeats if there are any.

    Parameters
    ----------
    width : ems a line may be wide
    """
    about = backbone.graph.nodes[node]
    lines = wrapped(about[f"label_{language}"], width)
    count = format_value(about["customers"], "count", language, "")
    lines += wrapped(render(language, "routes.map.customers", customers=count), width)
    if node in backbone.repeats:
        repeated = format_value(backbone.repeats[node], "count", language, "")
        lines += wrapped(render(language, "routes.map.repeats", times=repeated), width)
    return lines


def legend_lines(backbone: Backbone, language: str) -> list[str]:
    """How to read the picture, and how much of everything it shows."""
    shown = "routes.map.shown_all" if not backbone.left_out else "routes.map.shown_some"
    return [
        render(language, "routes.map.legend"),
        render(
            language,
            shown,
            edges=backbone.graph.number_of_edges(),
            covered=backbone.covered,
            left_out=backbone.left_out,
        ),
    ]


def thickness(n: int, largest: int) -> float:
    """Width of an arrow in points: its area follows the count, the rarest can still be seen."""
    return 0.6 + 4.4 * math.sqrt(n / largest)


def _boxes(backbone: Backbone, layout: Layout, language: str) -> tuple[dict[str, Bbox], float]:
    """Where each box is, in points, and how high the picture becomes."""
    heights = {
        node: _LINE * len(label_lines(backbone, node, language, _ems_of(node))) + 6
        for layer in layout.layers
        for node in layer
    }
    columns = [
        sum(heights[n] for n in layer) + _BETWEEN * (len(layer) - 1) for layer in layout.layers
    ]
    height = max(max(columns) + 24, 150.0)
    inner = len(layout.layers) - 2
    gap = (_WIDTH - 4 - 2 * _ENDS - inner * _BOX) / (inner + 1)
    boxes = {}
    for i, (layer, needed) in enumerate(zip(layout.layers, columns, strict=True)):
        # spread a layer over the height: short layers leave room for arrows
        room = (height - 12 - needed) / (len(layer) + 1)
        top = height - 6 - room
        left = 2 if i == 0 else 2 + _ENDS + gap + (i - 1) * (_BOX + gap)
        for node in layer:
            boxes[node] = Bbox([[left, top - heights[node]], [left + _width(node), top]])
            top -= heights[node] + _BETWEEN + room * 0.999
    return boxes, height


def _width(node: str) -> float:
    return _ENDS if node in (START, END) else _BOX


def _ems_of(node: str) -> float:
    return (_width(node) - 6) / _SIZE


def _arrows(axes: Axes, backbone: Backbone, boxes: dict[str, Bbox]) -> dict[tuple, Path]:
    edges = list(backbone.graph.edges(data="transitions"))
    largest = max(n for _u, _v, n in edges)
    main = set(pairwise(backbone.main))
    curves = {}
    for u, v, n in sorted(edges, key=lambda edge: edge[2]):
        path = _curve(boxes[u], boxes[v])
        is_main = (u, v) in main
        width = thickness(n, largest)
        axes.add_patch(
            FancyArrowPatch(
                path=path,
                arrowstyle=f"-|>,head_length={2.5 + width / 2},head_width={1.2 + width / 2}",
                mutation_scale=1.0,
                linewidth=width,
                color=COLOURS["accent" if is_main else "blue"],
                alpha=0.9 if is_main else 0.22 + 0.4 * n / largest,
                zorder=2 if is_main else 1,
                capstyle="butt",
            )
        )
        curves[u, v] = path
    return curves


def _curve(source: Bbox, target: Bbox) -> Path:
    """From the right side of a box to the left of the next; back, or within a layer, around."""
    middle = (source.y0 + source.y1) / 2, (target.y0 + target.y1) / 2
    if target.x0 > source.x1:
        bend = max((target.x0 - source.x1) * 0.5, 12)
        points = [
            (source.x1, middle[0]), (source.x1 + bend, middle[0]), (target.x0 - bend, middle[1]),
            (target.x0, middle[1]),
        ]  # fmt: skip
    elif target.x1 < source.x0:
        below = min(source.y0, target.y0) - 10
        points = [
            (source.x0 + 14, source.y0), (source.x0 - 4, below), (target.x1 + 4, below),
            (target.x1 - 14, target.y0),
        ]  # fmt: skip
    else:
        points = [
            (source.x1, middle[0]), (source.x1 + 20, middle[0]), (target.x1 + 20, middle[1]),
            (target.x1, middle[1]),
        ]  # fmt: skip
    return Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])


def _draw_box(axes: Axes, backbone: Backbone, node: str, box: Bbox, language: str) -> Bbox:
    on_main = node in backbone.main
    axes.add_patch(
        FancyBboxPatch(
            (box.x0, box.y0),
            box.width,
            box.height,
            boxstyle="round,pad=0,rounding_size=3",
            facecolor="#F4F6F8" if node in (START, END) else "white",
            edgecolor=COLOURS["accent" if on_main else "grey"],
            linewidth=1.0 if on_main else 0.7,
            zorder=3,
        )
    )
    lines = label_lines(backbone, node, language, _ems_of(node))
    names = len(wrapped(backbone.graph.nodes[node][f"label_{language}"], _ems_of(node)))
    for i, line in enumerate(lines):
        axes.text(
            (box.x0 + box.x1) / 2,
            box.y1 - 3 - _LINE * (i + 0.5),
            line,
            ha="center",
            va="center",
            fontsize=_SIZE,
            color=COLOURS["ink"] if i < names else "#5B626C",
            zorder=4,
            gid=f"label {node} {i}",
        )
    return box


def _shares(axes: Axes, backbone: Backbone, curves: dict, taken: list[Bbox], language: str) -> None:
    """The share that goes on, beside the most frequent arrows, where it covers nothing."""
    edges = [(n, u, v) for u, v, n in backbone.graph.edges(data="transitions") if u != START]
    largest = max((n for n, _u, _v in edges), default=0)
    taken = list(taken)
    for n, u, v in sorted(edges, reverse=True)[:_SHARES]:
        share = backbone.graph.edges[u, v]["probability"]
        if n < _RARE * largest or share < _SMALL:
            continue
        written = format_value(share, "pct0", language, "")
        half = 0.5 * _SIZE * ems(written) + 2
        for at in (0.5, 0.35, 0.65, 0.25, 0.75):
            x, y = _point(curves[u, v], at)
            place = Bbox([[x - half, y - _SIZE * 0.6], [x + half, y + _SIZE * 0.6]])
            if not any(place.padded(3).overlaps(other) for other in taken):
                axes.text(
                    x, y, written, ha="center", va="center", fontsize=_SIZE, zorder=5,
                    color=COLOURS["ink"], gid=f"share {u} {v}",
                    bbox={"boxstyle": "square,pad=0.05", "facecolor": "white", "alpha": 0.8,
                          "edgecolor": "none"},
                )  # fmt: skip
                taken.append(place)
                break


def _point(path: Path, at: float) -> tuple[float, float]:
    a, b, c, d = path.vertices
    left = 1 - at
    point = left**3 * a + 3 * left**2 * at * b + 3 * left * at**2 * c + at**3 * d
    return float(point[0]), float(point[1])


def _legend(axes: Axes, backbone: Backbone, language: str) -> None:
    lines = [
        part for line in legend_lines(backbone, language) for part in wrapped(line, _WIDTH / _SIZE)
    ]
    for i, line in enumerate(lines):
        axes.text(
            2, -8 - _LINE * (i + 0.5), line, ha="left", va="center", fontsize=_SIZE,
            color="#5B626C", gid=f"legend {i}",
        )  # fmt: skip
