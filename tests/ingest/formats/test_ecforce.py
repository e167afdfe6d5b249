from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, held, lacking, said, sample

from joren.ingest.recognise import load_formats, recognise

ORDER_EXPORT, SUBSCRIPTION_EXPORT = (
    sample("ecforce/orders.csv"),
    sample("ecforce/subscriptions.csv"),
)
MINIMAL_EXPORT = sample("ecforce/orders_minimal.csv")
SOURCE = {"teiki": {"format": "ecforce", "orders": "o/*.csv", "subscriptions": "s/*.csv"}}
ORDERS_ALONE = {"teiki": {"format": "ecforce", "orders": "*.csv"}}

ORDERS = said("""
order_id   | source_id  | ordered_at          | amount | amount_excluding_tax | discount | points_used | points_granted | channel | subscription_id | status
02df7b04b4 | C000000001 | 2026-01-05 10:00:00 | 3980   | 3686                 | 0        | 0           | 39             | ec      | T000000001      | valid
02df7b04b5 | C000000001 | 2026-02-04 10:00:00 | 5430   | 4991                 | 500      | 0           | 0              | ec      | T000000001      | valid
02df7b04b6 | C000000001 | 2026-03-06 10:00:00 | 3980   | 3686                 | 0        | 0           | 0              | ec      | T000000001      | pending
02df7b04b7 | C000000002 | 2026-01-10 21:30:00 | 3530   | 3210                 | 0        | 130         | 29             | ec      | T000000002      | valid
02df7b04b8 | C000000002 | 2026-02-10 09:00:00 | 3530   | 3210                 | 0        | 0           | 35             | ec      | T000000002      | cancelled
02df7b04b9 | C000000003 | 2026-02-20 13:00:00 | 1950   | 1773                 | 0        | 0           | 19             | ec      |                 | returned
02df7b04ba | C000000003 | 2026-02-21 13:00:00 | 700    | 637                  | 0        | 0           | 0              | ec      |                 | valid
02df7b04bc | C000000003 | 2026-02-23 08:00:00 | 4680   | 4255                 | 0        | 0           | 0              | ec      | T000000009      | valid
""")  # noqa: E501

LINES = said("""
order_id   | line_no | product_id | product_name | category | quantity | amount
02df7b04b4 | 1       | SERUM-30   | 美容液       | 化粧品   | 1        | 3980
02df7b04b5 | 1       | SERUM-30   | 美容液       | 化粧品   | 1        | 3980
02df7b04b5 | 2       | SOAP-1     | せっけん     | 化粧品   | 2        | 1400
02df7b04b6 | 1       | SERUM-30   | 美容液       | 化粧品   | 1        | 3980
02df7b04b7 | 1       | CREAM-50   | クリーム     | 化粧品   | 1        | 2980
02df7b04b8 | 1       | CREAM-50   | クリーム     | 化粧品   | 1        | 2980
02df7b04b9 | 1       | SOAP-1     | せっけん     | 化粧品   | 2        | 1400
02df7b04ba | 1       | SOAP-1     | せっけん     | 化粧品   | 1        | 700
02df7b04bb | 1       | SOAP-1     | せっけん     | 化粧品   | 1        | 700
02df7b04bc | 1       | SERUM-30   | 美容液       | 化粧品   | 1        | 3980
02df7b04bc | 2       | SOAP-1     | せっけん     | 化粧品   | 1        | 700
""")

CUSTOMERS = said("""
source_id  | family_name | given_name | family_kana | given_kana | full_name | full_kana     | phone         | email                    | line_id | postal_code | address                     | birth_date | gender | updated_at
C000000001 | 佐藤        | 花子       | サトウ      | ハナコ     | 佐藤 花子 | サトウ ハナコ | 09011110001   | hanako.sato@example.jp   | U0001   | 1540012     | 東京都世田谷区駒沢1-2-3     | 1985-04-12 | 女性   | 2026-03-06 10:00:00
C000000002 | 鈴木        | 次郎       | スズキ      | ジロウ     | 鈴木 次郎 | スズキ ジロウ | 000-0000-0000 | jiro.suzuki@example.jp   |         | 2310023     | 神奈川県横浜市中区山下町7   |            | 男性   | 2026-02-10 09:00:00
C000000003 | 田中        | 実         | タナカ      | ミノル     | 田中 実   | タナカ ミノル | 0611110003    | minoru.tanaka@example.jp |         | 5300001     | 大阪府大阪市北区梅田3-1     | 1970-01-31 | 男性   | 2026-02-23 08:00:00
""")  # noqa: E501

POINTS = said("""
entry_id         | source_id  | account    | occurred_at         | kind  | points | expires_at          | order_id
02df7b04b4:grant | C000000001 | C000000001 | 2026-01-05 10:00:00 | grant | 39     | 2027-01-06 00:00:00 | 02df7b04b4
02df7b04b7:grant | C000000002 | C000000002 | 2026-01-10 21:30:00 | grant | 29     |                     | 02df7b04b7
02df7b04b7:use   | C000000002 | C000000002 | 2026-01-10 21:30:00 | use   | 130    |                     | 02df7b04b7
""")  # noqa: E501

