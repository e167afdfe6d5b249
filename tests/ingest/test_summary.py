from __future__ import annotations

from datetime import date
from decimal import Decimal

import ibis

from joren.contract import CANONICAL
from joren.ingest.cart_reader import Sighting
from joren.ingest.summary import (
    alike,
    by_reason,
    by_table,
    doubted_files,
    odd_headers,
    orders_by_month,
    totals,
)
from joren.text import has

HEADER = "order_id,source_id,ordered_at,amount\n"


def test_totals_add_up_over_tables_with_amounts_of_orders_only(read):
    files = {
        "orders.csv": HEADER + "A,C,2026-01-01,10\nB,,2026-01-02,x\n",
        "order_lines.csv": "order_id,product_id,quantity,amount\nA,P,1,10\n",
    }
    found = totals(read(files).coverage)
    assert (found.rows_in, found.accepted, found.quarantined) == (3, 2, 1)
    assert (found.orders, found.amount_in, found.amount_unreadable) == (2, Decimal(10), 1)


def test_months_without_orders_are_counted_as_zero(read):
    text = HEADER + "A,C,2025-11-30,1\nB,C,2026-02-01,1\nD,C,2026-02-02,1\n"
    months = orders_by_month(read({"orders.csv": text}).tables["orders"])
    assert [(row["month"], row["orders"]) for row in months] == [
        (date(2025, 11, 1), 1), (date(2025, 12, 1), 0), (date(2026, 1, 1), 0),
        (date(2026, 2, 1), 2),
    ]  # fmt: skip


def test_tables_and_reasons_are_counted_by_source(read, rows):
    ingested = read(
        {"orders.csv": HEADER + "A,C,2026-01-01,10\nB,,2026-01-02,x\nD,,2026-01-02,x\n"}
    )
    (table,) = rows(by_table(ingested.coverage))
    assert (table["files"], table["rows_in"], table["quarantined"]) == (1, 3, 2)
    assert (table["encodings"], table["amount_in"]) == ("utf-8", 10)
    assert [row["rows"] for row in rows(by_reason(ingested.quarantine))] == [2]


def test_every_reason_and_table_has_a_name_in_both_languages(read, rows):
    text = HEADER + "A,C,2026-01-01,10\nA,C,2026-01-01,10\nB,nan,2026-01-02,1\nD,,2026-01-02,x\nE\n"
    for row in rows(by_reason(read({"orders.csv": text}).quarantine)):
        assert has(row["reason_label"])
        assert has(row["table_label"])
    for table in CANONICAL:
        assert has(f"ingest.table_{table}")
    assert has("ingest.reason_refund_of_returned")


def test_repetitions_and_what_is_no_purchase_make_no_file_doubtful(con):
    columns = ("file", "rows_quarantined", "rows_duplicate", "rows_no_purchase")
    counts = [("a", 5, 5, 0), ("b", 5, 3, 2), ("c", 5, 3, 1), ("d", 9, 0, 0), ("e", 0, 0, 0)]
    same = {"source": "pos", "table_name": "orders", "encoding": "utf-8", "rows_in": 10}
    rows = [dict(zip(columns, count, strict=True)) | same for count in counts]
    found = doubted_files(con.create_table("_coverage", ibis.memtable(rows), overwrite=True))
    assert [(row["file"], row["doubted"]) for row in found] == [("d", 9), ("c", 1)]


def _sighting(file: str, **others) -> Sighting:
    plain = {"score": 1.0, "encoding": "cp932", "unknown": (), "missing": (), "without": ()}
    return Sighting("web", file, "Shopify", "orders", **plain | others)


def test_files_read_alike_are_one_line_with_the_first_and_the_last():
    seen = [_sighting("b"), _sighting("c"), _sighting("a"), _sighting("d", score=0.9)]
    found = [(r["files"], r["first_file"], r["last_file"], r["score"]) for r in alike(seen)]
    assert found == [(3, "a", "c", 1.0), (1, "d", "d", 0.9)]
    by_encoding = alike([_sighting("a"), _sighting("b", encoding="utf-8")])
    assert [row["encoding"] for row in by_encoding] == ["cp932", "utf-8"]


def test_headers_are_named_once_with_the_files_they_are_of():
    seen = [
        _sighting("a", unknown=("備考",)), _sighting("b", unknown=("備考",), missing=("x", "y")),
        _sighting("c", without=("order_lines",)), _sighting("d"),
    ]  # fmt: skip
    found = [(r["what"], r["names"], r["files"], r["last_file"]) for r in odd_headers(seen)]
    assert found == [
        ("header_unknown", "備考", 2, "b"), ("header_missing", "x, y", 1, "b"),
        ("table_missing", "order_lines", 1, "c"),
    ]  # fmt: skip
