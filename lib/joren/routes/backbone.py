"""The part of a graph that can be read: few edges, every touchpoint on a way from start to end.

Kept are the edges that stand out among those of their ends (disparity filter: Serrano, Boguñá &
Vespignani 2009), and of every touchpoint the most frequent way in and out. Where the
most frequent ways go in a circle, the widest way from the start, or to the end, is added. Repeats
of one touchpoint are a mark on it and no edge. What all this leaves out is stated as a share.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from joren.routes.touchpoints import END, START

MOST_EDGES = 60
MOST_NODES = 24
_LEVEL = 0.05


@dataclass(frozen=True)
class Backbone:
    """A graph cut down to be drawn.

    Parameters
    ----------
    graph : the kept touchpoints and edges, without repeats
    repeats : touchpoint → how often it followed itself
    covered : share of all transitions that the kept edges and repeats hold
    left_out : touchpoints that are not shown
    main : the widest way from start to end
    """

    graph: nx.DiGraph
    repeats: dict[str, int]
    covered: float
    left_out: int
    main: list[str]


def backbone(graph: nx.DiGraph, most_edges: int = MOST_EDGES, most_nodes: int = MOST_NODES):
    """Cut a graph down to at most `most_edges` edges.

    Parameters
    ----------
    graph : from `graph.graph_of`

    Returns
    -------
    Backbone
    """
    inner = [node for node in graph if node not in (START, END)]
    ranked = sorted(inner, key=lambda node: (-graph.nodes[node]["steps"], node))[:most_nodes]
    while True:
        kept = _connected(graph.subgraph([START, END, *ranked]))
        needed = _needed(kept)
        if len(needed) <= most_edges or not ranked:
            break
        ranked = ranked[:-1]
    chosen = set(needed)
    for edge in _standing_out(kept):
        if len(chosen) >= most_edges:
            break
        chosen.add(edge)
    small = nx.DiGraph()
    small.add_nodes_from((node, kept.nodes[node]) for node in sorted(kept))
    small.add_edges_from((u, v, kept.edges[u, v]) for u, v in sorted(chosen))
    repeats = {
        node: graph.edges[node, node]["transitions"]
        for node in sorted(small)
        if graph.has_edge(node, node)
    }
    everything = sum(n for _u, _v, n in graph.edges(data="transitions"))
    shown = sum(n for _u, _v, n in small.edges(data="transitions")) + sum(repeats.values())
    missing = graph.number_of_nodes() - small.number_of_nodes()
    return Backbone(small, repeats, shown / everything, missing, _widest(small, START)[END])


def _connected(graph: nx.DiGraph) -> nx.DiGraph:
    """Without repeats, and without touchpoints that lie on no way from start to end."""
    plain = nx.DiGraph()
    plain.add_nodes_from(graph.nodes(data=True))
    plain.add_edges_from((u, v, d) for u, v, d in graph.edges(data=True) if u != v)
    on_a_way = (nx.descendants(plain, START) | {START}) & (nx.ancestors(plain, END) | {END})
    return plain.subgraph(on_a_way).copy()


def _needed(graph: nx.DiGraph) -> set[tuple[str, str]]:
    """The most frequent way into and out of each touchpoint, and a way from start and to end."""
    needed = set()
    for node in graph:
        into = [(graph.edges[u, node]["transitions"], u) for u in graph.predecessors(node)]
        out = [(graph.edges[node, v]["transitions"], v) for v in graph.successors(node)]
        if into:
            needed.add((max(into)[1], node))
        if out:
            needed.add((node, max(out)[1]))
    for reverse in (False, True):
        ways = _widest(graph.reverse(copy=False) if reverse else graph, END if reverse else START)
        so_far = nx.DiGraph([(v, u) if reverse else (u, v) for u, v in needed])
        so_far.add_nodes_from(graph)
        root = END if reverse else START
        for node in sorted(graph):
            if node in nx.descendants(so_far, root) | {root}:
                continue
            way = ways[node]
            for u, v in pairwise(way):
                so_far.add_edge(u, v)
                needed.add((v, u) if reverse else (u, v))
    return needed


def _widest(graph: nx.DiGraph, root: str) -> dict[str, list[str]]:
    """From the root to each node the way whose rarest step is most frequent."""
    ways: dict[str, list[str]] = {}
    waiting = [(-float("inf"), 0, root, [root])]
    while waiting:
        width, length, node, way = heapq.heappop(waiting)
        if node in ways:
            continue
        ways[node] = way
        for following in sorted(graph.successors(node)):
            if following not in ways:
                narrow = max(width, -float(graph.edges[node, following]["transitions"]))
                heapq.heappush(waiting, (narrow, length + 1, following, [*way, following]))
    return ways


def _standing_out(graph: nx.DiGraph) -> list[tuple[str, str]]:
    """Edges with more than chance gives them among those of either end, the most frequent first."""
    found = []
    for u, v, n in graph.edges(data="transitions"):
        out = sum(graph.edges[u, w]["transitions"] for w in graph.successors(u))
        into = sum(graph.edges[w, v]["transitions"] for w in graph.predecessors(v))
        chance = min(
            (1 - n / out) ** (graph.out_degree(u) - 1), (1 - n / into) ** (graph.in_degree(v) - 1)
        )
        if chance < _LEVEL:
            found.append((-n, u, v))
    return [(u, v) for _n, u, v in sorted(found)]
