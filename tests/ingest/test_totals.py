from __future__ import annotations

from decimal import Decimal

import pytest

from joren.ingest.adapted import Adapted
from joren.ingest.cart_reader import CartRead, KindRead
from joren.ingest.carts import Cart
from joren.ingest.kinds import Format, Kind, Totals
from joren.ingest.rules import number
from joren.ingest.totals import Compared, compare_totals, keep_figures

STATED = Totals(goods=number("total"))
KIND = Kind("orders", "orders", ("total",), ("total",))


def _cart(totals: Totals | None) -> CartRead:
    adapted = Adapted(KIND, (), {}, {}, {}, None, totals)
    cart = Cart("shop", Format("toy", "Toy", (KIND,)), (), frozenset())
    return CartRead(cart, (KindRead(adapted, {"orders": "_raw"}, ()),), (), (), ())


@pytest.fixture
def compared(con):
    """Orders are (id, reason, goods, parts, billed); lines are (order, amount, reason)."""

    def run(orders: list[tuple], lines: list[tuple], totals: Totals | None = STATED):
        con.raw_sql(
            "CREATE OR REPLACE TEMP TABLE _stage (_at BIGINT, source VARCHAR, order_id VARCHAR, "
            "_file VARCHAR, reason VARCHAR)"
        )
        con.raw_sql(
            "CREATE OR REPLACE TEMP TABLE _raw (_at BIGINT, order_id VARCHAR, _goods VARCHAR, "
            "_parts VARCHAR, _billed VARCHAR)"
        )
        con.raw_sql(
            "CREATE OR REPLACE TEMP TABLE _lines (source VARCHAR, order_id VARCHAR, "
            "amount DECIMAL(18, 4), reason VARCHAR)"
        )
        for at, (order, reason, *figures) in enumerate(orders):
            con.con.execute(
                "INSERT INTO _stage VALUES (?, 'shop', ?, 'o.csv', ?)", [at, order, reason]
            )
            con.con.execute("INSERT INTO _raw VALUES (?, ?, ?, ?, ?)", [at, order, *figures])
        for line in lines:
            con.con.execute("INSERT INTO _lines VALUES ('shop', ?, ?, ?)", [*line])
        keep_figures(con, "_stage", [_cart(totals)], "_figures")
        failing, counts = compare_totals(con, "_figures", "_lines", "_compared")
        rows = failing.order_by("check", "order_id").to_pyarrow().to_pylist()
        return rows, counts

    return run


def test_lines_are_held_against_the_goods_and_parts_against_the_bill(compared):
    rows, counts = compared(
        [("A", None, "100", "110", "110"), ("B", None, "100.5", "90", "91")],
        [("A", 60, None), ("A", 40, None), ("B", 100, None)],
    )
    assert counts == [Compared("shop", "lines", 2, 1), Compared("shop", "sum", 2, 1)]
    told = ("check", "order_id", "stated", "computed", "difference")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("lines", "B", Decimal("100.5"), 100, Decimal("-0.5")), ("sum", "B", 91, 90, -1),
    ]  # fmt: skip
    assert {row["file"] for row in rows} == {"o.csv"}


def test_an_order_whose_lines_are_missing_fails_with_nothing_computed(compared):
    rows, counts = compared(
        [("A", None, "100", None, None), ("B", None, "5", None, None)], [("B", 5, None)]
    )
    assert counts == [Compared("shop", "lines", 2, 1)]
    assert [(row["order_id"], row["computed"]) for row in rows] == [("A", 0)]


def test_doubted_orders_and_lines_are_in_no_comparison(compared):
    rows, counts = compared(
        [("A", None, "100", None, None), ("B", "duplicate", "7", "1", "2")],
        [("A", 100, None), ("A", 50, "duplicate")],
    )
    assert (rows, counts) == ([], [Compared("shop", "lines", 1, 0)])


def test_a_source_without_lines_is_not_compared_by_lines(compared):
    orders = [("A", None, "100", "10", "10")]
    assert compared(orders, []) == ([], [Compared("shop", "sum", 1, 0)])
    assert compared(orders, [("A", 1, "duplicate")])[1] == [Compared("shop", "sum", 1, 0)]


def test_figures_that_are_not_stated_are_not_compared(compared):
    assert compared([("A", None, None, "10", None)], [("A", 1, None)]) == ([], [])
    assert compared([("A", None, "1", "1", "2")], [("A", 2, None)], totals=None) == ([], [])
