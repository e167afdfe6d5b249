import networkx as nx
import pytest
from tests.routes.graphs import NAMES, graph_of_edges, random_graph

from joren.routes.backbone import MOST_EDGES, backbone
from joren.routes.touchpoints import END, START


@pytest.mark.parametrize("seed", range(6))
def test_few_edges_and_every_touchpoint_on_a_way_from_start_to_end(seed):
    graph = random_graph(seed, NAMES)
    found = backbone(graph)
    small = found.graph

    assert small.number_of_edges() <= MOST_EDGES
    for node in set(small) - {START, END}:
        assert nx.has_path(small, START, node)
        assert nx.has_path(small, node, END)
    assert found.left_out == len(graph) - len(small)


@pytest.mark.parametrize("seed", range(6))
def test_the_most_frequent_way_in_and_out_of_each_touchpoint_stays(seed):
    graph = random_graph(seed, NAMES[:12])
    small = backbone(graph).graph
    for node in small:
        for whole, kept in ((graph.in_edges, small.in_edges), (graph.out_edges, small.out_edges)):
            counts = [n for u, v, n in whole(node, data="transitions") if u != v]
            if counts:
                assert max(counts) == max(n for _u, _v, n in kept(node, data="transitions"))


def test_what_is_shown_is_stated_repeats_among_it():
    graph = graph_of_edges((START, "a", 10), ("a", "a", 30), ("a", "b", 6), ("a", END, 4),
                           ("b", END, 6))  # fmt: skip
    found = backbone(graph)

    assert found.repeats == {"a": 30}
    assert found.covered == 52 / 56  # a → (end) is neither a's most frequent way nor stands out
    assert backbone(graph, most_nodes=1).covered == pytest.approx(44 / 56)
    assert backbone(graph, most_nodes=1).left_out == 1


def test_frequent_circles_are_entered_and_left():
    graph = graph_of_edges((START, "a", 5), ("a", END, 4), ("b", "c", 50), ("c", "b", 50),
                           ("a", "b", 1), ("c", END, 1))  # fmt: skip
    small = backbone(graph).graph
    assert {("a", "b"), ("c", END)} <= set(small.edges)


def test_the_main_way_is_the_one_whose_rarest_step_is_most_frequent():
    graph = graph_of_edges((START, "a", 9), (START, "b", 5), ("a", END, 2), ("b", END, 4))
    assert backbone(graph).main == [START, "b", END]


def test_touchpoints_on_no_way_to_the_end_are_left_out():
    graph = graph_of_edges((START, "a", 5), ("a", END, 5), ("a", "x", 3))
    found = backbone(graph)
    assert "x" not in found.graph
    assert found.left_out == 1


def test_one_touchpoint_is_a_backbone():
    found = backbone(graph_of_edges((START, "a", 1), ("a", END, 1)))
    assert (found.main, found.covered) == ([START, "a", END], 1)
