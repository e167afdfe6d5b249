from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from joren.errors import ParameterError
from joren.ingest.inputs import table_inputs

COLUMNS = {
    "order_id": "伝票番号",
    "source_id": "会員番号",
    "ordered_at": "日付",
    "amount": "合計（税込）",
}
TEXT = '伝票番号,会員番号,日付,合計（税込）\nA,髙橋,2026/2/3,"1,234円"\n'
EXPECTED = {
    "source": "misc", "order_id": "A", "source_id": "髙橋", "ordered_at": datetime(2026, 2, 3),
    "amount": Decimal(1234), "channel": "pos",
}  # fmt: skip


def _source(**spec):
    orders = {"path": "x.csv", "columns": COLUMNS, "constants": {"channel": "pos"}} | spec
    return {"misc": {"format": "csv", "orders": orders}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_mapping_gives_the_same_rows_in_every_encoding(read, rows, encoding, line_end):
    content = TEXT.replace("\n", line_end).encode(encoding)
    ingested = read({"x.csv": content}, _source())
    (order,) = rows(ingested.tables["orders"])
    assert order | EXPECTED == order
    assert rows(ingested.coverage)[0]["encoding"] == encoding


def test_shuffled_and_unknown_columns_and_other_widths_change_nothing(read, rows):
    text = 'メモ,合計(税込),日付,会員番号,伝票番号\nx,"1,234円",2026/2/3,髙橋,A\n'
    (order,) = rows(read({"x.csv": text}, _source()).tables["orders"])
    assert order | EXPECTED == order


def test_a_folder_may_mix_encodings(read, rows):
    files = {"x1.csv": TEXT.encode("cp932"), "x2.csv": TEXT.replace("A,", "B,").encode("utf-8-sig")}
    ingested = read(files, _source(path="x*.csv"))
    assert [row["encoding"] for row in rows(ingested.coverage)] == ["cp932", "utf-8-sig"]
    assert {row["source_id"] for row in rows(ingested.tables["orders"])} == {"髙橋"}


def test_a_declared_encoding_is_used(read, rows):
    ingested = read(
        {"x.csv": TEXT.replace("髙", "高").encode("euc_jp")}, _source(encoding="euc-jp")
    )
    assert rows(ingested.tables["orders"])[0]["source_id"] == "高橋"


def test_the_cdnow_sample_is_read_whole_with_its_repeated_rows(read, rows, cdnow_sample):
    fields = {"master": [2, 6], "date": [13, 20], "amount": [24, 31]}
    spec = {
        "path": "cdnow.txt",
        "fixed_width": fields,
        "columns": {"source_id": "master", "ordered_at": "date"},
    }
    ingested = read(
        {"cdnow.txt": cdnow_sample}, {"cd": {"format": "csv", "orders": spec}}, currency="USD"
    )
    (row,) = rows(ingested.coverage)
    orders = ingested.tables["orders"]
    assert (row["rows_in"], row["rows_accepted"]) == (6919, 6919)
    assert row["amount_in"] == Decimal("244091.94")
    assert orders.source_id.nunique().execute() == 2357
    # 21 rows repeat another exactly, and are purchases
    assert (
        orders.select("source_id", "ordered_at", "amount").distinct().count().execute() == 6919 - 21
    )
    assert orders.order_id.nunique().execute() == 6919


def test_format_csv_names_its_tables(tmp_path, params):
    with pytest.raises(ParameterError, match="table by table"):
        table_inputs(params({"misc": {"format": "csv", "path": "."}}), tmp_path)
