from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, failing, held, lacking, said, sample

from joren.ingest.recognise import load_formats, recognise

EXPORT = sample("shopify/orders_export.csv")
SOURCE = {"shop": {"format": "shopify", "orders": "*.csv"}}

ORDERS = said("""
order_id | source_id   | ordered_at          | amount | amount_excluding_tax | discount | channel | store  | status
#1001    | guest:#1001 | 2026-03-01 09:15:32 | 3550   | 3227                 | 200      | ec      |        | valid
#1002    | guest:#1002 | 2026-03-01 08:30:00 | 1080   | 1000                 | 0        | ec      |        | valid
#1003    | guest:#1001 | 2026-03-10 20:00:00 | 1200   |                      | 0        | ec      |        | valid
#1004    | guest:#1002 | 2026-03-11 12:00:00 | 1200   | 1091                 | 0        | ec      |        | cancelled
#1005    | guest:#1005 | 2026-03-12 08:00:00 | 900    | 818                  | 0        | ec      |        | returned
#1006    | guest:#1006 | 2026-03-31 23:59:59 | 1200   | 1091                 | 0        | ec      |        | pending
#1007    |             | 2026-03-15 15:00:00 | 800    | 727                  | 0        | pos     | 渋谷店 | valid
""")  # noqa: E501

LINES = said("""
order_id | line_no | product_id | product_name   | quantity | amount
#1001    | 1       | SOAP-1     | せっけん       | 2        | 2400
#1001    | 2       | TOWEL-1    | タオル         | 1        | 800
#1002    | 1       | HONEY-1    | はちみつ       | 1        | 1080
#1003    | 1       | SOAP-1     | せっけん       | 1        | 1200
#1003    | 2       | TOWEL-1    | タオル         | 1        | 800
#1004    | 1       | SOAP-1     | せっけん       | 1        | 1200
#1005    | 1       | 手ぬぐい   | 手ぬぐい       | 1        | 900
#1006    | 1       | SOAP-3     | せっけん 3個入 | 1        | 1200
#1007    | 1       | TOWEL-1    | タオル         | 1        | 800
""")

CUSTOMERS = said("""
source_id   | full_name | phone         | email                    | postal_code | address                                  | updated_at          | consent_email
guest:#1001 | 佐藤 花子 | 090-1111-0001 | hanako.sato@example.jp   | 154-0012    | 東京都世田谷区駒沢1-2-3駒沢ハイツ101     | 2026-03-10 20:00:00 | yes
guest:#1002 | 鈴木 次郎 |               | jiro.suzuki@example.jp   | 231-0023    | 神奈川県横浜市中区山下町7                | 2026-03-11 12:00:00 | no
guest:#1005 | 田中 実   | 090-1111-0003 | minoru.tanaka@example.jp | 150-0001    | 東京都渋谷区神宮前8-9                    | 2026-03-12 08:00:00 | no
guest:#1006 | 髙橋 陽子 | +819011110004 |                          |             | 東京都                                   | 2026-03-31 23:59:59 | no
""")  # noqa: E501


def test_the_export_is_told_from_all_others():
    found = recognise(EXPORT.header, load_formats())
    assert (found.format.name, found.kind.name, found.score) == ("shopify", "orders", 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_sample_reads_the_same_however_it_arrives(read, variant):
    ingested = read(VARIANTS[variant](EXPORT, "Name"), SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS
    assert held(ingested, "point_entries") == []
    assert failing(ingested) == []


def test_without_optional_columns_only_what_they_give_is_missing(read):
    ingested = read(
        {"a.csv": EXPORT.without("Discount Amount", "Taxes", "Location").content()}, SOURCE
    )
    assert held(ingested, "orders") == lacking(ORDERS, "discount", "amount_excluding_tax", "store")
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS


def test_lines_that_do_not_add_up_to_the_subtotal_are_reported(read):
    ingested = read({"a.csv": EXPORT.with_cell(2, "Subtotal", "2900").content()}, SOURCE)
    assert failing(ingested) == [("#1001", "lines", 3100, 3200)]
    assert held(ingested, "orders") == ORDERS


def test_an_unknown_financial_status_is_listed_and_kept_aside(read):
    changed = EXPORT.with_cell(4, "Financial Status", "on_hold")
    ingested = read({"a.csv": changed.content()}, SOURCE)
    assert [(one.column, one.value, one.rows) for one in ingested.unknown] == [
        ("status", "on_hold", 1)
    ]
    read_ids = {row["order_id"] for row in held(ingested, "orders")}
    assert read_ids == {row["order_id"] for row in ORDERS} - {"#1002"}
