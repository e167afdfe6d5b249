"""Edge counts as a graph: `networkx.DiGraph` with every attribute, and GraphML for other tools.

`exports/routes.graphml` of a run is the graph of everybody (Gephi, yEd and Cytoscape read it);
`tables/route_counts.parquet` holds the same edges, and those of every group, as a table.
"""

from __future__ import annotations

from pathlib import Path

import ibis.expr.types as ir
import networkx as nx
import pandas as pd
from ibis import _

from joren.routes.touchpoints import END, START, label
from joren.text import LANGUAGES


def nodes_of(steps: ir.Table) -> pd.DataFrame:
    """How often each touchpoint was met, by how many, and how far along their routes.

    Parameters
    ----------
    steps : from `steps.coded_steps`

    Returns
    -------
    touchpoint, steps, customers, median_step; by touchpoint
    """
    by_customer = steps.group_by("touchpoint", "customer_id").agg(n=_.count())
    counts = by_customer.group_by("touchpoint").agg(steps=_.n.sum(), customers=_.count())
    places = steps.group_by("touchpoint").agg(median_step=_.step.quantile(0.5).cast("float64"))
    return counts.join(places, "touchpoint").order_by("touchpoint").to_pandas()


def graph_of(edges: pd.DataFrame, nodes: pd.DataFrame) -> nx.DiGraph:
    """The graph of one group.

    Parameters
    ----------
    edges : source_touchpoint, target_touchpoint, customers, transitions, probability,
        median_hours; the rows of one group of `route_counts`
    nodes : from `nodes_of`

    Returns
    -------
    nodes (touchpoints, START and END) with steps, customers, median_step, label_ja, label_en; edges
    with customers, transitions, probability and, between touchpoints, median_hours
    """
    graph = nx.DiGraph()
    last = 0.0
    for row in nodes.sort_values("touchpoint").itertuples(index=False):
        graph.add_node(
            row.touchpoint,
            steps=int(row.steps),
            customers=int(row.customers),
            median_step=float(row.median_step),
        )
        last = max(last, float(row.median_step))
    everybody = edges[edges.source_touchpoint == START]
    both = {"steps": 0, "customers": int(everybody.customers.sum())}
    graph.add_node(START, median_step=0.0, **both)
    graph.add_node(END, median_step=last + 1, **both)
    for node in graph:
        graph.nodes[node].update({f"label_{lang}": label(node, lang) for lang in LANGUAGES})
    for row in edges.sort_values(["source_touchpoint", "target_touchpoint"]).itertuples(
        index=False
    ):
        known = {} if pd.isna(row.median_hours) else {"median_hours": float(row.median_hours)}
        graph.add_edge(
            row.source_touchpoint,
            row.target_touchpoint,
            customers=int(row.customers),
            transitions=int(row.transitions),
            probability=float(row.probability),
            **known,
        )
    return graph


def save_graphml(graph: nx.DiGraph, path: Path) -> None:
    """Write a graph for other tools, whole or not at all."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    nx.write_graphml_xml(graph, partial)
    partial.replace(path)
