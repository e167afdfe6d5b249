from __future__ import annotations

import pytest

from joren.ingest.conditions import filled, mentions, one_of, positive
from joren.ingest.numbers import number
from joren.ingest.texts import Cell, first


def test_filled_asks_for_anything_at_all(evaluated):
    assert evaluated(filled("a"), {"a": "0"}, {"a": None}, ask="holds") == [True, False]
    assert evaluated(filled("b"), {"a": "0"}, ask="holds") == [False]


def test_one_of_compares_whole_words_whatever_their_case_punctuation_and_digits(evaluated):
    condition = one_of("a", "1", "代金引換 (後払い)", "PayPay")
    rows = [{"a": t} for t in ("１", "代金引換（後払い）", "paypay", "11", "代金引換", "", None)]
    assert evaluated(condition, *rows, ask="holds") == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_mentions_finds_a_word_within_a_text(evaluated):
    condition = mentions("a", "キャンセル", "返品")
    rows = [{"a": t} for t in ("注文をキャンセル済", "返 品", "返", None)]
    assert evaluated(condition, *rows, ask="holds") == [True, True, False, False]


def test_positive_is_greater_than_zero_and_what_cannot_be_read_is_not(evaluated):
    rows = [{"a": t} for t in ("0.01", "0", "-1", "多い", None)]
    assert evaluated(positive(number("a")), *rows, ask="holds") == [
        True,
        False,
        False,
        False,
        False,
    ]


ROWS = [{"a": a, "b": b} for a in ("x", None) for b in ("x", None)]
A, B = filled("a"), filled("b")


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        (A & B, [True, False, False, False]),
        (A | B, [True, True, True, False]),
        (~A, [False, False, True, True]),
        (A & ~B, [False, True, False, False]),
        (~(A | B), [False, False, False, True]),
        (~~A, [True, True, False, False]),
    ],
    ids=["and", "or", "not", "and not", "neither", "twice not"],
)
def test_conditions_join_as_in_logic_and_are_never_null(evaluated, condition, held):
    assert evaluated(condition, *ROWS, ask="holds") == held


def test_the_opposite_of_a_condition_on_an_empty_cell_holds(evaluated):
    rows = {"a": None}, {"a": "2"}
    for condition in (one_of("a", "2"), mentions("a", "2"), positive(number("a"))):
        assert evaluated(~condition, *rows, ask="holds") == [True, False]


def test_a_condition_rests_on_every_cell_it_asks_for():
    condition = filled(first("a", "b")) & ~one_of("c", "x") | mentions("d", "y")
    assert list(condition.cells()) == [Cell("a"), Cell("b"), Cell("c"), Cell("d")]
    assert list(positive(number("e")).cells()) == [Cell("e")]
