from __future__ import annotations

import pytest
from tests.ingest.formats.variants import VARIANTS, held, lacking, said, sample

from joren.ingest.recognise import load_formats, recognise

TRANSACTIONS, ITEMS = sample("smaregi/torihiki.csv"), sample("smaregi/meisai.csv")
SOURCE = {"pos": {"format": "smaregi", "orders": "t/*.csv", "order_lines": "m/*.csv"}}

ORDERS = said("""
order_id | source_id | ordered_at          | amount | amount_excluding_tax | discount | points_used | points_granted | channel | store | status
1001     | M001      | 2026-02-03 10:05:11 | 3280   | 3000                 | 0        | 0           | 32             | pos     | 1     | valid
1002     |           | 2026-02-03 11:20:00 | 540    | 500                  | 0        | 0           | 0              | pos     | 1     | valid
1003     | M002      | 2026-02-04 12:00:30 | 4070   | 3700                 | 300      | 50          | 40             | pos     | 2     | valid
1004     | M001      | 2026-02-05 09:30:00 | 540    | 500                  | 0        | 0           | 5              | pos     | 1     | cancelled
1005     | M001      | 2026-02-06 18:45:09 | -2200  | -2000                | 0        | 0           | -22            | pos     | 1     | valid
1006     | M002      | 2026-02-06 19:00:00 | -540   | -500                 | 0        | -40         | 0              | pos     | 2     | valid
1014     | M003      | 2026-02-09 15:00:00 | 990    | 900                  | 0        | 0           | 9              | pos     | 2     | valid
""")  # noqa: E501

LINES = said("""
order_id | line_no | product_id    | product_name | category | quantity | amount
1001     | 1       | 4900000000017 | 緑茶         | 食品     | 1        | 1080
1001     | 2       | 4900000000024 | 手ぬぐい     | 雑貨     | 1        | 2200
1002     | 1       | 4900000000031 | あめ         | 食品     | 1        | 540
1003     | 1       | 4900000000024 | 手ぬぐい     | 雑貨     | 2        | 4180
1004     | 1       | 4900000000031 | あめ         | 食品     | 1        | 540
1005     | 1       | 4900000000024 | 手ぬぐい     | 雑貨     | -1       | -2200
1006     | 1       | 4900000000031 | あめ         | 食品     | -1       | -540
1014     | 1       | 雑貨          |              | 雑貨     | 1        | 990
""")

CUSTOMERS = said("""
source_id | card_no
M001      | 2900000000018
M002      | 2900000000025
M003      | 2900000000032
""")

POINTS = said("""
entry_id   | source_id | account | occurred_at         | kind   | points | order_id
1001:grant | M001      | M001    | 2026-02-03 10:05:11 | grant  | 32     | 1001
1003:grant | M002      | M002    | 2026-02-04 12:00:30 | grant  | 40     | 1003
1003:use   | M002      | M002    | 2026-02-04 12:00:30 | use    | 50     | 1003
1005:grant | M001      | M001    | 2026-02-06 18:45:09 | adjust | -22    | 1005
1006:use   | M002      | M002    | 2026-02-06 19:00:00 | adjust | 40     | 1006
1008       | M002      | M002    | 2026-02-07 10:00:00 | grant  | 100    |
1009       | M002      | M002    | 2026-02-07 10:10:00 | adjust | -30    |
1010       | M001      | M001    | 2026-02-08 00:00:00 | expire | 10     |
1014:grant | M003      | M003    | 2026-02-09 15:00:00 | grant  | 9      | 1014
""")

BALANCES = said("""
source_id | account | as_of               | balance
M001      | M001    | 2026-02-08 00:00:00 | 100
M002      | M002    | 2026-02-07 10:10:00 | 300
""")


def _files(transactions, items):
    return {f"t/t_{name}": content for name, content in transactions.items()} | {
        f"m/m_{name}": content for name, content in items.items()
    }


def _whole(one):
    return {"a.csv": one.content()}


