from __future__ import annotations

from joren.ingest.choices import When, when
from joren.ingest.conditions import filled
from joren.ingest.numbers import Number, number
from joren.ingest.texts import Cell, const

A, B = number("a"), number("b")
ROWS = {"c": "x", "a": "1", "b": "2"}, {"c": None, "a": "1", "b": "2"}


def test_a_text_is_chosen_row_by_row_and_there_may_be_none(evaluated):
    assert evaluated(when(filled("c"), "a", "b"), *ROWS) == ["1", "2"]
    assert evaluated(when(filled("c"), const("yes")), *ROWS) == ["yes", None]


def test_a_choice_of_numbers_is_a_number(evaluated):
    chosen = when(filled("c"), A, B)
    assert isinstance(chosen, Number)
    assert evaluated(chosen + B, *ROWS, ask="value") == [3, 4]
    assert evaluated(when(filled("c"), A) + B, *ROWS, ask="value") == [3, 2]


def test_a_choice_between_a_number_and_a_text_is_a_text(evaluated):
    chosen = when(filled("c"), A, "b")
    assert isinstance(chosen, When)
    assert evaluated(chosen, *ROWS) == ["1", "2"]


def test_only_the_chosen_number_is_doubted(evaluated):
    rows = {"c": "x", "a": "?", "b": "2"}, {"c": None, "a": "?", "b": "2"}
    assert evaluated(when(filled("c"), A, B), *rows) == ["?", "2"]
    assert evaluated(when(filled("c"), A), *rows) == ["?", None]


def test_a_choice_rests_on_its_condition_and_both_values():
    cells = [Cell("c"), Cell("a"), Cell("b")]
    assert list(when(filled("c"), "a", "b").cells()) == cells
    assert list(when(filled("c"), A, B).cells()) == cells
    assert list(when(filled("c"), A).cells()) == cells[:2]
    assert list(when(filled("c"), "a").cells()) == cells[:2]
