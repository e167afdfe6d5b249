from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, held, lacking, said, sample

from joren.ingest.recognise import load_formats, recognise

EXPORT = sample("nextengine/orders.csv")
SOURCE = {"web": {"format": "nextengine", "orders": "*.csv"}}

ORDERS = said("""
order_id | source_id    | ordered_at          | amount | amount_excluding_tax | points_used | channel | status
N-0001   | guest:N-0003 | 2026-02-03 09:15:32 | 5450   |                      | 300         | ec      | valid
N-0002   | guest:N-0002 | 2026-02-04 20:00:01 | 3080   | 2880                 | 0           | ec      | valid
N-0003   | guest:N-0003 | 2026-02-01 08:00:00 | 1100   |                      | 0           | ec      | valid
N-0004   | guest:N-0004 | 2026-02-06 23:59:59 | 1100   |                      | 0           | ec      | valid
N-0006   | guest:N-0002 | 2026-02-07 10:00:00 | 2200   |                      | 0           | ec      | valid
""")  # noqa: E501

LINES = said("""
order_id | line_no | product_id | product_name | quantity | amount
N-0001   | 1       | SOAP-1     | せっけん     | 3        | 3600
N-0001   | 2       | TOWEL-1    | 今治タオル   | 1        | 1800
N-0002   | 1       | BAG-1      | 帆布かばん   | 1        | 2000
N-0003   | 1       | 手ぬぐい   | 手ぬぐい     | 1        | 1100
N-0004   | 1       | TEA-1      | 緑茶         | 1        | 1100
N-0005   | 1       | TEA-1      | 緑茶         | 1        | 1100
N-0006   | 1       | TEA-1      | 緑茶         | 2        | 2200
""")

CUSTOMERS = said("""
source_id    | full_name   | full_kana         | phone         | email                  | postal_code | address                     | updated_at
guest:N-0002 | 鈴木\u3000次郎 | スズキ\u3000ジロウ | 00000000000   | jiro.suzuki@example.jp | 231-0023    | 神奈川県横浜市中区山下町7   | 2026-02-07 10:00:00
guest:N-0003 | 佐藤\u3000花子 | サトウ\u3000ハナコ | 090-1111-0001 | hanako.sato@example.jp | 154-0012    | 東京都世田谷区駒沢1-2-3     | 2026-02-03 09:15:32
guest:N-0004 |             |                   |               |                        |             |                             | 2026-02-06 23:59:59
""")  # noqa: E501


def test_the_export_is_told_from_all_others():
    found = recognise(EXPORT.header, load_formats())
    assert (found.format.name, found.kind.name, found.score) == ("nextengine", "orders", 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_sample_reads_the_same_however_it_arrives(read, reasons, variant):
    ingested = read(VARIANTS[variant](EXPORT, "店舗伝票番号"), SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS
    assert "unreadable:ordered_at" in reasons(ingested).values()


def test_the_nineteen_documented_columns_alone_give_orders(read):
    bare = EXPORT
    for header in EXPORT.header[19:]:
        bare = bare.without(header)
    ingested = read({"a.csv": bare.content()}, SOURCE)
    amounts = {row["order_id"]: row["amount"] for row in held(ingested, "orders")}
    assert amounts == {
        "N-0001": "5400", "N-0002": "2200", "N-0003": "1100", "N-0004": "1100", "N-0006": "2200",
    }  # fmt: skip
    assert held(ingested, "customers") == CUSTOMERS


def test_a_column_that_was_left_out_changes_only_what_rests_on_it(read):
    ingested = read({"a.csv": EXPORT.without("税金").content()}, SOURCE)
    assert held(ingested, "orders") == lacking(ORDERS, "amount_excluding_tax")
    assert held(ingested, "order_lines") == LINES
