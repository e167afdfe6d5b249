from __future__ import annotations

from decimal import Decimal

import ibis
import pytest

from joren.ingest import values


def _read(con, parse, text):
    expression = parse(values.narrowed(values.cleaned(ibis.literal(text, type="string"))))
    return con.to_pyarrow(expression).as_py()


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234", "1234"), ("1,234円", "1234"), ("¥1,234", "1234"), ("￥１，２３４", "1234"),
        ("\\1,234", "1234"), ("△1,234", "-1234"), ("▲ 500", "-500"), ("(1,234)", "-1234"),
        ("-1,234", "-1234"), ("－５００", "-500"), ("-¥5", "-5"), ("¥-5", "-5"), ("0", "0"),
        ("$12.34", "12.34"), (".5", "0.5"), ("0.10000000000000001", "0.1"), ("　7 ", "7"),
        ("300ポイント", "300"), ("99999999999", "99999999999"), ("-99999999999", "-99999999999"),
        ("007", "7"), ("-0", "0"), ("-12", "-12"), ("+12", "12"), ("-.5", "-0.5"),
        ("-0.00005", "-0.0001"), ("△0.00004", "0"),
    ],
)  # fmt: skip
def test_amounts_are_read_exactly(con, text, amount):
    assert _read(con, values.amount, text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "1.23E+10",
        "1e5",
        "abc",
        "12,34",
        "1 234",
        "--5",
        "1,234,5",
        "nan",
        "-",
        "5.",
        "99" * 9,
        "①",
        "1_0",
        "-1" + "0" * 11,
    ],
)
def test_what_is_no_amount_is_not_guessed(con, text):
    assert _read(con, values.amount, text) is None


def test_whole_numbers_have_no_fraction(con):
    assert _read(con, lambda t: values.whole(values.amount(t)), "１２.0") == 12
    assert _read(con, lambda t: values.whole(values.amount(t)), "1.5") is None


@pytest.mark.parametrize(
    ("text", "truth"),
    [("1", True), ("TRUE", True), ("希望する", True), ("○", True), ("０", False), ("不可", False),
     ("maybe", None)],
)  # fmt: skip
def test_booleans_have_japanese_forms(con, text, truth):
    assert _read(con, values.boolean, text) is truth


@pytest.mark.parametrize("text", ["", "　", "-", "NULL", "nan", "0000/00/00"])
def test_the_usual_ways_of_writing_none_are_empty_in_optional_columns(con, text):
    assert _read(con, values.optional, text) is None


@pytest.mark.parametrize("text", ["9999-12-31", "2999/12/31", "99991231"])
def test_a_day_beyond_all_plans_means_never(con, text):
    assert _read(con, values.optional_time, text) is None


def test_a_string_is_among_however_many_words_and_nothing_is_not(con):
    words = [f"w{n}" for n in range(9)]
    rows = {"text": ["w0", "w4", "w8", "w9", None]}
    table = con.create_table("_words", ibis.memtable(rows), overwrite=True)
    found = table.select(found=values.among(table.text, words), none=values.among(table.text, []))
    assert found.to_pyarrow()["found"].to_pylist() == [True, True, True, False, None]
    assert found.to_pyarrow()["none"].to_pylist() == [False] * 5


def test_a_long_list_of_words_is_no_join(con):
    table = con.create_table("_words", ibis.memtable({"text": ["a"]}), overwrite=True)
    query = con.compile(table.select(found=values.among(table.text, [f"w{n}" for n in range(40)])))
    [(_, plan)] = con.raw_sql(f"EXPLAIN {query}").fetchall()
    assert "JOIN" not in plan