@pytest.mark.parametrize(
    ("export", "kind"), [(TRANSACTIONS, "orders"), (ITEMS, "order_lines")], ids=["orders", "lines"]
)
def test_both_exports_are_told_from_all_others(export, kind):
    found = recognise(export.header, load_formats())
    assert (found.format.name, found.kind.name, found.score) == ("smaregi", kind, 1)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_samples_read_the_same_however_they_arrive(read, variant):
    make = VARIANTS[variant]
    ingested = read(_files(make(TRANSACTIONS, "取引ID"), make(ITEMS, "取引ID")), SOURCE)
    assert held(ingested, "orders") == ORDERS
    assert held(ingested, "order_lines") == LINES
    assert held(ingested, "customers") == CUSTOMERS
    assert held(ingested, "point_entries") == POINTS
    # each file tells the last balance it knows: more files tell more
    told = held(ingested, "point_balances_reported")
    assert [row for row in told if row in BALANCES] == BALANCES
    assert told == BALANCES or variant == "in pieces"


def test_rows_that_are_no_purchases_are_set_aside_by_name(read, rows):
    ingested = read(_files(_whole(TRANSACTIONS), _whole(ITEMS)), SOURCE)
    assert [
        (row["table_name"], row["row_number"], row["reason"]) for row in rows(ingested.quarantine)
    ] == [
        ("orders", 8, "not_a_purchase"),
        ("orders", 13, "not_a_purchase"),
        ("orders", 14, "unknown_status"),
        ("point_entries", 12, "missing:source_id"),
    ]
    assert [(u.column, u.value) for u in ingested.unknown] == [("status", "9")]


def test_without_the_members_column_point_events_are_doubted_for_it(read, rows):
    bare = TRANSACTIONS.without("会員ID").without("付与ポイント").without("使用ポイント")
    ingested = read(
        {"t/a.csv": bare.content()}, {"pos": {"format": "smaregi", "orders": "t/*.csv"}}
    )
    assert held(ingested, "point_entries") == []
    doubted = [r for r in rows(ingested.quarantine) if r["table_name"] == "point_entries"]
    assert {row["row_number"] for row in doubted} == {9, 10, 11, 12}
    assert {row["reason"] for row in doubted} == {"missing:source_id"}
    assert {row.get("source_id") for row in held(ingested, "orders")} == {None}


def test_what_the_shop_left_out_of_one_file_comes_from_the_other(read):
    bare = TRANSACTIONS
    for header in ("会員ID", "会員コード", "付与ポイント", "使用ポイント", "店舗ID"):
        bare = bare.without(header)
    ingested = read(_files(_whole(bare), _whole(ITEMS)), SOURCE)
    assert held(ingested, "orders") == ORDERS
    from_sales = [row for row in POINTS if ":" in row["entry_id"]]
    assert held(ingested, "point_entries") == from_sales


def test_items_alone_give_orders_that_nothing_says_were_cancelled(read):
    ingested = read(
        {"m/a.csv": ITEMS.content()}, {"pos": {"format": "smaregi", "orders": "m/*.csv"}}
    )
    assert held(ingested, "orders") == [{**row, "status": "valid"} for row in ORDERS]
    cancelled = {"entry_id": "1004:grant"}
    entries = {row["entry_id"] for row in held(ingested, "point_entries")}
    assert entries == {r["entry_id"] for r in [*POINTS, cancelled] if ":" in r["entry_id"]}


def test_a_mapped_word_lets_a_transaction_and_its_points_count(read):
    one = TRANSACTIONS.with_cell(14, "付与ポイント", "55").with_cell(14, "会員ID", "M009")
    mapped = {"path": "t/*.csv", "status": {"9": "valid"}}
    ingested = read({"t/a.csv": one.content()}, {"pos": {"format": "smaregi", "orders": mapped}})
    assert "1013" in {row["order_id"] for row in held(ingested, "orders")}
    assert "1013:grant" in {row["entry_id"] for row in held(ingested, "point_entries")}


@pytest.mark.parametrize(
    ("header", "column"), [("小計", "amount_excluding_tax"), ("取消区分", "status")]
)
def test_a_column_the_shop_left_out_changes_only_what_rests_on_it(read, header, column):
    ingested = read({"t/a.csv": TRANSACTIONS.without(header).content()}, {
        "pos": {"format": "smaregi", "orders": "t/*.csv"}
    })  # fmt: skip
    kept = [row for row in ORDERS if row["order_id"] != "1014"]
    assert lacking(held(ingested, "orders"), column, "discount") == lacking(
        kept, column, "discount"
    )
