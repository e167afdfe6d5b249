"""Where touchpoints stand in a drawing: in layers by their median step, with few crossings.

Layers run from the start to the end; within a layer touchpoints are moved next to what they are
connected with (barycentres), then neighbours are exchanged while that takes crossings away. All
ties are broken by name, so that a graph has one layout.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from joren.routes.touchpoints import END, START

_SWEEPS = 8


@dataclass(frozen=True)
class Layout:
    """Layers of touchpoints, from start to end, each from the first place to the last."""

    layers: list[list[str]]

    def places(self) -> dict[str, tuple[float, float]]:
        """Touchpoint → (layer from 0, place within it centred on 0)."""
        return {
            node: (float(i), place - (len(layer) - 1) / 2)
            for i, layer in enumerate(self.layers)
            for place, node in enumerate(layer)
        }


def layered(graph: nx.DiGraph, main: list[str], layers: int) -> Layout:
    """Lay a backbone out.

    Parameters
    ----------
    graph : nodes with median_step, edges with transitions; START and END among the nodes
    main : the way that should run through the layers; see `backbone.Backbone`
    layers : how many between start and end, where there are that many touchpoints
    """
    steps = graph.nodes(data="median_step")
    along = {node: i for i, node in enumerate(main)}
    inner = sorted(
        (node for node in graph if node not in (START, END)),
        key=lambda node: (steps[node], along.get(node, len(along)), node),
    )
    layered = [[START], *_cut(inner, main, layers), [END]]
    for sweep in range(_SWEEPS):
        layered = _by_barycentre(layered, graph, forward=sweep % 2 == 0)
    return Layout(_exchanged(layered, graph))


def crossings(layout: Layout, graph: nx.DiGraph) -> int:
    """How many pairs of edges between neighbouring layers cross."""
    return sum(_crossings(a, b, graph) for a, b in pairwise(layout.layers))


def wrapped(text: str, width: float) -> list[str]:
    """A label in lines of at most `width` ems, broken at blanks where it has any.

    A word longer than a line is broken where it must be.
    """
    lines, line = [], ""
    for word in _words(text):
        if line and ems((line + word).rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += word
        while ems(line.rstrip()) > width:
            cut = max(i for i in range(1, len(line)) if ems(line[:i]) <= width or i == 1)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line.rstrip()] if line.rstrip() or not lines else lines


def ems(text: str) -> float:
    """How wide a text is at most, in ems of a sans serif face."""
    return sum(_em(character) for character in text)


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WFA":
        return 1.0
    if character in " \N{NO-BREAK SPACE}ijltfr.,:;'|!()[]-":
        return 0.38
    return 0.9 if character in "mwMW@%" else 0.72 if character.isupper() else 0.58


def _words(text: str) -> list[str]:
    """Words with the blank after them; an opening bracket begins a word."""
    spaced = text.replace("(", "\0(").replace(" ", " \0")
    return [word for word in spaced.split("\0") if word]


def _cut(inner: list[str], main: list[str], layers: int) -> list[list[str]]:
    """Touchpoints in order, in layers of nearly equal size, no two of the main way in one."""
    cut: list[list[str]] = [[]]
    for place, node in enumerate(inner):
        left = layers - len(cut)
        full = len(cut[-1]) >= -(-(len(inner) - place + len(cut[-1])) // (left + 1))
        second = node in main and any(other in main for other in cut[-1])
        if cut[-1] and left and (full or second):
            cut.append([])
        cut[-1].append(node)
    return [layer for layer in cut if layer]


def _by_barycentre(layers: list[list[str]], graph: nx.DiGraph, forward: bool) -> list[list[str]]:
    ordered = [list(layer) for layer in layers]
    at = {n: p - (len(layer) - 1) / 2 for layer in ordered for p, n in enumerate(layer)}
    for layer in ordered if forward else ordered[::-1]:
        centre = {}
        for node in layer:
            near = [
                (graph.edges[edge]["transitions"], at[other])
                for other in at
                if other not in layer
                for edge in ((node, other), (other, node))
                if graph.has_edge(*edge)
            ]
            total = sum(n for n, _place in near)
            centre[node] = sum(n * place for n, place in near) / total if total else at[node]
        layer.sort(key=lambda node: (centre[node], node))
        at |= {n: p - (len(layer) - 1) / 2 for p, n in enumerate(layer)}
    return ordered


def _exchanged(layers: list[list[str]], graph: nx.DiGraph) -> list[list[str]]:
    moved = True
    while moved:
        moved = False
        for i, layer in enumerate(layers):
            for place in range(len(layer) - 1):
                before = _around(layers, i, graph)
                layer[place], layer[place + 1] = layer[place + 1], layer[place]
                if _around(layers, i, graph) < before:
                    moved = True
                else:
                    layer[place], layer[place + 1] = layer[place + 1], layer[place]
    return layers


def _around(layers: list[list[str]], i: int, graph: nx.DiGraph) -> int:
    near = layers[max(i - 1, 0) : i + 2]
    return sum(_crossings(a, b, graph) for a, b in pairwise(near))


def _crossings(first: list[str], second: list[str], graph: nx.DiGraph) -> int:
    lines = [
        (i, j)
        for i, u in enumerate(first)
        for j, v in enumerate(second)
        if graph.has_edge(u, v) or graph.has_edge(v, u)
    ]
    return sum((a - c) * (b - d) < 0 for k, (a, b) in enumerate(lines) for c, d in lines[k + 1 :])
