from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from joren.ingest.cart_reader import read_cart
from joren.ingest.carts import Cart, look_at
from joren.ingest.inputs import RawFile, TableInput
from joren.ingest.kinds import Format, Kind, Projection
from joren.ingest.rules import cell, const, filled, number, one_of

HEADERS = ("no", "date", "total", "sku", "qty", "type", "rank", "skus", "qtys")
ORDERS = Projection(
    {"order_id": cell("no"), "ordered_at": cell("date"), "amount": cell("total")},
    key=cell("no"),
    head=cell("date"),
    agree=("amount",),
)
LINES = Projection(
    {
        "order_id": cell("no"),
        "product_id": cell("sku"),
        "quantity": cell("qty"),
        "amount": cell("qty"),
    }
)


def _kind(name: str = "orders", orders: Projection | None = ORDERS, **tables: Projection) -> Kind:
    return Kind(
        name, "a file", HEADERS, ("no",), orders=orders,
        tables={table: (projection,) for table, projection in tables.items()},
    )  # fmt: skip


@pytest.fixture
def held(con, tmp_path: Path):
    """Read files as one cart; the raw rows of its tables without what is null."""

    def run(files: dict[str, str], *kinds: Kind) -> dict[str, list[dict]]:
        format = Format("toy", "Toy", kinds)
        raws = []
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
            raws.append(RawFile(tmp_path / name, name))
        entry = TableInput("shop", "orders", tuple(raws), cart="toy")
        found = [look_at(raw, entry, format) for raw in raws]
        known = tuple(one for one in found if one is not None)
        cart = read_cart(con, Cart("shop", format, known, frozenset()), 0)
        rows: dict[str, list[dict]] = {}
        for raw in cart.raws:
            table = con.table(raw.name)
            for row in table.order_by("_at").to_pyarrow().to_pylist():
                kept = {k: v for k, v in row.items() if v is not None and k not in ("_at", "_file")}
                rows.setdefault(raw.table, []).append(kept)
        rows["read"] = [
            {"table": r.table, "file": r.file, "rows": r.rows, "folded": r.rows_folded}
            for r in cart.reads
        ]
        return rows

    return run


def test_repeated_and_empty_continuation_rows_make_one_order_and_each_a_line(held):
    text = "no,date,total,sku,qty\nA,d1,100,x,1\nA,,,y,2\nB,d2,5,x,1\nB,d2,5,z,1\n"
    rows = held({"a.csv": text}, _kind(order_lines=LINES))
    assert rows["orders"] == [
        {"_row": 2, "order_id": "A", "ordered_at": "d1", "amount": "100"},
        {"_row": 4, "order_id": "B", "ordered_at": "d2", "amount": "5"},
    ]
    assert [(r["order_id"], r["product_id"]) for r in rows["order_lines"]] == [
        ("A", "x"), ("A", "y"), ("B", "x"), ("B", "z"),
    ]  # fmt: skip
    assert rows["read"] == [
        {"table": "orders", "file": "a.csv", "rows": 4, "folded": 2},
        {"table": "order_lines", "file": "a.csv", "rows": 4, "folded": 0},
    ]


def test_the_head_need_not_be_the_first_row(held):
    rows = held({"a.csv": "no,date,total\nA,,\nA,d1,100\n"}, _kind())
    assert rows["orders"] == [{"_row": 3, "order_id": "A", "ordered_at": "d1", "amount": "100"}]


def test_rows_of_one_order_that_contradict_each_other_are_doubted(held):
    rows = held({"a.csv": "no,date,total\nA,d1,100\nA,d1,90\nB,d1,1\nB,d1,\n"}, _kind())
    assert [row.get("_fault") for row in rows["orders"]] == ["conflicting:amount", None]


def test_rows_without_a_key_are_orders_of_their_own(held):
    rows = held({"a.csv": "no,date,total\n,d1,1\n,d1,2\n"}, _kind())
    assert [row["amount"] for row in rows["orders"]] == ["1", "2"]


