"""Small graphs to be cut down, laid out and drawn."""

from __future__ import annotations

import networkx as nx
import numpy as np

from joren.routes.touchpoints import END, START, label
from joren.text import LANGUAGES


def graph_of_edges(*edges: tuple[str, str, int], steps: dict[str, float] | None = None):
    """A graph of (source, target, transitions); without `steps` in order of mention."""
    graph = nx.DiGraph()
    for u, v, n in edges:
        graph.add_edge(u, v, transitions=n, customers=n)
    for place, node in enumerate(graph):
        step = {START: 0.0, END: 99.0}.get(node, (steps or {}).get(node, float(place)))
        into = sum(n for _u, _v, n in graph.in_edges(node, data="transitions"))
        graph.add_node(node, steps=into, customers=max(into, 1), median_step=step)
        graph.nodes[node].update({f"label_{lang}": label(node, lang) for lang in LANGUAGES})
    for u, _v, about in graph.edges(data=True):
        out = sum(n for _a, _b, n in graph.out_edges(u, data="transitions"))
        about["probability"] = about["transitions"] / out
    return graph


def random_graph(seed: int, names: list[str]) -> nx.DiGraph:
    """Edges between any two names, of very different counts; each is on a way from start to end."""
    rng = np.random.default_rng(seed)
    edges = [(START, name, 1 + int(rng.pareto(1) * 10)) for name in names[: len(names) // 2 + 1]]
    for u in names:
        for v in names:
            if rng.random() < 0.6:
                edges.append((u, v, 1 + int(rng.pareto(0.8) * 20)))
        edges.append((u, END, 1 + int(rng.pareto(1) * 5)))
    return graph_of_edges(*edges, steps={name: float(rng.integers(1, 9)) for name in names})


NAMES = [
    "site_visit", "contact:mail", "order:first:pos", "order:repeat:mall", "a > b", 'say "x"',
    "subscription:end:payment", "line\nbreak", "問い合わせ", "苦情", "two words", "x",
    "とても長い名前のついたお客様との接点", "an_underscored_name_without_any_blank", "WWWWWWWW",
    "<script>alert(1)</script>", "order:first:ec", "order:repeat:ec", "event_checkin", "line_add",
    "app_open", "mail_open", "subscription:start", "order:subscription", "contact:dm",
    "contact:line", "line_click", "z",
]  # fmt: skip
