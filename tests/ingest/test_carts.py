from __future__ import annotations

from pathlib import Path

import pytest

from joren.errors import InputError
from joren.ingest.carts import Cart, lacking_columns, look_at, sort_out
from joren.ingest.inputs import RawFile, TableInput
from joren.ingest.kinds import Format, Kind, Projection
from joren.ingest.rules import cell, const, first

ORDERS = Kind(
    "orders", "a list of orders", ("no", "date", "total", "memo"), ("no",),
    orders=Projection(
        {"order_id": cell("no"), "ordered_at": cell("date"), "amount": first("total", "memo")}
    ),
)  # fmt: skip
TOY = Format("toy", "Toy", (ORDERS,))
SHOPIFY = (
    "Name,Email,Financial Status,Created at,Subtotal,Shipping,Total,Discount Amount,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at\n"
)


@pytest.fixture
def listed(tmp_path: Path):
    """An entry of the parameters that lists files written for it."""

    def make(table: str, *files: tuple[str, str], cart: str | None = "toy", **spec) -> TableInput:
        for name, text in files:
            (tmp_path / name).write_text(text, encoding="utf-8")
        raws = tuple(RawFile(tmp_path / name, name) for name, _ in files)
        return TableInput("shop", table, raws, cart=cart, **spec)

    return make


def _look(entry: TableInput, format: Format = TOY):
    return look_at(entry.files[0], entry, format)


def test_a_file_is_known_by_its_headers_in_any_order_and_delimiter(listed):
    found = _look(listed("orders", ("a.csv", "total;date;NO\n")))
    assert found.kind is ORDERS
    assert found.delimiter == ";"
    assert [found.position((name, 1)) for name in ("no", "date", "total", "memo")] == [
        2,
        1,
        0,
        None,
    ]


def test_a_header_named_in_the_parameters_has_a_place_though_no_rule_asks_for_it(listed):
    found = _look(listed("orders", ("a.csv", "no,date,total,店の列\n")))
    assert found.position(("店の列", 1)) == 3
    assert found.position(("店の列", 2)) is None


def test_of_two_headers_that_differ_in_case_alone_one_does_not_stand_for_the_other(listed):
    both = Kind(
        "orders", "orders", ("no", "Total", "total"), ("no",),
        orders=Projection({"order_id": cell("no"), "amount": cell("total")}),
    )  # fmt: skip
    entry = listed("orders", ("a.csv", "no,Total\n"), constants={"ordered_at": "2026-01-01"})
    found = _look(entry, Format("toy", "Toy", (both,)))
    assert found.position(("Total", 1)) == 1
    assert found.position(("total", 1)) is None


def test_the_table_a_file_is_listed_under_must_be_one_that_its_kind_gives(listed):
    with pytest.raises(InputError, match=r"holds no subscriptions.*[Ll]ist it under orders"):
        _look(listed("subscriptions", ("a.csv", "no,date,total\n")))


def test_a_strange_file_is_mapped_by_hand_where_columns_say_how_and_else_refused(listed):
    strange = ("m.csv", "会員番号,氏名\n")
    assert _look(listed("customers", strange, columns={"source_id": "会員番号"})) is None
    assert _look(listed("customers", ("c.csv", "source_id,full_name\n"))) is None
    with pytest.raises(InputError, match=r"no export of Toy: .* needs 'no'"):
        _look(listed("customers", strange))


def test_columns_the_main_table_needs_must_have_a_rule_or_a_mapping(listed):
    found = _look(listed("orders", ("a.csv", "no,total\n")))
    assert lacking_columns(found, "orders", ORDERS.orders) == ["ordered_at"]
    mapped = _look(listed("orders", ("a.csv", "no,total,日\n"), columns={"ordered_at": "日"}))
    assert lacking_columns(mapped, "orders", ORDERS.orders) == []
    fixed = _look(listed("orders", ("a.csv", "no,total\n"), constants={"ordered_at": "2026-01-01"}))
    assert lacking_columns(fixed, "orders", ORDERS.orders) == []


def test_one_of_several_cells_is_enough_and_filling_rules_need_none(listed):
    found = _look(listed("orders", ("a.csv", "no,date,memo\n")))
    assert lacking_columns(found, "orders", ORDERS.orders) == []
    filling = Projection({"order_id": const("x")}, fills=True)
    assert lacking_columns(found, "orders", filling) == []


def test_one_file_listed_under_two_tables_is_read_once_with_both_entries(listed):
    file = ("o.csv", SHOPIFY)
    orders = listed("orders", file, cart="shopify")
    lines = listed("order_lines", file, cart="shopify", words={"kind": {}})
    (cart,) = sort_out([orders, lines])
    assert isinstance(cart, Cart)
    (one,) = cart.files
    assert dict(one.entries) == {"orders": orders, "order_lines": lines}


def test_members_mapped_by_hand_stand_beside_the_cart_unless_left_out(listed):
    orders = listed("orders", ("o.csv", SHOPIFY), cart="shopify")
    columns = {"source_id": "会員番号"}
    members = listed("customers", ("m.csv", "会員番号\n"), cart="shopify", columns=columns)
    cart, by_hand = sort_out([orders, members])
    assert [file.file.name for file in cart.files] == ["o.csv"]
    assert (by_hand.table, by_hand.cart, by_hand.files) == ("customers", None, members.files)
    without = frozenset({"customers"})
    left_out = [
        listed("orders", ("o.csv", SHOPIFY), cart="shopify", without=without),
        listed(
            "customers", ("m.csv", "会員番号\n"), cart="shopify", columns=columns, without=without
        ),
    ]
    (alone,) = sort_out(left_out)
    assert alone.without == without


def test_tables_of_other_formats_pass_unchanged(listed):
    plain = listed("orders", ("p.csv", "order_id\n"), cart=None)
    assert sort_out([plain]) == [plain]


def test_a_mapping_to_a_header_that_is_not_there_names_the_nearest(listed):
    entry = listed("orders", ("o.csv", SHOPIFY), cart="shopify", columns={"amount": "Totel"})
    with pytest.raises(InputError, match="nearest header is 'Total'"):
        sort_out([entry])


def test_files_come_in_the_order_of_their_names_by_kind(listed):
    text = "no,date,total\n"
    files = tuple(
        look_at(raw, entry, TOY)
        for entry in [listed("orders", ("b.csv", text), ("a.csv", text))]
        for raw in entry.files
    )
    cart = Cart("shop", TOY, files, frozenset())
    assert {name: len(many) for name, many in cart.of_kind().items()} == {"orders": 2}
