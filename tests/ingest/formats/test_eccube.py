from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, held, lacking, said, sample

from joren.ingest.recognise import load_formats, recognise

ORDER_EXPORT, MEMBER_EXPORT = sample("eccube/orders.csv"), sample("eccube/members.csv")
OLDER_EXPORT = sample("eccube/orders_3.csv")
SOURCE = {"web": {"format": "eccube", "orders": "o/*.csv", "customers": "m/*.csv"}}
ORDERS_ALONE = {"web": {"format": "eccube", "orders": "*.csv"}}

ORDERS = said("""
order_id | source_id | ordered_at          | amount | amount_excluding_tax | discount | points_used | channel | status
101      | 1         | 2026-02-03 09:15:32 | 3040   | 2773                 | 200      | 100         | ec      | valid
102      | guest:102 | 2026-02-04 20:00:01 | 1578   | 1435                 | 0        |             | ec      | pending
103      | 2         | 2026-02-05 08:00:00 | 1080   | 1000                 | 0        |             | ec      | valid
104      | 2         | 2026-02-06 23:59:59 | 1100   | 1000                 | 0        |             | ec      | cancelled
105      | 1         | 2026-02-07 12:00:00 | 1100   | 1000                 | 0        |             | ec      | returned
107      | guest:102 | 2026-02-09 12:00:00 | 1100   | 1000                 | 0        |             | ec      | valid
""")  # noqa: E501

LINES = said("""
order_id | line_no | product_id | product_name | quantity | amount
101      | 1       | BAG-1      | 帆布かばん   | 2        | 2200
101      | 2       | HONEY-1    | はちみつ     | 1        | 540
102      | 6       | 13         | 今治タオル   | 1        | 1078
103      | 8       | CANDY-1    | あめ         | 3        | 1080
104      | 9       | SOAP-1     | せっけん     | 1        | 1100
105      | 10      | SOAP-1     | せっけん     | 1        | 1100
106      | 11      | SOAP-1     | せっけん     | 1        | 1100
107      | 12      | SOAP-1     | せっけん     | 1        | 1100
""")

CUSTOMERS = said("""
source_id | family_name | given_name | family_kana | given_kana | phone         | email                    | postal_code | address                     | birth_date | gender | registered_at       | updated_at
1         | 佐藤        | 花子       | サトウ      | ハナコ     | 09011110001   | hanako.sato@example.jp   | 1540012     | 東京都世田谷区駒沢1-2-3     | 1985-04-12 | 女性   | 2024-05-01 10:00:00 | 2026-02-03 10:00:00
2         | 田中        | 実         | タナカ      | ミノル     | 0611110003    | minoru.tanaka@example.jp | 5300001     | 大阪府大阪市北区梅田3-1     |            | 男性   | 2025-01-10 12:34:56 | 2026-02-06 23:59:59
3         | 髙橋        | 陽子       | タカハシ    | ヨウコ     | 000-0000-0000 |                          | 0600001     | 北海道札幌市中央区1         |            | 女性   | 2023-03-03 03:03:03 | 2025-12-31 23:00:00
4         | 伊藤        | 京子       | イトウ      | キョウコ   |               | kyoko.ito@example.jp     |             |                             |            |        | 2026-02-01 08:00:00 | 2026-02-01 08:00:00
guest:102 | 鈴木        | 次郎       | スズキ      | ジロウ     | 000-0000-0000 | jiro.suzuki@example.jp   | 2310023     | 神奈川県横浜市中区山下町7   |            |        |                     | 2026-02-09 12:00:00
""")  # noqa: E501

BALANCES = said("""
source_id | account | as_of               | balance
1         | 1       | 2026-02-03 10:00:00 | 350
2         | 2       | 2026-02-06 23:59:59 | 0
3         | 3       | 2025-12-31 23:00:00 | 0
""")

OLDER_ORDERS = said("""
order_id | source_id | ordered_at          | amount | amount_excluding_tax | discount | channel | status
11       | 1         | 2018-02-03 09:15:32 | 3580   | 3300                 | 200      | ec      | valid
12       | guest:12  | 2018-02-04 20:00:01 | 1620   | 1500                 | 0        | ec      | pending
13       | 2         | 2018-02-05 20:00:01 | 1080   | 1000                 | 0        | ec      | valid
14       | 2         | 2018-02-06 20:00:01 | 1080   | 1000                 | 0        | ec      | cancelled
15       | guest:12  | 2018-02-07 20:00:01 | 1080   | 1000                 | 0        | ec      | valid
""")  # noqa: E501

OLDER_LINES = said("""
order_id | line_no | product_id | product_name | quantity | amount
11       | 13      | BAG-1      | 帆布かばん   | 1        | 2160
11       | 14      | HONEY-1    | はちみつ     | 2        | 1080
12       | 15      | SOAP-1     | せっけん     | 1        | 1080
13       | 16      | SOAP-1     | せっけん     | 1        | 1080
14       | 17      | SOAP-1     | せっけん     | 1        | 1080
15       | 18      | 15         | せっけん     | 1        | 1080
""")

OLDER_CUSTOMERS = said("""
source_id | family_name | given_name | family_kana | given_kana | phone         | email                    | postal_code | address                     | birth_date | gender | updated_at
1         | 佐藤        | 花子       | サトウ      | ハナコ     | 090-1111-0001 | hanako.sato@example.jp   | 154-0012    | 東京都世田谷区駒沢1-2-3     | 1985-04-12 | 女性   | 2018-02-03 09:15:32
2         | 田中        | 実         | タナカ      | ミノル     | 06-1111-0003  | minoru.tanaka@example.jp | 530-0001    | 大阪府大阪市北区梅田3-1     |            | 男性   | 2018-02-06 20:00:01
guest:12  | 鈴木        | 次郎       | スズキ      | ジロウ     | 000-0000-0000 | jiro.suzuki@example.jp   | 231-0023    | 神奈川県横浜市中区山下町7   |            |        | 2018-02-07 20:00:01
""")  # noqa: E501


@pytest.mark.parametrize(
    ("export", "kind"),
    [(ORDER_EXPORT, "orders"), (MEMBER_EXPORT, "customers"), (OLDER_EXPORT, "orders_3")],
    ids=["orders", "members", "version 3"],
)
def test_each_export_is_told_from_all_others(export, kind):
    found = recognise(export.header, load_formats())
    assert (found.format.name, found.kind.name, found.score) == ("eccube", kind, 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_samples_read_the_same_however_they_arrive(read, variant):
    make = VARIANTS[variant]
    orders, members = make(ORDER_EXPORT, "注文ID"), make(MEMBER_EXPORT, "会員ID")
    files = {f"o/o_{name}": content for name, content in orders.items()} | {
        f"m/m_{name}": content for name, content in members.items()
    }
    ingested = read(files, SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS
    assert held(ingested, "point_balances_reported") == BALANCES
    assert held(ingested, "point_entries") == []
    assert {(u.column, u.value) for u in ingested.unknown} == {("status", "取り置き")}


@pytest.mark.parametrize("variant", VARIANTS)
def test_version_3_reads_the_same_however_it_arrives(read, variant):
    ingested = read(VARIANTS[variant](OLDER_EXPORT, "注文ID"), ORDERS_ALONE)
    assert held(ingested, "orders") == OLDER_ORDERS
    assert held(ingested, "order_lines") == OLDER_LINES
    assert held(ingested, "customers") == OLDER_CUSTOMERS


@pytest.mark.parametrize(
    ("header", "columns"),
    [("税金", ["amount_excluding_tax"]), ("対応状況(名称)", []), ("送料", [])],
)
def test_a_column_the_shop_left_out_changes_only_what_rests_on_it(read, header, columns):
    ingested = read({"a.csv": ORDER_EXPORT.without(header).content()}, ORDERS_ALONE)
    assert held(ingested, "orders") == lacking(ORDERS, *columns)
    assert held(ingested, "order_lines") == LINES


def test_without_the_rate_of_tax_the_goods_are_reported_to_miss_it(read, rows):
    ingested = read({"a.csv": OLDER_EXPORT.without("税率").content()}, ORDERS_ALONE)
    assert held(ingested, "orders") == OLDER_ORDERS
    missed = {row["order_id"]: row["difference"] for row in rows(ingested.failing_totals)}
    assert missed == {"11": -240, "12": -80, "13": -80, "14": -80, "15": -80}
