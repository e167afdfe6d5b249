from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, failing, held, lacking, said, sample, under

from joren.ingest.recognise import load_formats, recognise

ORDERS_FILE = sample("yahoo/orders.csv")
ITEMS_FILE = sample("yahoo/items.csv")
SOURCE = {"mall": {"format": "yahoo", "orders": "o/*.csv", "order_lines": "i/*.csv"}}
ORDERS_ALONE = {"mall": {"format": "yahoo", "orders": "o/*.csv"}}

ORDERS = said("""
order_id            | source_id                 | ordered_at          | amount | discount | mall_discount | points_used | points_granted | channel | status
demo-shop-10000001  | guest:demo-shop-10000001  | 2026-03-01 09:15:32 | 3650   | 300      | 300           | 200         | 31             | mall    | valid
demo-shop-10000002  | guest:demo-shop-10000001  | 2026-03-05 21:00:00 | 1200   | 0        | 0             | 0           | 12             | mall    | valid
demo-shop-10000003  | guest:demo-shop-10000003  | 2026-03-06 10:00:00 | 1500   | 0        | 0             | 0           | 0              | mall    | pending
demo-shop-10000004  | guest:demo-shop-10000003  | 2026-03-07 11:00:00 | 1200   | 0        | 0             | 0           | 0              | mall    | cancelled
demo-shop-10000005  | guest:demo-shop-10000003  | 2026-03-08 12:00:00 | 900    | 0        | 0             | 0           | 0              | mall    | pending
demo-shop-10000006  | guest:demo-shop-10000006  | 2026-03-09 13:00:00 | 900    | 0        | 0             | 0           | 0              | mall    | pending
""")  # noqa: E501

LINES = said("""
order_id           | line_no | product_id | product_name | quantity | amount
demo-shop-10000001 | 1       | soap-1     | せっけん     | 2        | 2400
demo-shop-10000001 | 2       | towel-1    | タオル       | 1        | 800
demo-shop-10000002 | 1       | soap-1     | せっけん     | 1        | 1200
demo-shop-10000003 | 1       | soap-1     | せっけん     | 1        | 1200
demo-shop-10000004 | 1       | soap-1     | せっけん     | 1        | 1200
demo-shop-10000005 | 1       | 手ぬぐい   | 手ぬぐい     | 1        | 900
demo-shop-10000006 | 1       | candle-1   | ろうそく     | 2        | 800
""")

CUSTOMERS = said("""
source_id                | family_name | given_name | family_kana | given_kana | full_name | full_kana       | phone         | email                    | postal_code | address                              | updated_at
guest:demo-shop-10000001 | 佐藤        | 花子       | サトウ      | ハナコ     | 佐藤 花子 | サトウ ハナコ   | 090-1111-0001 | hanako.sato@example.jp   | 1540012     | 東京都世田谷区駒沢1-2-3駒沢ハイツ101 | 2026-03-05 21:00:00
guest:demo-shop-10000003 | 田中        | 実         | タナカ      | ミノル     | 田中 実   | タナカ ミノル   | 000-0000-0000 | minoru.tanaka@example.jp | 1500001     | 東京都渋谷区神宮前8-9                | 2026-03-08 12:00:00
guest:demo-shop-10000006 | 髙橋        | 陽子       | タカハシ    | ヨウコ     | 髙橋 陽子 | タカハシ ヨウコ |               |                          |             | 東京都                               | 2026-03-09 13:00:00
""")  # noqa: E501


@pytest.mark.parametrize(("export", "kind"), [(ORDERS_FILE, "orders"), (ITEMS_FILE, "order_lines")])
def test_both_files_are_told_from_all_others(export, kind):
    found = recognise(export.header, load_formats())
    assert (found.format.name, found.kind.name, found.score) == ("yahoo", kind, 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_both_files_read_the_same_however_they_arrive(read, variant):
    files = under("o", VARIANTS[variant](ORDERS_FILE, "OrderId"))
    files |= under("i", VARIANTS[variant](ITEMS_FILE, "OrderId"))
    ingested = read(files, SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS
    assert held(ingested, "point_entries") == []
    assert failing(ingested) == []


def test_the_order_file_alone_gives_orders_without_lines(read):
    ingested = read({"o/a.csv": ORDERS_FILE.content()}, ORDERS_ALONE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == []


def test_without_optional_columns_only_what_they_give_is_missing(read):
    ingested = read(
        {"o/a.csv": ORDERS_FILE.without("GetPoint", "SettleId").content()}, ORDERS_ALONE
    )
    assert held(ingested, "orders") == lacking(ORDERS, "points_granted")
    assert held(ingested, "customers") == CUSTOMERS


def test_without_line_totals_prices_are_multiplied(read):
    files = {
        "o/a.csv": ORDERS_FILE.content(),
        "i/a.csv": ITEMS_FILE.without("LineSubTotal").content(),
    }
    assert held(read(files, SOURCE), "order_lines") == LINES


def test_both_files_may_be_listed_in_one_folder(read):
    files = {"all/orders.csv": ORDERS_FILE.content(), "all/items.csv": ITEMS_FILE.content()}
    source = {"mall": SOURCE["mall"] | {"orders": "all/o*.csv", "order_lines": "all/i*.csv"}}
    ingested = read(files, source)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
