from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, failing, held, lacking, said, sample

from joren.errors import InputError
from joren.ingest.recognise import load_formats, recognise

CURRENT = sample("rakuten/orders.csv")
LEGACY = sample("rakuten/orders_legacy.csv")
SOURCE = {"mall": {"format": "rakuten", "orders": "*.csv"}}

_1, _2, _3, _4, _5 = (
    "123456-20260301-0000000001",
    "123456-20260305-0000000002",
    "123456-20260331-0000000003",
    "123456-20260311-0000000004",
    "123456-20260320-0000000005",
)

ORDERS = said(f"""
order_id | source_id  | ordered_at          | amount | discount | mall_discount | points_used | channel | subscription_id | status
{_1}     | guest:{_1} | 2026-03-01 09:15:32 | 3450   | 300      | 200           | 100         | mall    |                 | valid
{_2}     | guest:{_1} | 2026-03-05 21:00:00 | 1530   | 0        | 0             | 0           | mall    |                 | valid
{_3}     | guest:{_3} | 2026-03-31 23:59:59 | 2000   | 0        | 0             | 0           | mall    |                 | pending
{_4}     | guest:{_4} | 2026-03-11 12:00:00 | 0      | 0        | 0             | 0           | mall    |                 | cancelled
{_5}     | guest:{_4} | 2026-03-20 07:00:00 | 3300   | 0        | 0             | 0           | mall    | R-100           | valid
""")  # noqa: E501

LINES = said(f"""
order_id | line_no | product_id | product_name | quantity | amount
{_1}     | 1       | SOAP-1     | せっけん     | 2        | 2400
{_1}     | 2       | TOWEL-1    | タオル       | 1        | 800
{_2}     | 1       | SOAP-1     | せっけん     | 1        | 1200
{_3}     | 1       | tenugui    | 手ぬぐい     | 2        | 2000
{_4}     | 1       | SOAP-1     | せっけん     | 0        | 0
{_5}     | 1       | HONEY-1    | はちみつ     | 1        | 1000
{_5}     | 2       | HONEY-1    | はちみつ     | 1        | 1000
""")

CUSTOMERS = said(f"""
source_id  | family_name | given_name | family_kana | given_kana | phone         | email                     | postal_code | address                 | gender | updated_at
guest:{_1} | 佐藤        | 花子       | サトウ      | ハナコ     | 090-1111-0001 | hanako.sato@example.jp    | 154-0012    | 東京都世田谷区駒沢1-2-3 | 女     | 2026-03-05 21:00:00
guest:{_3} | 田中        | 実         | タナカ      | ミノル     | 000-0000-0000 | minoru.tanaka@example.jp  |             | 東京都                  | 男     | 2026-03-31 23:59:59
guest:{_4} | 髙橋        | 陽子       | タカハシ    | ヨウコ     | 03-1111-0005  | yoko.takahashi@example.jp | 150-0001    | 東京都渋谷区神宮前8-9   | 女     | 2026-03-20 07:00:00
""")  # noqa: E501

LEGACY_ORDERS = said("""
order_id             | source_id                  | ordered_at          | amount | discount | mall_discount | points_used | channel | status
123456-20170301-0001 | guest:123456-20170301-0001 | 2017-03-01 09:15:32 | 2660   | 0        | 0             | 100         | mall    | valid
123456-20170302-0002 | guest:123456-20170302-0002 | 2017-03-02 10:00:00 | 1000   | 200      | 0             | 0           | mall    | pending
123456-20170303-0003 | guest:123456-20170301-0001 | 2017-03-03 11:00:00 | 600    | 0        | 100           | 0           | mall    | pending
123456-20170304-0004 | guest:123456-20170301-0001 | 2017-03-04 12:00:00 | 600    | 0        | 0             | 0           | mall    | cancelled
123456-20170305-0005 | guest:123456-20170301-0001 | 2017-03-05 13:00:00 | 800    | 0        | 0             | 0           | mall    | returned
""")  # noqa: E501

LEGACY_LINES = said("""
order_id             | line_no | product_id | product_name | quantity | amount
123456-20170301-0001 | 1       | SOAP-1     | せっけん     | 2        | 1200
123456-20170301-0001 | 2       | TOWEL-1    | タオル       | 1        | 800
123456-20170302-0002 | 1       | 1001       | 手ぬぐい     | 1        | 1200
123456-20170303-0003 | 1       | SOAP-1     | せっけん     | 1        | 600
123456-20170304-0004 | 1       | SOAP-1     | せっけん     | 1        | 600
123456-20170305-0005 | 1       | TOWEL-1    | タオル       | 1        | 800
""")

