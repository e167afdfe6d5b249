from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, held, lacking, said, sample

from joren.ingest.recognise import load_formats, recognise

EXPORT = sample("futureshop/orders.csv")
SOURCE = {"web": {"format": "futureshop", "orders": "*.csv"}}

ORDERS = said("""
order_id       | source_id            | ordered_at          | amount | amount_excluding_tax | discount | points_used | channel | status
FS000000000101 | m00001               | 2026-02-03 09:15:32 | 5450   | 5010                 | 500      | 300         | ec      | valid
FS000000000102 | guest:FS000000000102 | 2026-02-04 20:00:01 | 2750   | 2500                 | 0        | 0           | ec      | pending
FS000000000103 | m00002               | 2026-02-05 08:00:00 | 1750   | 1591                 | 0        | 0           | ec      | cancelled
FS000000000104 | m00001               | 2026-02-06 23:59:59 | 2200   | 2000                 | 0        | 0           | ec      | returned
FS000000000105 | guest:FS000000000102 | 2026-02-07 12:30:00 | 4120   |                      | 0        | 0           | ec      | valid
FS000000000106 | m00002               | 2026-02-08 12:30:00 | 1000   | 900                  | 100      | 0           | ec      | pending
""")  # noqa: E501

LINES = said("""
order_id       | line_no | product_id    | product_name  | quantity | amount
FS000000000101 | 1       | SOAP-1        | せっけん      | 3        | 3600
FS000000000101 | 2       | TOWEL-1       | 今治タオル    | 1        | 1800
FS000000000102 | 1       | BAG-1         | 帆布かばん    | 1        | 2200
FS000000000103 | 1       | SOAP-1        | せっけん      | 1        | 1200
FS000000000104 | 1       | BAG-1         | 帆布かばん    | 1        | 2200
FS000000000105 | 1       | HONEY-1       | はちみつ      | 2        | 2160
FS000000000105 | 2       | はちみつ 小瓶 | はちみつ 小瓶 | 2        | 1080
FS000000000106 | 1       | TEA-1         | 緑茶          | 1        | 1100
FS000000000107 | 1       | TEA-1         | 緑茶          | 1        | 1100
""")

CUSTOMERS = said("""
source_id            | family_name | given_name | family_kana | given_kana | phone         | email                    | postal_code | address                                | birth_date | gender | updated_at          | consent_email
m00001               | 佐藤        | 花子       | サトウ      | ハナコ     | 03-1111-0001  | hanako.sato@example.jp   | 154-0012    | 東京都世田谷区駒沢1-2-3駒沢ハイツ101   | 1985-04-12 | 女性   | 2026-02-06 23:59:59 | yes
guest:FS000000000102 | 鈴木        | 次郎       | スズキ      | ジロウ     | 000-0000-0000 | jiro.suzuki@example.jp   | 231-0023    | 神奈川県横浜市中区山下町7              |            |        | 2026-02-07 12:30:00 | no
m00002               | 田中        | 実         | タナカ      | ミノル     | 06-1111-0003  | minoru.tanaka@example.jp | 530-0001    | 大阪府大阪市北区梅田3-1                |            |        | 2026-02-08 12:30:00 | yes
""")  # noqa: E501


def test_the_export_is_told_from_all_others():
    found = recognise(EXPORT.header, load_formats())
    assert (found.format.name, found.kind.name, found.score) == ("futureshop", "orders", 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_sample_reads_the_same_however_it_arrives(read, variant):
    ingested = read(VARIANTS[variant](EXPORT, "受注コード"), SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS
    assert held(ingested, "point_entries") == []
    assert {(u.column, u.value) for u in ingested.unknown} == {("status", "特別対応")}


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("消費税合計", ["amount_excluding_tax"]),
        ("総合計金額", ["discount"]),
        ("購入経路区分", []),
    ],
)
def test_a_column_the_shop_left_out_changes_only_what_rests_on_it(read, header, columns):
    ingested = read({"a.csv": EXPORT.without(header).content()}, SOURCE)
    assert held(ingested, "orders") == lacking(ORDERS, *columns)
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS


def test_without_what_was_billed_the_total_before_discounts_is_the_worth(read):
    ingested = read({"a.csv": EXPORT.without("請求合計金額").content()}, SOURCE)
    amounts = {row["order_id"]: row["amount"] for row in held(ingested, "orders")}
    assert (amounts["FS000000000101"], amounts["FS000000000106"]) == ("5950", "1100")


def test_a_status_of_the_shops_own_counts_once_it_is_mapped(read):
    mapped = {"path": "*.csv", "status": {"特別対応": "valid", "保留": "cancelled"}}
    ingested = read({"a.csv": EXPORT.content()}, {"web": {**SOURCE["web"], "orders": mapped}})
    status = {row["order_id"]: row["status"] for row in held(ingested, "orders")}
    assert status["FS000000000107"] == "valid"
    assert status["FS000000000106"] == "cancelled"
    assert ingested.unknown == []


def test_two_totals_for_one_order_put_it_aside(read, rows):
    torn = EXPORT.with_cell(3, "請求合計金額", "9999")
    ingested = read({"a.csv": torn.content()}, SOURCE)
    reasons = {row["reason"] for row in rows(ingested.quarantine) if row["table_name"] == "orders"}
    assert reasons == {"conflicting:amount", "unknown_status"}
    assert "FS000000000101" not in {row["order_id"] for row in held(ingested, "orders")}


def test_an_order_whose_figures_do_not_add_up_is_named(read, rows):
    wrong = EXPORT.with_cell(4, "商品合計金額", "2300")
    ingested = read({"a.csv": wrong.content()}, SOURCE)
    assert [
        (r["order_id"], r["check"], r["difference"]) for r in rows(ingested.failing_totals)
    ] == [
        ("FS000000000102", "lines", -100),
        ("FS000000000102", "sum", 100),
    ]
    assert {(c.check, c.failing) for c in ingested.compared_totals} == {("lines", 1), ("sum", 1)}
