from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from joren.ingest.recognise import load_formats, recognise
from joren.ingest.sniff import sniff
from joren.ingest.words import distinct, identifiers, meanings, unknown_to_format
from joren.params import project_root

SHOPIFY = project_root() / "tests" / "data" / "formats" / "shopify" / "orders_export.csv"


def test_a_word_far_down_a_long_file_is_found(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(("id,区分\n" + "1,付与\n" * 5_000 + "1,失効\n").encode("cp932"))
    file = sniff(path)
    assert "失効" not in file.values["区分"]
    assert distinct([file], ["区分"]) == {"付与", "失効"}


def test_words_are_found_in_parquet_too(tmp_path):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"id": [1, 2], "kind": ["grant", None]}), path)
    assert distinct([sniff(path)], ["kind"]) == {"grant"}
    assert identifiers([sniff(path)], ["id"]) == {"1", "2"}


def test_words_of_clients_get_ours_and_ours_need_none():
    assert meanings("point_entries", "kind", ["付与", "grant", "謎"]) == {
        "付与": "grant",
        "謎": None,
    }


@pytest.mark.parametrize(
    ("table", "column", "word", "meant"),
    [
        ("orders", "status", "入金待ち", "pending"),
        ("orders", "status", "注文取消し", "cancelled"),
        ("point_entries", "kind", "移行", "transfer"),
        ("subscriptions", "end_reason", "お客様都合", "voluntary"),
        ("campaigns", "kind", "メルマガ", "mail"),
    ],
)
def test_every_vocabulary_knows_common_words(table, column, word, meant):
    assert meanings(table, column, [word]) == {word: meant}


def _in_shopify(tmp_path, word: str):
    path = tmp_path / "orders.csv"
    path.write_text(SHOPIFY.read_text().replace(",paid,", f",{word},"))
    file = sniff(path)
    return unknown_to_format([(file, recognise(file.header, load_formats()))])


def test_words_a_cart_does_not_know_are_found_and_its_own_are_not(tmp_path):
    assert _in_shopify(tmp_path, "保留中") == {("orders", "status"): ["保留中"]}
    assert _in_shopify(tmp_path, "paid") == {}