SUBSCRIPTIONS = said("""
subscription_id | source_id  | product_id | started_at          | ended_at            | end_reason     | cycle_days | commitment_orders | renewals
T000000001      | C000000001 | SERUM-30   | 2026-01-05 10:00:00 | 2026-03-10 09:00:00 | payment        | 30         | 3                 | 1
T000000002      | C000000002 | CREAM-50   | 2026-01-10 21:30:00 | 2026-02-12 12:00:00 | voluntary      |            |                   | 0
T000000003      | C000000003 | SERUM-30   | 2025-06-01 08:00:00 |                     |                | 30         | 3                 | 8
T000000004      | C000000003 | SOAP-1     | 2025-01-15 08:00:00 | 2025-07-20 10:00:00 | commitment_end | 30         | 6                 | 5
505             | C000000004 | SOAP-1     | 2025-02-01 08:00:00 | 2025-02-20 10:00:00 | other          |            |                   | 0
T000000006      | C000000004 | SOAP-1     | 2025-03-01 08:00:00 | 2025-08-01 10:00:00 |                |            |                   | 3
""")  # noqa: E501

MINIMAL_ORDERS = said("""
order_id   | source_id  | ordered_at          | amount | channel | subscription_id | status
9ab0000001 | C000000001 | 2025-08-09 23:15:00 | 1990   | ec      | T000000011      | valid
9ab0000002 | C000000001 | 2025-09-09 08:00:00 | 4680   | ec      | T000000011      | valid
9ab0000003 | C000000002 | 2025-09-10 12:34:00 | 1250   | ec      |                 | valid
9ab0000004 | C000000003 | 2025-09-11 00:00:00 | 2980   | ec      | T000000012      | valid
9ab0000005 | C000000001 | 2025-10-09 08:00:00 | 3980   | ec      | T000000011      | valid
""")

MINIMAL_SUBSCRIPTIONS = said("""
subscription_id | source_id  | product_id | started_at          | renewals
T000000011      | C000000001 | SERUM-30   | 2025-08-09 23:15:00 | 2
T000000012      | C000000003 | CREAM-50   | 2025-09-11 00:00:00 | 0
""")

MINIMAL_CUSTOMERS = said("""
source_id  | email                    | updated_at
C000000001 | sato.hanako@example.com  | 2025-10-09 08:00:00
C000000002 | jiro.suzuki@example.jp   | 2025-09-10 12:34:00
C000000003 | minoru.tanaka@example.jp | 2025-09-11 00:00:00
""")


@pytest.mark.parametrize(
    ("export", "kind"),
    [
        (ORDER_EXPORT, "orders"),
        (MINIMAL_EXPORT, "orders_minimal"),
        (SUBSCRIPTION_EXPORT, "subscriptions"),
    ],
    ids=["orders", "minimal", "subscriptions"],
)
def test_each_export_is_told_from_all_others(export, kind):
    found = recognise(export.header, load_formats())
    assert (found.format.name, found.kind.name, found.score) == ("ecforce", kind, 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_samples_read_the_same_however_they_arrive(read, variant):
    make = VARIANTS[variant]
    orders, subscriptions = make(ORDER_EXPORT, "受注番号"), make(SUBSCRIPTION_EXPORT, "定期受注ID")
    files = {f"o/o_{name}": content for name, content in orders.items()} | {
        f"s/s_{name}": content for name, content in subscriptions.items()
    }
    ingested = read(files, SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS
    assert held(ingested, "point_entries") == POINTS
    assert held(ingested, "subscriptions") == SUBSCRIPTIONS
    assert {(u.column, u.value) for u in ingested.unknown} == {("status", "倉庫確認中")}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_minimal_export_reads_the_same_however_it_arrives(read, variant):
    ingested = read(VARIANTS[variant](MINIMAL_EXPORT, "受注番号"), ORDERS_ALONE)
    assert held(ingested, "orders") == MINIMAL_ORDERS
    assert held(ingested, "subscriptions") == MINIMAL_SUBSCRIPTIONS
    assert held(ingested, "customers") == MINIMAL_CUSTOMERS
    assert held(ingested, "order_lines") == held(ingested, "point_entries") == []


def test_a_subscription_whose_first_order_is_in_no_file_is_doubted_for_its_start(read, rows):
    ingested = read({"a.csv": ORDER_EXPORT.content()}, ORDERS_ALONE)
    doubted = [r for r in rows(ingested.quarantine) if r["table_name"] == "subscriptions"]
    assert [(r["row_number"], r["reason"]) for r in doubted] == [(10, "missing:started_at")]


def test_the_subscription_export_dates_those_that_began_before_the_orders(read):
    began = SUBSCRIPTION_EXPORT.with_cell(7, "定期受注番号", "T000000009")
    files = {"o/o.csv": ORDER_EXPORT.content(), "s/s.csv": began.content()}
    found = {row["subscription_id"]: row for row in held(read(files, SOURCE), "subscriptions")}
    assert found["T000000009"]["started_at"] == "2025-03-01 08:00:00"


@pytest.mark.parametrize(
    ("header", "columns"),
    [("消費税", ["amount_excluding_tax"]), ("付与ポイント", ["points_granted"]), ("デバイス", [])],
)
def test_a_column_the_shop_left_out_changes_only_what_rests_on_it(read, header, columns):
    ingested = read({"a.csv": ORDER_EXPORT.without(header).content()}, ORDERS_ALONE)
    assert held(ingested, "orders") == lacking(ORDERS, *columns)
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS


def test_lists_of_different_length_in_one_row_are_doubted(read, rows):
    uneven = ORDER_EXPORT.with_cell(3, "購入商品（個数）", "1,2,3")
    ingested = read({"a.csv": uneven.content()}, ORDERS_ALONE)
    doubted = [r for r in rows(ingested.quarantine) if r["table_name"] == "order_lines"]
    assert [(row["row_number"], row["reason"]) for row in doubted] == [(3, "misaligned_items")]
