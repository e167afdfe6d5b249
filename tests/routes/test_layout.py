from itertools import pairwise, permutations, product

import pytest
from tests.routes.graphs import NAMES, graph_of_edges, random_graph

from joren.routes.backbone import backbone
from joren.routes.layout import Layout, crossings, ems, layered, wrapped
from joren.routes.touchpoints import END, START


@pytest.mark.parametrize("seed", range(4))
def test_layers_follow_the_median_step_from_start_to_end(seed):
    found = backbone(random_graph(seed, NAMES))
    layout = layered(found.graph, found.main, 4)
    steps = found.graph.nodes(data="median_step")

    assert (layout.layers[0], layout.layers[-1]) == ([START], [END])
    inner = layout.layers[1:-1]
    assert len(inner) == 4
    for first, second in pairwise(inner):
        assert max(steps[n] for n in first) <= min(steps[n] for n in second)
    assert sorted(n for layer in layout.layers for n in layer) == sorted(found.graph)


def test_the_main_way_takes_a_layer_a_step():
    edges = [(START, "a", 9), ("a", "b", 9), ("b", "c", 9), ("c", END, 9)]
    extra = [(f, t, 1) for x in "uvwxy" for f, t in (("a", x), (x, "b"))]
    graph = graph_of_edges(*edges, *extra, steps=dict.fromkeys("abcuvwxy", 1.0))
    layout = layered(graph, [START, "a", "b", "c", END], 3)
    assert [next(i for i, la in enumerate(layout.layers) if n in la) for n in "abc"] == [1, 2, 3]


def test_crossings_are_as_few_as_can_be_in_a_small_graph():
    pairs = [("a", "z"), ("b", "y"), ("c", "x"), ("a", "y")]
    ends = [(START, n, 1) for n in "abc"] + [(n, END, 1) for n in "xyz"]
    steps = dict.fromkeys("abc", 1.0) | dict.fromkeys("xyz", 2.0)
    graph = graph_of_edges(*((u, v, 1) for u, v in pairs), *ends, steps=steps)
    best = min(
        crossings(Layout([[START], list(one), list(two), [END]]), graph)
        for one, two in product(permutations("abc"), permutations("xyz"))
    )
    assert crossings(layered(graph, [], 2), graph) == best


def test_a_graph_has_one_layout():
    one, two = random_graph(1, NAMES), random_graph(1, NAMES)
    two = two.__class__(two.reverse().reverse())
    first, second = backbone(one), backbone(two)
    assert layered(first.graph, first.main, 4) == layered(second.graph, second.main, 4)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("初回購入(モール)", 7, ["初回購入", "(モール)"]),
        ("Take in charge ticket", 7, ["Take in", "charge ticket"]),
        ("問い合わせ", 7, ["問い合わせ"]),
        ("あいうえおかきくけこ", 4, ["あいうえ", "おかきく", "けこ"]),
        ("", 7, [""]),
    ],
)
def test_labels_are_broken_at_blanks_and_brackets(text, width, lines):
    assert wrapped(text, width) == lines


def test_no_line_is_wider_than_its_place():
    for name in NAMES:
        assert all(ems(line) <= 7 for line in wrapped(name, 7))
