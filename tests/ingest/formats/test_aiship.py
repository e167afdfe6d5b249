from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, held, lacking, said, sample

from joren.ingest.recognise import load_formats, recognise

EXPORT = sample("aiship/orders.csv")
SOURCE = {"web": {"format": "aiship", "orders": "*.csv"}}

ORDERS = said("""
order_id     | ordered_at          | amount | points_granted | channel | status
20260203-001 | 2026-02-03 09:15:32 | 5950   | 54             | ec      | valid
20260204-001 | 2026-02-04 20:00:01 | 0      | 22             | ec      | pending
20260205-001 | 2026-02-05 08:00:00 | 2750   | 12             | ec      | valid
20260206-001 | 2026-02-06 23:59:59 | 1750   | 0              | ec      | returned
20260207-001 | 2026-02-07 12:00:00 | 1750   | 0              | ec      | cancelled
""")

LINES = said("""
order_id     | line_no | product_id | product_name | quantity | amount
20260203-001 | 1       | SOAP-1     | せっけん     | 3        | 3600
20260203-001 | 2       | TOWEL-1    | 今治タオル   | 1        | 1800
20260204-001 | 1       | BAG-1      | 帆布かばん   | 1        | 2200
20260205-001 | 1       | SOAP-1     | せっけん     | 2        | 2400
20260206-001 | 1       | 手ぬぐい   | 手ぬぐい     | 1        | 1200
20260207-001 | 1       | SOAP-1     | せっけん     | 1        | 1200
20260208-001 | 1       | TEA-1      | 緑茶         | 1        | 1100
""")


def test_the_export_is_told_from_all_others():
    found = recognise(EXPORT.header, load_formats())
    assert (found.format.name, found.kind.name, found.score) == ("aiship", "orders", 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_sample_reads_the_same_however_it_arrives(read, variant):
    ingested = read(VARIANTS[variant](EXPORT, "注文番号"), SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == held(ingested, "point_entries") == []
    assert {(u.column, u.value) for u in ingested.unknown} == {("status", "ギフト確認")}


def test_a_column_the_shop_left_out_changes_only_what_rests_on_it(read):
    ingested = read({"a.csv": EXPORT.without("今回獲得ポイント").content()}, SOURCE)
    assert held(ingested, "orders") == lacking(ORDERS, "points_granted")
    assert held(ingested, "order_lines") == LINES


def test_the_buyers_column_is_mapped_in_the_parameters(read):
    orders = {"path": "*.csv", "columns": {"source_id": "決済方法"}}
    ingested = read({"a.csv": EXPORT.content()}, {"web": {"format": "aiship", "orders": orders}})
    buyers = {row["order_id"]: row["source_id"] for row in held(ingested, "orders")}
    assert buyers["20260204-001"] == "銀行振込"
