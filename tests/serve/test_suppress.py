from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from joren.serve.suppress import hidden_cells


def test_a_small_cell_takes_the_smallest_other_with_it_so_that_no_total_gives_it_away():
    counts = {("",): 100, ("a",): 3, ("b",): 20, ("c",): 77}
    assert hidden_cells(counts, [0], 5) == {("a",), ("b",)}


def test_two_small_cells_hide_each_other_and_nothing_else():
    counts = {("",): 24, ("a",): 2, ("b",): 2, ("c",): 20}
    assert hidden_cells(counts, [0], 5) == {("a",), ("b",)}


def test_where_a_total_has_one_part_only_the_total_is_hidden_too():
    assert hidden_cells({("",): 4, ("a",): 4, ("b",): 0}, [0], 5) == {("",), ("a",)}


def test_empty_cells_and_sums_without_a_total_are_left():
    assert hidden_cells({("a",): 3, ("b",): 0, ("c",): 9}, [], 5) == {("a",)}


@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_sum_is_left_with_a_single_gap(table):
    counts = {(str(i), str(j)): n for i, row in enumerate(table) for j, n in enumerate(row)}
    counts |= {(str(i), ""): sum(row) for i, row in enumerate(table)}
    counts |= {("", str(j)): sum(row[j] for row in table) for j in range(3)}
    counts[("", "")] = sum(map(sum, table))
    hidden = hidden_cells(counts, [0, 1], 5)
    assert all(cell in hidden for cell, n in counts.items() if 0 < n < 5)
    for place in (0, 1):
        for fixed in {cell[1 - place] for cell in counts}:
            line = [cell for cell in counts if cell[1 - place] == fixed]
            gaps = [cell for cell in line if cell in hidden]
            shown = [cell for cell in line if cell not in hidden and counts[cell] > 0]
            assert len(gaps) != 1 or not shown
