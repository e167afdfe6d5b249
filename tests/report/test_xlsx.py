"""The workbook of a run's tables."""

from __future__ import annotations

import datetime

import duckdb
import openpyxl
import pytest

from joren.report.xlsx import write_xlsx

RECORD = {"title": {"ja": "店", "en": "Shop"}, "tables": {"small": "r1"}, "run_id": "r2"}


@pytest.fixture
def run(tmp_path):
    (tmp_path / "tables").mkdir()
    duckdb.sql(
        "copy (select '=1+1' as word, 12.5::decimal(18,4) as money, date '2026-03-31' as day, "
        "true as flag, null as nothing, ['a','b'] as tags, 9007199254740993 as big) "
        f"to '{tmp_path}/tables/small.parquet'"
    )
    duckdb.sql(f"copy (select range as n from range(50001)) to '{tmp_path}/tables/long.parquet'")
    return tmp_path


def test_cells_keep_their_types_and_text_is_no_formula(run):
    book = openpyxl.load_workbook(write_xlsx(run, RECORD, "ja"))
    head, row = book["small"].iter_rows(values_only=True)
    assert head == ("word", "money", "day", "flag", "nothing", "tags", "big")
    assert row[:4] == ("=1+1", 12.5, datetime.datetime(2026, 3, 31), True)
    assert row[4:] == (None, "a, b", "9007199254740993")
    assert book["small"]["A2"].data_type == "s"


def test_the_first_sheet_lists_every_table_also_those_too_long(run):
    book = openpyxl.load_workbook(write_xlsx(run, RECORD, "en"))
    rows = list(book["Index"].iter_rows(values_only=True))
    assert rows[1:] == [
        ("long", 50001, "r2", "too long for a sheet: see the Parquet file"),
        ("small", 1, "r1", "small"),
    ]
    assert book.sheetnames == ["Index", "small"]


def test_the_same_run_gives_the_same_bytes(run):
    first = write_xlsx(run, RECORD, "ja").read_bytes()
    assert write_xlsx(run, RECORD, "ja").read_bytes() == first
