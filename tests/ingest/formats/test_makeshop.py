from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, held, said, sample

from joren.errors import InputError
from joren.ingest.recognise import load_formats, recognise

EXPORT = sample("makeshop/orders.csv")
MAPPED = {"path": "*.csv", "columns": {"amount": "合計金額", "source_id": "会員ID"}}
SOURCE = {"web": {"format": "makeshop", "orders": MAPPED}}

ORDERS = said("""
order_id            | source_id                 | ordered_at          | amount | channel | status
P202208101033090001 | 1001                      | 2022-08-10 10:33:09 | 3450   | ec      | valid
P202208110933090002 | 1002                      | 2022-08-11 09:33:09 | 900    | ec      | pending
P202212010000050003 | 1003                      | 2022-12-01 00:00:05 | 1200   | ec      | cancelled
P202212242000000004 | 1001                      | 2022-12-24 20:00:00 | 800    | ec      | returned
P202301050800000005 | guest:P202301050800000005 | 2023-01-05 08:00:00 | 1080   | ec      | valid
""")

CUSTOMERS = said("""
source_id                 | full_name | full_kana       | updated_at
1001                      | 佐藤 花子 | サトウ ハナコ   | 2022-12-24 20:00:00
1002                      | 田中 実   | タナカ ミノル   | 2022-08-11 09:33:09
1003                      | 鈴木 次郎 | スズキ ジロウ   | 2022-12-01 00:00:05
guest:P202301050800000005 | 髙橋 陽子 | タカハシ ヨウコ | 2023-01-05 08:00:00
""")


def test_the_nine_known_columns_are_told_from_all_others():
    found = recognise(EXPORT.header, load_formats())
    assert (found.format.name, found.kind.name) == ("makeshop", "orders")
    assert found.unknown == ("合計金額", "会員ID")


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_sample_reads_the_same_however_it_arrives(read, variant):
    ingested = read(VARIANTS[variant](EXPORT, "注文番号"), SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "customers") == CUSTOMERS


def test_without_a_mapped_amount_the_file_is_refused_with_the_way_out(read):
    source = {"web": {"format": "makeshop", "orders": "*.csv"}}
    with pytest.raises(InputError, match="amount") as refused:
        read({"a.csv": EXPORT.content()}, source)
    assert "columns.amount" in str(refused.value)


def test_a_name_alone_does_not_make_two_orders_one_customers(read):
    source = {"web": {"format": "makeshop", "orders": MAPPED | {"columns": {"amount": "合計金額"}}}}
    ingested = read({"a.csv": EXPORT.without("会員ID").content()}, source)
    assert [row["source_id"] for row in held(ingested, "orders")] == [
        f"guest:{row['order_id']}" for row in ORDERS
    ]


def test_without_a_time_of_day_the_day_stands(read):
    ingested = read({"a.csv": EXPORT.without("注文時間").content()}, SOURCE)
    days = [row["ordered_at"][:10] + " 00:00:00" for row in ORDERS]
    assert [row["ordered_at"] for row in held(ingested, "orders")] == days
