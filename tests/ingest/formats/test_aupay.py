from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, failing, held, lacking, said, sample

from joren.ingest.recognise import load_formats, recognise

EXPORT = sample("aupay/orders.csv")
SOURCE = {"mall": {"format": "aupay", "orders": "*.csv"}}

ORDERS = said("""
order_id  | source_id       | ordered_at          | amount | discount | points_used | points_granted | channel | status
700000001 | guest:700000001 | 2026-03-01 09:15:00 | 3450   | 300      | 400         | 31             | mall    | valid
700000002 | guest:700000001 | 2026-03-05 21:00:00 | 1530   | 0        | 0           | 12             | mall    | valid
700000003 | guest:700000003 | 2026-03-06 10:00:00 | 900    | 0        | 0           | 0              | mall    | pending
700000004 | guest:700000003 | 2026-03-07 11:00:00 | 1200   | 0        | 0           | 0              | mall    | cancelled
700000005 | guest:700000003 | 2026-03-08 12:00:00 | 1080   | 0        | 0           | 0              | mall    | cancelled
700000006 | guest:700000003 | 2026-03-09 13:00:00 | 1080   | 0        | 0           | 0              | mall    | pending
""")  # noqa: E501

LINES = said("""
order_id  | line_no | product_id | product_name | quantity | amount
700000001 | 1       | SOAP-1     | せっけん     | 2        | 2400
700000001 | 2       | TOWEL-1    | タオル       | 1        | 800
700000002 | 1       | SOAP-1     | せっけん     | 1        | 1200
700000003 | 1       | 手ぬぐい   | 手ぬぐい     | 1        | 900
700000004 | 1       | SOAP-1     | せっけん     | 1        | 1200
700000005 | 1       | HONEY-1    | はちみつ     | 1        | 1080
700000006 | 1       | HONEY-1    | はちみつ     | 1        | 1080
""")

CUSTOMERS = said("""
source_id       | full_name | full_kana     | phone         | email                    | postal_code | address                 | updated_at
guest:700000001 | 佐藤 花子 | サトウ ハナコ | 090-1111-0001 | hanako.sato@example.jp   | 154-0012    | 東京都世田谷区駒沢1-2-3 | 2026-03-05 21:00:00
guest:700000003 | 田中 実   | タナカ ミノル | 000-0000-0000 | minoru.tanaka@example.jp | 150-0001    | 東京都渋谷区神宮前8-9   | 2026-03-09 13:00:00
""")  # noqa: E501


def test_the_export_is_told_from_all_others():
    found = recognise(EXPORT.header, load_formats())
    assert (found.format.name, found.kind.name, found.score) == ("aupay", "orders", 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_sample_reads_the_same_however_it_arrives(read, variant):
    ingested = read(VARIANTS[variant](EXPORT, "orderId"), SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS
    assert held(ingested, "point_entries") == []
    assert failing(ingested) == []


def test_without_optional_columns_only_what_they_give_is_missing(read):
    ingested = read(
        {"a.csv": EXPORT.without("couponTotalPrice", "totalGiftPoint").content()}, SOURCE
    )
    assert held(ingested, "orders") == lacking(ORDERS, "discount", "points_granted")
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS
