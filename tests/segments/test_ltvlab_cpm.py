"""Every boundary of LTV-Lab's ten cells, by hand."""

from __future__ import annotations

import pytest

from joren.params_segments import LtvlabCpm
from joren.segments.ltvlab_cpm import ltvlab_cpm

# tenure is first to last purchase, silence last purchase to as_of; both in days before as_of
CASES = {
    "one, silent 239": ([(239, 90_000)], "first_active"),
    "one, silent 240": ([(240, 90_000)], "first_lapsed"),
    "two on one tenure of 89": ([(99, 1), (10, 1)], "toddling_active"),
    "rich but tenure 89": ([(99, 99_999), (10, 99_999)], "toddling_active"),
    "tenure 89, silent 240": ([(329, 1), (240, 1)], "toddling_lapsed"),
    "tenure 90, 69,999": ([(100, 69_998), (10, 1)], "steady_active"),
    "tenure 90, exactly 70,000": ([(100, 69_999), (10, 1)], "fashion_active"),
    "tenure 209, 70,000": ([(219, 69_999), (10, 1)], "fashion_active"),
    "tenure 210, 70,000": ([(220, 69_999), (10, 1)], "loyal_active"),
    "tenure 210, 69,999": ([(220, 69_998), (10, 1)], "steady_active"),
    "tenure 1000, 69,999": ([(1010, 69_998), (10, 1)], "steady_active"),
    "steady, silent 239": ([(339, 1), (239, 1)], "steady_active"),
    "steady, silent 240": ([(340, 1), (240, 1)], "steady_lapsed"),
    "fashion, silent 240": ([(340, 70_000), (240, 1)], "fashion_lapsed"),
    "loyal, silent 240": ([(460, 70_000), (240, 1)], "loyal_lapsed"),
}


@pytest.mark.parametrize("name", CASES)
def test_cells_by_hand(cells_of, name):
    bought, cell = CASES[name]
    expected = (cell, cell.rpartition("_")[2])
    assert cells_of(ltvlab_cpm(LtvlabCpm()), {"a": bought}) == {"a": expected}


def test_cut_offs_are_parameters(cells_of):
    cuts = LtvlabCpm(lapse_days=30, short_tenure_days=10, long_tenure_days=20, total=100)
    found = cells_of(ltvlab_cpm(cuts), {"a": [(49, 100), (29, 0)], "b": [(49, 100), (30, 0)]})
    assert found == {"a": ("loyal_active", "active"), "b": ("fashion_lapsed", "lapsed")}


def test_every_closing_of_a_boundary_is_told():
    from joren import text

    for key in ltvlab_cpm(LtvlabCpm()).closings:
        assert text.has(key)
