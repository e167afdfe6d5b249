from __future__ import annotations

import pytest

from joren.ingest.texts import (
    Cell,
    as_rule,
    cell,
    clock,
    const,
    first,
    joined,
    leading,
    word,
)


def test_a_cell_is_the_string_under_its_header_and_the_second_of_a_name_is_another(evaluated):
    assert evaluated(cell("a"), {"a": "x"}, {"a": None}) == ["x", None]
    assert evaluated(cell("a", 2), {"a": "x"}) == [None]
    assert evaluated(cell("b"), {"a": "x"}) == [None]


def test_a_constant_is_the_same_in_every_row_and_rests_on_no_cell(evaluated):
    assert evaluated(const("pos"), {"a": None}, {"a": "x"}) == ["pos", "pos"]
    assert list(const("pos").cells()) == []


def test_the_first_value_that_is_not_empty_counts(evaluated):
    rows = {"a": "1", "b": "2"}, {"a": None, "b": "2"}, {"a": None, "b": None}
    assert evaluated(first("a", "b"), *rows) == ["1", "2", None]
    assert evaluated(first("a", "b", const("-")), *rows) == ["1", "2", "-"]


def test_empty_values_are_left_out_of_a_joined_string_with_their_separator(evaluated):
    rows = {"a": "東京都", "b": "港区"}, {"a": None, "b": "港区"}, {"a": None, "b": None}
    assert evaluated(joined("a", "b", separator=" "), *rows) == ["東京都 港区", "港区", None]
    assert evaluated(joined("b"), *rows) == ["港区", "港区", None]


def test_the_leading_item_ends_at_any_comma_and_an_empty_one_is_none(evaluated):
    rows = [{"a": text} for text in ("x, y", "x，y", "　x　、y", "x", ",y", None)]
    assert evaluated(leading("a"), *rows) == ["x", "x", "x", "x", None, None]


def test_words_are_known_whatever_their_case_punctuation_and_digits_and_others_stay(evaluated):
    rule = word("a", {"発送済み (1)": "valid", "Paid": "valid", "取消": "cancelled"})
    rows = [{"a": t} for t in ("発送済み（１）", "PAID", "取 消", "未知の語", None)]
    assert evaluated(rule, *rows) == ["valid", "valid", "cancelled", "未知の語", None]


def test_without_a_vocabulary_words_stay_as_written(evaluated):
    assert evaluated(word("a", {}), {"a": "Paid"}) == ["Paid"]


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("93309", "09:33:09"), ("093309", "09:33:09"), ("0", "00:00:00"), ("123", "00:01:23"),
        ("9:33", "9:33"), ("1234567", "1234567"), ("朝", "朝"), (None, None),
    ],
)  # fmt: skip
def test_a_clock_regains_its_zeros_and_anything_else_stays_as_written(evaluated, written, time):
    assert evaluated(clock("a"), {"a": written}) == [time]


def test_a_rule_rests_on_every_cell_it_is_made_of():
    rule = word(first("a", joined("b", const("-"), cell("c", 2))), {"x": "y"})
    assert [*leading(rule).cells()] == [Cell("a"), Cell("b"), Cell("c", 2)]
    assert [*clock("t").cells()] == [Cell("t")]


def test_a_string_names_a_header():
    assert as_rule("a") == Cell("a")
    assert as_rule(const("a")) == const("a")
