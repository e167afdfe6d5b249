"""Flows as bands: everything that moves is drawn, and labels do not cover each other."""

from __future__ import annotations

from itertools import combinations

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import PathPatch

from joren.report.sankey import sankey

STAGES = [["a", "b", "none"], ["a", "b", "c"]]
FLOWS = [{("a", "a"): 500, ("a", "b"): 3, ("b", "c"): 4, ("none", "a"): 2, ("b", "a"): 0}]


@pytest.fixture
def drawn():
    labels = {"a": "優良", "b": "休眠", "c": "新規", "none": "新しい顧客"}
    figure = sankey(STAGES, FLOWS, labels, ["前月", "今月"], "{label}  {value:,}", [("a", "b")])
    yield figure
    plt.close(figure)


def test_every_flow_is_a_band_and_an_empty_one_is_none(drawn):
    bands = [patch for patch in drawn.axes[0].patches if isinstance(patch, PathPatch)]
    assert len(bands) == 4


def test_labels_of_tiny_nodes_stay_apart(drawn):
    drawn.canvas.draw()
    boxes = [text.get_window_extent() for text in drawn.axes[0].texts if text.get_text()]
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)


def test_nodes_are_as_high_as_what_passes_through_them(drawn):
    texts = [text.get_text() for text in drawn.axes[0].texts]
    assert "優良  503" in texts  # leaves on the left
    assert "優良  502" in texts  # arrives on the right