LEGACY_CUSTOMERS = said("""
source_id                  | family_name | given_name | family_kana | given_kana | phone         | email                  | postal_code | address                 | birth_date | gender | updated_at
guest:123456-20170301-0001 | 佐藤        | 花子       | サトウ      | ハナコ     | 090-1111-0001 | hanako.sato@example.jp | 154-0012    | 東京都世田谷区駒沢1-2-3 | 1980-01-02 | 女     | 2017-03-05 13:00:00
guest:123456-20170302-0002 | 田中        | 実         | タナカ      | ミノル     | 000-0000-0000 |                        |             |                         |            | 男     | 2017-03-02 10:00:00
""")  # noqa: E501


@pytest.mark.parametrize(("export", "kind"), [(CURRENT, "orders"), (LEGACY, "orders_legacy")])
def test_each_version_is_told_from_all_others(export, kind):
    found = recognise(export.header, load_formats())
    assert (found.format.name, found.kind.name, found.score) == ("rakuten", kind, 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_current_file_reads_the_same_however_it_arrives(read, variant):
    ingested = read(VARIANTS[variant](CURRENT, "注文番号"), SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS
    assert held(ingested, "point_entries") == []
    assert failing(ingested) == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_legacy_file_reads_the_same_however_it_arrives(read, variant):
    ingested = read(VARIANTS[variant](LEGACY, "受注番号"), SOURCE)
    assert held(ingested, "orders") == LEGACY_ORDERS
    assert held(ingested, "order_lines") == LEGACY_LINES
    assert held(ingested, "customers") == LEGACY_CUSTOMERS


def test_both_versions_may_lie_in_one_folder(read):
    files = {"2017.csv": LEGACY.content(), "2026.csv": CURRENT.content()}
    ingested = read(files, SOURCE)
    ids = {row["order_id"] for row in held(ingested, "orders")}
    assert ids == {row["order_id"] for row in [*ORDERS, *LEGACY_ORDERS]}


def test_without_optional_columns_only_what_they_give_is_missing(read):
    ingested = read(
        {"a.csv": CURRENT.without("店舗発行クーポン利用額", "申込番号").content()}, SOURCE
    )
    assert held(ingested, "orders") == lacking(ORDERS, "discount", "subscription_id")
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS


def test_without_the_malls_coupons_the_file_is_refused_by_name(read):
    with pytest.raises(InputError, match="楽天発行クーポン利用額"):
        read({"a.csv": CURRENT.without("楽天発行クーポン利用額").content()}, SOURCE)


def test_headers_of_another_spelling_are_known(read):
    text = LEGACY.content().decode("cp932")
    for old, new in (("請求金額(-99999=無効値)", "請求金額"), ("１", "1"), ("：", ":")):
        text = text.replace(old, new)
    ingested = read({"a.csv": text.encode("cp932")}, SOURCE)
    assert held(ingested, "orders") == LEGACY_ORDERS
    assert held(ingested, "customers") == LEGACY_CUSTOMERS


def test_parts_that_do_not_add_up_to_the_bill_are_reported(read):
    ingested = read({"a.csv": CURRENT.with_cell(4, "送料合計", "500").content()}, SOURCE)
    assert failing(ingested) == [(_2, "sum", 1530, 2030)]
    assert held(ingested, "orders") == ORDERS


def test_an_order_whose_rows_disagree_on_its_total_is_set_aside(read, reasons):
    changed = CURRENT.with_cell(3, "請求金額", "9999")
    ingested = read({"a.csv": changed.content()}, SOURCE)
    assert "conflicting:amount" in reasons(ingested).values()
    assert {row["order_id"] for row in held(ingested, "orders")} == {_2, _3, _4, _5}


def test_a_status_of_the_shop_is_read_as_the_parameters_say(read):
    changed = CURRENT.with_cell(4, "ステータス", "取置き")
    source = {
        "mall": {"format": "rakuten", "orders": {"path": "*.csv", "status": {"取置き": "valid"}}}
    }
    ingested = read({"a.csv": changed.content()}, source)
    assert ingested.unknown == []
    assert held(ingested, "orders") == ORDERS
