"""The workbook of a run's tables."""

from __future__ import annotations

import datetime
import zipfile

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


def test_rows_of_single_customers_and_source_records_stay_out_of_the_mail(run):
    canary = "U4af4980629"
    for name, column in (("identity_map", "source_id"), ("ltv", "customer_id"),
                         ("quarantine", "raw"), ("point_balances", "account")):  # fmt: skip
        duckdb.sql(f"copy (select '{canary}' as {column}, 1 as n) to '{run}/tables/{name}.parquet'")
    path = write_xlsx(run, RECORD, "en")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["Index", "small"]
    named = {row[0]: row[3] for row in book["Index"].iter_rows(values_only=True, min_row=2)}
    assert named["identity_map"] == "rows of single customers: see the Parquet file"
    with zipfile.ZipFile(path) as parts:
        assert not any(canary.encode() in parts.read(name) for name in parts.namelist())


def test_every_table_of_people_in_the_contract_is_known_as_one():
    from joren.contract import TABLES
    from joren.report.xlsx import _PERSONAL

    for name, table in TABLES.items():
        keyed = {k for k in table.key if k.endswith(("source_id", "customer_id")) or k == "account"}
        if "/" not in name and keyed:
            assert _PERSONAL & {column.name for column in table.columns}, name


def test_the_same_run_gives_the_same_bytes(run):
    first = write_xlsx(run, RECORD, "ja").read_bytes()
    assert write_xlsx(run, RECORD, "ja").read_bytes() == first
