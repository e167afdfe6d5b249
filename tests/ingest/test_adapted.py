from __future__ import annotations

from pathlib import Path

import pytest

from joren.ingest.adapted import Adapted, adapt
from joren.ingest.carts import Cart, look_at
from joren.ingest.inputs import RawFile, TableInput
from joren.ingest.kinds import Buyer, Format, Kind, Projection, Totals
from joren.ingest.rules import Cell, Const, Word, cell, filled, first, number, parts, when, word

STATUS = word("state", {"済": "valid", "保留": "pending"})
HEADERS = ("no", "date", "total", "sku", "state", "member", "mail")


def _kind(**others) -> Kind:
    orders = {"order_id": cell("no"), "ordered_at": cell("date"), "amount": number("total")}
    lines = {
        "order_id": cell("no"), "product_id": cell("sku"), "quantity": Const("1"),
        "amount": number("total"),
    }  # fmt: skip
    described = {
        "orders": Projection(orders | {"status": when(filled("state"), STATUS, Const("valid"))}),
        "buyer": Buyer({"email": cell("mail")}, member=cell("member"), contact=(cell("mail"),)),
        "totals": Totals(goods=number("total")),
        "tables": {"order_lines": (Projection(lines),)},
    }
    return Kind("orders", "orders", HEADERS, ("no",), **described | others)


@pytest.fixture
def adapted(tmp_path: Path):
    """A kind as files with some headers and entries use it."""

    def make(
        *headers: str, kind: Kind | None = None, without: tuple[str, ...] = (), **entry
    ) -> Adapted:
        format = Format("toy", "Toy", (kind or _kind(),))
        files = []
        for n, header in enumerate(headers):
            path = tmp_path / f"{n}.csv"
            path.write_text(f"{header}\n", encoding="utf-8")
            raw = RawFile(path, path.name)
            listed = TableInput("shop", "orders", (raw,), cart="toy", **entry)
            files.append(look_at(raw, listed, format))
        cart = Cart("shop", format, tuple(files), frozenset(without))
        return adapt(cart, files)

    return make


ALL = ",".join(HEADERS)


def _vocabulary(made: Adapted, column: str = "status") -> dict[str, str]:
    rule = made.tables["orders"][0].columns[column]
    (found,) = (part for part in parts(rule) if isinstance(part, Word))
    return dict(found.meanings)


def test_without_parameters_of_its_own_a_kind_is_used_as_it_is(adapted):
    made = adapted(ALL)
    assert {*made.tables} == {"orders", "order_lines"}
    assert made.tables["order_lines"] == made.kind.tables["order_lines"]
    assert {*made.inputs} == {"orders", "order_lines", "customers"}
    assert made.main == "orders"


def test_tables_left_out_are_gone_and_with_the_orders_all_that_hangs_on_them(adapted):
    assert {*adapted(ALL, without=("order_lines",)).tables} == {"orders"}
    alone = adapted(ALL, without=("orders",))
    assert ({*alone.tables}, alone.buyer, alone.totals, alone.main) == (
        {"order_lines"}, None, None, "order_lines",
    )  # fmt: skip


def test_buyers_are_still_known_where_customers_are_left_out(adapted):
    made = adapted(ALL, without=("customers",))
    assert made.buyer.columns == {}
    assert made.buyer.member == cell("member")


def test_pseudo_customers_are_never_described(adapted):
    kind = _kind(buyer=Buyer({"email": cell("mail")}, contact=(cell("mail"),), identifying=False))
    assert adapted(ALL, kind=kind).buyer.columns == {}


def test_columns_and_constants_of_the_parameters_come_before_the_rules(adapted):
    made = adapted(ALL, columns={"amount": "mail"}, constants={"channel": "web"})
    columns = made.tables["orders"][0].columns
    assert columns["amount"] == Cell("mail")
    assert columns["channel"] == Const("web")
    assert columns["order_id"] == cell("no")


def test_the_clients_words_extend_the_formats_vocabulary_and_win_over_it(adapted):
    made = adapted(ALL, status={"保留": "cancelled", "発送": "valid"})
    assert _vocabulary(made) == {"済": "valid", "保留": "cancelled", "発送": "valid"}
    assert made.inputs["orders"].words == {}
    by_words = adapted(ALL, words={"status": {"発送": "valid"}})
    assert _vocabulary(by_words)["発送"] == "valid"


def test_words_of_a_column_mapped_by_hand_are_left_for_typing(adapted):
    made = adapted(ALL, columns={"status": "mail"}, status={"x": "valid"})
    assert made.inputs["orders"].words == {"status": {"x": "valid"}}


def test_a_table_is_given_by_the_files_that_have_what_it_needs(adapted):
    made = adapted("no,date,total,sku", "no,date,total")
    assert made.given_by == {"orders": frozenset({0, 1}), "order_lines": frozenset({0})}
    assert "order_lines" not in adapted("no,date,total").tables


def test_cells_are_asked_for_once_in_a_stable_order(adapted):
    assert adapted(ALL).slots() == [(name, 1) for name in sorted(HEADERS)]
    assert ("sku", 1) not in adapted(ALL, without=("order_lines",)).slots()


def test_a_rule_can_be_made_where_any_file_has_any_of_its_cells(adapted):
    made = adapted("no,date,total", "no,date,total,mail")
    assert made.has(first("mail", "sku"))
    assert not made.has(cell("sku"))
    assert made.has(Const("x"))
