from __future__ import annotations

from decimal import Decimal

import ibis
import pytest

from joren.ingest.cells import look_in, with_figures
from joren.ingest.numbers import Number, NumberOf, in_parts, number, put_together, rounded
from joren.ingest.texts import Cell, const, first

A, B = number("a"), number("b")


def test_a_number_is_exact_however_it_is_written(evaluated):
    rows = [{"a": t} for t in ("1,234円", "△５", "0.0001", "-0.1")]
    assert evaluated(A, *rows, ask="value") == [
        Decimal("1234"), Decimal("-5"), Decimal("0.0001"), Decimal("-0.1"),
    ]  # fmt: skip
    assert evaluated(A, *rows, ask="unreadable") == [None] * 4


def test_what_is_no_number_is_handed_on_as_written_and_an_empty_cell_is_none(evaluated):
    rows = {"a": "無料"}, {"a": "1e5"}, {"a": None}, {"a": "-"}
    assert evaluated(A, *rows, ask="value") == [None] * 4
    assert evaluated(A, *rows, ask="unreadable") == ["無料", "1e5", None, None]
    assert evaluated(A, *rows) == ["無料", "1e5", None, None]


def test_a_format_may_have_its_own_strings_for_none(evaluated):
    rows = {"a": "未設定"}, {"a": "5"}, {"a": "他"}
    plain = number("a", none=("未設定",))
    assert evaluated(plain, *rows) == [None, "5", "他"]
    assert evaluated(A, *rows)[0] == "未設定"


def test_in_a_sum_an_empty_cell_is_nothing_and_a_sum_of_nothing_is_empty(evaluated):
    rows = {"a": "1", "b": "2"}, {"a": "1", "b": None}, {"a": None, "b": "2"}, {"a": None}
    assert evaluated(A + B, *rows, ask="value") == [3, 1, 2, None]
    assert evaluated(A - B, *rows, ask="value") == [-1, 1, -2, None]


def test_signs_carry_into_the_terms_of_a_sum_of_sums(evaluated):
    row = {"a": "10", "b": "3", "c": "4"}
    assert evaluated(A - (B - number("c")), row, ask="value") == [11]
    assert evaluated(A - (B + number("c")) - B, row, ask="value") == [0]


def test_a_product_with_an_empty_factor_is_empty(evaluated):
    rows = {"a": "1.5", "b": "3"}, {"a": "2", "b": None}, {"a": None, "b": "2"}
    assert evaluated(A * B, *rows, ask="value") == [Decimal("4.5"), None, None]
    assert evaluated(-A, *rows, ask="value") == [Decimal("-1.5"), -2, None]


@pytest.mark.parametrize(
    "rule", [A + B, A - B, A * B, -B, rounded(A + B), A + A * B], ids=lambda rule: repr(rule)[:20]
)
def test_one_unreadable_part_is_the_text_of_the_whole(evaluated, rule):
    assert evaluated(rule, {"a": "1", "b": "二"}) == ["二"]


def test_an_unreadable_part_is_never_made_up_for_by_the_others(evaluated):
    rows = {"a": "x", "b": "2"}, {"a": "1", "b": "y"}, {"a": "x", "b": "y"}
    assert evaluated(A + B, *rows) == ["x", "y", "x"]


def test_halves_are_rounded_away_from_zero(evaluated):
    rows = [{"a": text} for text in ("0.5", "1.5", "2.5", "-2.5", "2.4999", None)]
    assert evaluated(rounded(A), *rows, ask="value") == [1, 2, 3, -3, 2, None]


def test_the_text_of_a_number_keeps_four_decimals(evaluated):
    row = {"a": "0.33", "b": "0.333"}
    assert evaluated(A * B, row) == ["0.1099"]


def test_a_number_may_be_read_from_any_rule_and_rests_on_its_cells(evaluated):
    rule = number(first("a", const("7")))
    assert evaluated(rule, {"a": None}, {"a": "3"}, ask="value") == [7, 3]
    assert list((rule + B * B).cells()) == [Cell("a"), Cell("b"), Cell("b")]


def test_a_number_is_not_read_anew_unless_some_string_means_none():
    assert number(A) is A
    again = number(A, none=("0",))
    assert isinstance(again, NumberOf) and again.rule is A


def test_what_is_computed_is_a_number_again():
    assert all(isinstance(made, Number) for made in (A + B, A - B, A * B, -A, rounded(A)))


def test_a_computed_number_is_written_out_exactly_however_large(evaluated):
    most = "99999999999"
    rows = {"a": "1", "b": "-2"}, {"a": "0.5", "b": "3"}, {"a": most, "b": most}, {"a": "5"}
    assert evaluated(A + B, *rows) == ["-1", "3.5000", "199999999998", "5"]
    assert evaluated(A * B, *rows) == ["-2", "1.5000", "9999999999800000000001", None]


def test_the_texts_of_rules_are_the_same_when_put_together_from_their_parts(con):
    cells = {"a": ["1,000円", "x", None, None], "b": ["2", "2", "2", None]}
    table = con.create_table("_parts", ibis.memtable(cells), overwrite=True)
    rules = {"sum": A + B, "alone": A, "word": Cell("b")}
    names = {("a", 1): "a", ("b", 1): "b"}
    rows, look = with_figures(table, lambda one: look_in(one, names), rules.values())
    parts = rows.select(**in_parts(rules, look)).view()
    made = parts.select(**put_together(parts, rules)).to_pyarrow().to_pydict()
    assert made == {
        "sum": ["1002", "x", "2", None],
        "alone": ["1,000円", "x", None, None],
        "word": ["2", "2", "2", None],
    }
