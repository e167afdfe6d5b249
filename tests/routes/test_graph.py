import networkx as nx

from joren.routes.edges import edge_counts, end_code_of, named, transitions
from joren.routes.graph import graph_of, nodes_of, save_graphml
from joren.routes.steps import codes_of
from joren.routes.touchpoints import END, START


def _graph(steps):
    end = end_code_of(steps)
    edges = named(edge_counts(transitions(steps, end)), codes_of(steps), end).to_pandas()
    return graph_of(edges, nodes_of(steps))


def test_nodes_and_edges_bear_what_was_counted(steps_of):
    graph = _graph(steps_of(A=["a", "b", "a"], B=["a"]))

    assert graph.nodes["a"]["steps"] == 3
    assert graph.nodes["a"]["customers"] == 2
    assert graph.nodes["a"]["median_step"] == 1
    assert graph.nodes[START]["customers"] == graph.nodes[END]["customers"] == 2
    assert graph.edges["a", "b"] == {
        "customers": 1, "transitions": 1, "probability": 1 / 3, "median_hours": 1.0,
    }  # fmt: skip
    assert "median_hours" not in graph.edges[START, "a"]


def test_graphml_is_read_back_whatever_names_hold(steps_of, tmp_path):
    names = ["a > b", 'say "x"', "line\nbreak", "問い合わせ", "<&>"]
    graph = _graph(steps_of(A=names))
    path = tmp_path / "exports" / "routes.graphml"
    save_graphml(graph, path)

    assert [*path.parent.iterdir()] == [path]
    found = nx.read_graphml(path)
    assert set(found) == set(graph)
    assert found.edges["a > b", 'say "x"'] == graph.edges["a > b", 'say "x"']
    assert found.nodes["問い合わせ"]["label_en"] == "問い合わせ"