def test_broken_rows_and_rows_of_no_record_are_kept_once_under_the_main_table(held):
    sales = one_of(cell("type"), "1")
    kind = _kind(orders=replace(ORDERS, where=sales), order_lines=replace(LINES, where=sales))
    text = "no,date,total,sku,qty,type\nA,d1,1,x,1,1\nB,d1,9,,,２\nC,d1\nD,d1,1,x,1,１\n"
    rows = held({"a.csv": text}, kind)
    assert [(r["_row"], r.get("_fault")) for r in rows["orders"]] == [
        (2, None), (3, "not_a_purchase"), (4, "ragged_row"), (5, None),
    ]  # fmt: skip
    assert [row["_row"] for row in rows["order_lines"]] == [2, 5]


def test_lists_in_cells_make_a_record_for_each_item(held):
    columns = {"order_id": cell("no"), "product_id": cell("skus"), "quantity": cell("qtys")}
    lines = Projection(columns | {"amount": cell("total")}, items=(cell("skus"), cell("qtys")))
    text = 'no,date,total,skus,qtys\nA,d,1,"x, y","1,2"\nB,d,1,z,\nC,d,1,"x,y","1"\nD,d,1,,\n'
    rows = held({"a.csv": text}, _kind(order_lines=lines))["order_lines"]
    assert [(r["order_id"], r["product_id"], r.get("quantity"), r.get("_fault")) for r in rows] == [
        ("A", "x", "1", None), ("A", "y", "2", None), ("B", "z", None, None),
        ("C", "x,y", "1", "misaligned_items"),
    ]  # fmt: skip


def test_the_row_with_the_lowest_number_or_the_last_row_may_stand_for_the_record(held):
    columns = {"subscription_id": cell("no"), "started_at": cell("date")}
    columns |= {"source_id": const("C"), "product_id": const("P")}
    lowest = Projection(columns, key=cell("no"), lowest=number("rank"))
    balance = {"source_id": cell("no"), "balance": cell("total"), "as_of": cell("date")}
    last = Projection(balance, key=cell("no"), take="last")
    text = "no,date,total,rank\nA,d1,1,3\nA,d2,2,1\nA,d3,3,2\n"
    rows = held({"a.csv": text}, _kind(subscriptions=lowest, point_balances_reported=last))
    assert [row["started_at"] for row in rows["subscriptions"]] == ["d2"]
    assert [row["balance"] for row in rows["point_balances_reported"]] == ["3"]


def test_figures_may_be_added_up_over_the_rows_of_a_record(held):
    summed = replace(ORDERS, agree=(), summed=("amount",))
    text = 'no,date,total\nA,d1,"1,000"\nA,d1,20.5\nB,d1,1\nB,d1,abc\n'
    rows = held({"a.csv": text}, _kind(orders=summed))["orders"]
    assert [row["amount"] for row in rows] == ["1020.5000", "abc"]


def test_filling_records_complete_others_and_stand_for_themselves_where_there_are_none(held):
    more = Kind(
        "more", "details", ("no", "store", "memo"), ("no", "store"),
        orders=Projection(
            {"order_id": cell("no"), "store": cell("store"), "amount": const("7")},
            key=cell("no"), fills=True,
        ),
    )  # fmt: skip
    files = {"a.csv": "no,date,total\nA,d1,100\nB,d1,\n", "b.csv": "no,store\nA,S1\nB,S2\nC,S3\n"}
    rows = held(files, _kind(), more)
    assert sorted((r["order_id"], r["amount"], r["store"]) for r in rows["orders"]) == [
        ("A", "100", "S1"), ("B", "7", "S2"), ("C", "7", "S3"),
    ]  # fmt: skip
    assert [row["folded"] for row in rows["read"]] == [0, 2]


def test_a_condition_may_ask_whether_a_cell_is_filled(held):
    lines = replace(LINES, where=filled("sku"))
    rows = held({"a.csv": "no,date,total,sku,qty\nA,d,1,x,1\nA,,,,\n"}, _kind(order_lines=lines))
    assert [row["_row"] for row in rows["order_lines"]] == [2]
