from __future__ import annotations

import pytest

from joren.ingest.adapted import Adapted
from joren.ingest.cart_reader import CartRead, KindRead
from joren.ingest.carts import Cart
from joren.ingest.emission import BUYER
from joren.ingest.guests import derive_customers, name_guests
from joren.ingest.inputs import TableInput
from joren.ingest.kinds import Buyer, Format, Kind
from joren.ingest.rules import cell

KIND = Kind("orders", "orders", ("mail",), ("mail",))


@pytest.fixture
def bought(con):
    """Orders as they are staged, and the raw ones beside them.

    An order is (id, member, day, contact, reason, mail).
    """

    def make(*orders: tuple, anonymous: bool = False, described: bool = True) -> CartRead:
        con.raw_sql(
            "CREATE OR REPLACE TEMP TABLE _stage (_at BIGINT, source VARCHAR, order_id VARCHAR, "
            "source_id VARCHAR, ordered_at TIMESTAMP, reason VARCHAR)"
        )
        mail = f', "{BUYER}email" VARCHAR' if described else ""
        con.raw_sql(
            "CREATE OR REPLACE TEMP TABLE _raw (_at BIGINT, _row BIGINT, _file VARCHAR, "
            f"_contact VARCHAR{mail})"
        )
        for at, (order, member, day, contact, reason, email) in enumerate(orders):
            staged = [at, "shop", order, member, f"2026-01-{day:02}", reason]
            con.con.execute("INSERT INTO _stage VALUES (?, ?, ?, ?, ?, ?)", staged)
            told = [at, at + 2, "o.csv", contact, *([email] if described else [])]
            con.con.execute(f"INSERT INTO _raw VALUES ({', '.join('?' * len(told))})", told)
        con.raw_sql(
            "CREATE OR REPLACE TEMP TABLE _members "
            "(source VARCHAR, source_id VARCHAR, reason VARCHAR)"
        )
        buyer = Buyer({"email": cell("mail")}, contact=(cell("mail"),), anonymous=anonymous)
        inputs = {"customers": TableInput("shop", "customers", ())}
        adapted = Adapted(KIND, (), {}, {}, inputs, buyer, None)
        cart = Cart("shop", Format("toy", "Toy", (KIND,)), (), frozenset())
        return CartRead(cart, (KindRead(adapted, {"orders": "_raw"}, ()),), (), (), ())

    return make


def _named(con) -> dict[str, str | None]:
    return dict(con.raw_sql("SELECT order_id, source_id FROM _stage").fetchall())


def test_one_contact_is_one_guest_named_after_the_earliest_order(con, bought):
    cart = bought(
        ("B", None, 5, "a", None, "a"), ("A", None, 3, "a", None, "a"),
        ("C", None, 3, "a", None, "a"), ("D", None, 1, "b", None, "b"),
    )  # fmt: skip
    name_guests(con, "_stage", cart)
    assert _named(con) == {"A": "guest:A", "B": "guest:A", "C": "guest:A", "D": "guest:D"}


def test_members_keep_their_id_and_doubted_orders_name_nobody(con, bought):
    cart = bought(
        ("A", "M1", 1, "a", None, "a"), ("B", None, 2, "a", "unreadable:amount", "a"),
        ("C", None, 3, "a", None, "a"),
    )  # fmt: skip
    name_guests(con, "_stage", cart)
    assert _named(con) == {"A": "M1", "B": None, "C": "guest:C"}


@pytest.mark.parametrize(("anonymous", "found"), [(False, "guest:A"), (True, None)])
def test_who_left_no_contact_is_a_guest_of_one_order_or_nobody_at_a_till(
    con, bought, anonymous, found
):
    cart = bought(
        ("A", None, 1, None, None, None), ("B", None, 2, "b", None, "b"), anonymous=anonymous
    )
    name_guests(con, "_stage", cart)
    assert _named(con) == {"A": found, "B": "guest:B"}


def test_two_orders_without_contact_are_two_guests(con, bought):
    name_guests(
        con, "_stage", bought(("A", None, 1, None, None, None), ("B", None, 1, None, None, None))
    )
    assert _named(con) == {"A": "guest:A", "B": "guest:B"}


def test_a_customer_is_described_by_the_newest_order(con, bought):
    cart = bought(
        ("A", "M1", 9, None, None, "new@example.jp"), ("B", "M1", 2, None, None, "old@example.jp"),
        ("C", None, 9, None, None, "nobody@example.jp"), ("D", "M2", 1, None, "x", "d@example.jp"),
    )  # fmt: skip
    (raw,) = derive_customers(con, "_stage", "_members", cart, "_derived")
    rows = con.table(raw.name).select("source", "source_id", "email").to_pyarrow().to_pylist()
    assert rows == [{"source": "shop", "source_id": "M1", "email": "new@example.jp"}]
    assert raw.present == {"source", "source_id", "email"}
    assert raw.table == "customers"


def test_what_a_member_file_says_is_not_taken_from_orders(con, bought):
    cart = bought(("A", "M1", 1, None, None, "a"), ("B", "M2", 1, None, None, "b"))
    con.raw_sql("INSERT INTO _members VALUES ('shop', 'M1', NULL), ('shop', 'M2', 'duplicate')")
    (raw,) = derive_customers(con, "_stage", "_members", cart, "_derived")
    assert con.table(raw.name).to_pyarrow()["source_id"].to_pylist() == ["M2"]


def test_orders_that_describe_nobody_give_no_customers(con, bought):
    cart = bought(("A", "M1", 1, None, None, None), described=False)
    assert derive_customers(con, "_stage", "_members", cart, "_derived") == []
