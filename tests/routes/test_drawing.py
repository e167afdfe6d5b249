from itertools import combinations

import pytest
from matplotlib import pyplot as plt
from tests.routes.graphs import NAMES, graph_of_edges, random_graph

from joren.routes.backbone import backbone
from joren.routes.drawing import route_map, thickness
from joren.routes.touchpoints import END, START


def _texts(figure):
    renderer = figure.canvas.get_renderer()
    axes = figure.axes[0]
    return {
        text.get_gid(): text.get_window_extent(renderer).padded(-0.3)
        for text in axes.texts
        if text.get_text().strip()
    }, axes.patches


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("seed", range(3))
def test_no_label_overlaps_another_and_none_leaves_the_page(seed, language):
    figure = route_map(backbone(random_graph(seed, NAMES)))(language)
    texts, _patches = _texts(figure)

    for (one, a), (two, b) in combinations(texts.items(), 2):
        assert not a.overlaps(b), (one, two)
    page = figure.bbox
    assert all(page.x0 <= box.x0 and box.x1 <= page.x1 for box in texts.values())
    assert all(page.y0 <= box.y0 and box.y1 <= page.y1 for box in texts.values())
    plt.close(figure)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_labels_stand_inside_their_boxes(language):
    figure = route_map(backbone(random_graph(7, NAMES)))(language)
    texts, patches = _texts(figure)
    boxes = [p.get_window_extent() for p in patches if hasattr(p, "get_boxstyle")]

    labels = {name: box for name, box in texts.items() if name.startswith("label")}
    assert len(labels) > len(boxes)
    for name, label in labels.items():
        inside = [b for b in boxes if b.x0 <= label.x0 and label.x1 <= b.x1
                  and b.y0 <= label.y0 and label.y1 <= b.y1]  # fmt: skip
        assert len(inside) == 1, name
    for one, two in combinations(boxes, 2):
        assert not one.overlaps(two)
    plt.close(figure)


def test_text_is_large_enough_and_the_covered_share_is_printed():
    graph = graph_of_edges((START, "a", 10), ("a", "a", 30), ("a", END, 10))
    figure = route_map(backbone(graph))("en")
    texts = figure.axes[0].texts

    assert min(text.get_fontsize() for text in texts) >= 8
    said = " ".join(text.get_text() for text in texts)
    assert "100.0 % of all transitions" in said
    assert "again 30" in said
    plt.close(figure)


def test_frequent_arrows_are_wider_and_rare_ones_can_be_seen():
    assert thickness(1, 10_000) > 0.5
    assert thickness(100, 100) == 5
    assert thickness(25, 100) == pytest.approx(0.6 + 2.2)
