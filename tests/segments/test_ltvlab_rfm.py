"""LTV-Lab's seven ranks and the 6 × 6 table, by hand."""

from __future__ import annotations

import ibis
import pytest

from joren import text
from joren.engine import connect
from joren.params_segments import LtvlabRfm
from joren.segments.ltvlab_rfm import bin_of, grid, ltvlab_rfm, silence_bin

CUTS = LtvlabRfm()


def _bought(purchases: int, silent: int) -> list[tuple[int, float]]:
    return [(silent + 10 * i, 1_000) for i in range(purchases)]


# purchases, silent days → rank; silence cuts 30/60/90/180/365, purchase cuts 2/3/4/6/10
@pytest.mark.parametrize(
    ("purchases", "silent", "rank"),
    [
        (1, 0, "C"), (1, 59, "C"), (1, 60, "E"), (1, 179, "E"), (1, 180, "G"), (1, 400, "G"),
        (2, 59, "B"), (3, 29, "B"), (4, 29, "A"), (10, 59, "A"),
        (3, 60, "E"), (4, 60, "D"), (9, 179, "D"),
        (3, 180, "G"), (4, 180, "F"), (12, 365, "F"),
    ],
)  # fmt: skip
def test_ranks_by_hand(cells_of, purchases, silent, rank):
    found = cells_of(ltvlab_rfm(CUTS), {"a": _bought(purchases, silent)})
    assert found["a"][0] == rank


@pytest.mark.parametrize(
    ("value", "place"), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 4), (6, 5), (9, 5), (10, 6)]
)
def test_a_count_on_a_cut_belongs_to_the_better_bin(value, place):
    assert bin_of(ibis.literal(value), CUTS.frequency).execute() == place


@pytest.mark.parametrize(("days", "place"), [(0, 6), (29, 6), (30, 5), (364, 2), (365, 1)])
def test_a_silence_on_a_cut_belongs_to_the_worse_bin(days, place):
    assert silence_bin(ibis.literal(days), CUTS.recency_days).execute() == place


def test_the_grid_holds_everybody_once_with_the_mean_value_in_its_cells():
    con = connect()
    members = con.create_table(
        "members",
        ibis.memtable(
            {"silent_days": [0, 10, 400], "purchases": [1, 1, 12], "total": [100.0, 300.0, 9.0]}
        ).to_pyarrow(),
    )
    rows = grid(members, CUTS).order_by("r_bin").to_pyarrow().to_pylist()
    assert [(r["r_bin"], r["f_bin"], r["customers"], r["mean_value"]) for r in rows] == [
        (1, 6, 1, 9.0),
        (6, 1, 2, 200.0),
    ]


def test_cuts_that_do_not_ascend_are_refused():
    with pytest.raises(ValueError, match="ascend"):
        LtvlabRfm(frequency=[2, 3, 3, 6, 10])


def test_every_closing_of_a_boundary_is_told():
    assert all(text.has(key) for key in ltvlab_rfm(CUTS).closings)
