from __future__ import annotations

from pathlib import Path

import pytest

from joren.errors import InputError
from joren.ingest.headers import folded, named_layout
from joren.ingest.inputs import RawFile, TableInput

FILE = RawFile(Path("orders.csv"), "orders.csv")
NAMES = ["order_id", "source_id", "ordered_at", "amount"]


def _layout(header, **options):
    return named_layout(header, TableInput("shop", "orders", (FILE,), **options), FILE)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Order ID", "order_id"),
        ("氏名（姓）", "氏名(姓)"),
        ("住所１", "住所1"),
        ("E-Mail", "email"),
    ],
)
def test_headers_match_without_width_case_and_punctuation(written, canonical):
    assert folded(written) == folded(canonical)


def test_columns_are_found_by_name_in_any_order():
    assert _layout(NAMES[::-1]).positions == {
        "order_id": 3, "source_id": 2, "ordered_at": 1, "amount": 0,
    }  # fmt: skip


def test_a_header_as_written_wins_over_one_that_only_folds_to_it():
    layout = _layout(["Amount", *NAMES])
    assert layout.positions["amount"] == 4


def test_a_missing_column_names_file_column_nearest_header_and_remedy():
    with pytest.raises(InputError) as error:
        _layout(["order_id", "source_id", "orderd_at", "amount"])
    message = str(error.value)
    assert "'ordered_at' is missing" in message
    assert "orders.csv, for orders.ordered_at" in message
    assert "sources.shop.orders.columns.ordered_at: orderd_at" in message


def test_a_mapped_header_that_is_not_there_is_missing_even_if_optional():
    with pytest.raises(InputError, match="'店舗' is missing"):
        _layout(NAMES, columns={"store": "店舗"})


def test_a_needed_header_that_stands_twice_is_refused():
    with pytest.raises(InputError, match="'amount' stands there 2 times"):
        _layout([*NAMES, "amount"])


def test_a_format_may_declare_a_repeated_header():
    layout = _layout([*NAMES, "amount"], repeated_headers=frozenset({"amount"}))
    assert layout.positions["amount"] == 3


def test_an_unused_repeated_header_is_a_warning():
    layout = _layout([*NAMES, "メモ", "メモ"])
    assert layout.warnings == ("shop/orders.csv: header 'メモ' is repeated; not read",)
    assert layout.unused == ("メモ", "メモ")


def test_a_constant_stands_in_for_a_column():
    layout = _layout(["order_id", "ordered_at", "amount"], constants={"source_id": ""})
    assert "source_id" not in layout.positions


def test_order_ids_may_lack_with_a_warning_that_names_a_candidate():
    layout = _layout(["orderid2", *NAMES[1:]])
    assert layout.warnings == (
        "shop/orders.csv: no order ID (is 'orderid2' one?); made from file and row",
    )
