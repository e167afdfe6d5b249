"""Exported lists: what a spreadsheet makes of them."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal

import ibis
import pytest

from joren.engine import connect
from joren.lists.files import write_csv


@pytest.fixture
def write(tmp_path):
    def _write(columns, encoding="utf-8-sig"):
        con = connect()
        table = con.create_table("given", ibis.memtable(columns).to_pyarrow())
        path = tmp_path / "list.csv"
        write_csv(con, table, path, {name: f"見出し {name}" for name in columns}, encoding)
        return path

    return _write


def _rows(path, encoding):
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.reader(stream))


@pytest.mark.parametrize(
    "text",
    ["=cmd|' /C calc'!A0", "+81", "-1+1", "@SUM(A1)", "\tx", " =1", "＝1", "\r=1"],
)
def test_text_that_would_run_as_a_formula_is_shown_as_text(write, text):
    assert _rows(write({"name": [text]}), "utf-8-sig")[1] == [f"'{text}"]


def test_numbers_dates_and_missing_values_stay_what_they_are(write):
    columns = {
        "points": [-5], "amount": [Decimal("1200.0000")], "rate": [Decimal("1.5")],
        "at": [datetime(2026, 3, 31, 18, 0)], "day": [date(2026, 3, 31)], "none": [None],
        "tags": [["a", "b"]],
    }  # fmt: skip
    columns["none"] = ["x"]
    row = _rows(write(columns), "utf-8-sig")[1]
    assert row == ["-5", "1200", "1.5", "2026-03-31 18:00:00", "2026-03-31", "x", "a b"]


def test_quotes_commas_and_line_breaks_survive(write):
    text = '山田, "太郎"\n様'
    assert _rows(write({"name": [text]}), "utf-8-sig")[1] == [text]


def test_excel_reads_the_first_bytes_as_utf_8_and_the_file_is_closed_to_others(write):
    path = write({"name": ["髙橋"]})
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.stat().st_mode & 0o077 == 0
    assert [p.name for p in path.parent.iterdir()] == ["list.csv"]


def test_a_character_that_cp932_lacks_does_not_stop_the_list(write):
    path = write({"name": ["𠮷田", "髙橋"]}, "cp932")
    assert _rows(path, "cp932")[1:] == [["〓田"], ["髙橋"]]
