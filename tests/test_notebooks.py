"""What notebooks declare, and the order that follows from it."""

from __future__ import annotations

import pytest

from joren.errors import JorenError
from joren.notebooks import discover, find_step


def _names(toy):
    return [step.name for step in discover(toy.home / "notebooks")]


def test_steps_run_in_the_order_of_their_tables_ties_by_path(toy):
    toy.notebook("01_numbers/05_late", reads=["sums"], writes=["late"])
    toy.notebook("03_more/10_free", writes=["free"])

    assert _names(toy) == [
        "01_numbers/10_make",
        "02_sums/10_sum",
        "01_numbers/05_late",
        "03_more/10_free",
    ]


def test_folders_that_are_no_stage_are_left_out(toy):
    toy.notebook("dashboard/dashboard")
    toy.notebook("interactive/review")
    assert _names(toy) == ["01_numbers/10_make", "02_sums/10_sum"]


def test_a_question_mark_marks_what_a_step_can_do_without(toy, monkeypatch):
    monkeypatch.setenv("JOREN_NOTEBOOKS", str(toy.home / "notebooks"))
    toy.notebook("02_sums/10_sum", reads=["sources", "numbers", "extra?"], writes=["sums"])

    step = find_step("02_sums/10_sum")

    assert step.reads == ("sources", "numbers", "extra")
    assert step.needed_tables == ("numbers",)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"writes": ["numbers"]}, "write numbers"),
        ({"reads": ["numbers", "late"], "writes": ["sums"]}, "circle"),
        ({"reads": [], "writes": [], "paramss": []}, "unknown declaration 'paramss'"),
    ],
)
def test_impossible_declarations_are_refused(toy, declared, message):
    toy.notebook("02_sums/20_other", reads=["sums"], writes=["late"])
    toy.notebook("02_sums/10_sum", **declared)
    with pytest.raises(JorenError, match=message):
        _names(toy)


def test_the_committed_notebooks_follow_one_another():
    steps = discover()
    names = [step.name for step in steps]
    assert names.index("01_identity/10_ingest") < names.index("01_identity/20_link")
    assert names.index("01_identity/20_link") < names.index("04_ltv/10_purchases")
    assert names.index("04_ltv/20_ltv") < names.index("01_identity/30_sensitivity")
    writers = {table: step.name for step in steps for table in step.writes}
    for step in steps:
        for table in step.reads:
            if table in writers:
                assert names.index(writers[table]) < names.index(step.name)
