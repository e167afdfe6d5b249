from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joren import ingest
from joren.errors import InputError

TABLES = {"shop": {"format": "tables", "path": "."}}
HEADER = "order_id,source_id,ordered_at,amount\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"order_id,source_id,amount\n", "'ordered_at' is missing"),
        (b"order_id,source_id,ordered_at,amount,amount\n", "'amount' stands there 2 times"),
        (b'order_id,"source_id\n', "never closed"),
        (b"PK\x03\x04", "Excel workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_anything_starts(
    tmp_path, params, content, message
):
    (tmp_path / "orders.csv").write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        ingest.check_headers(params(TABLES), tmp_path)
    assert "orders.csv" in str(error.value)


def test_rows_are_not_looked_at(tmp_path, params):
    (tmp_path / "orders.csv").write_bytes(HEADER.encode() + b"\xff\xfe broken \x00")
    ingest.check_headers(params(TABLES), tmp_path)


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig", "utf-16"])
def test_japanese_headers_are_found_in_any_encoding(tmp_path, params, encoding):
    columns = {"order_id": "伝票番号", "source_id": "会員", "ordered_at": "日付", "amount": "合計"}
    (tmp_path / "o.csv").write_bytes("伝票番号,会員,日付,合計\n".encode(encoding))
    source = {"format": "csv", "orders": {"path": "o.csv", "columns": columns}}
    ingest.check_headers(params({"pos": source}), tmp_path)


def test_a_parquet_file_needs_its_columns_too(tmp_path, params):
    pq.write_table(pa.table({"order_id": ["A"], "source_id": ["C"]}), tmp_path / "orders.parquet")
    with pytest.raises(InputError, match="'ordered_at' is missing"):
        ingest.check_headers(params(TABLES), tmp_path)
    (tmp_path / "orders.parquet").write_bytes(b"no parquet")
    with pytest.raises(InputError, match="not a readable Parquet file"):
        ingest.check_headers(params(TABLES), tmp_path)


def test_the_check_imports_neither_engine_nor_pandas():
    code = (
        "import sys; from joren import ingest; ingest.check_headers; ingest.raw_files; "
        "sys.exit(bool({'duckdb', 'ibis', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
