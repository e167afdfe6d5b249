from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from joren.ingest.grouping import groups_of
from joren.ingest.proposal_cart import cart_entry
from joren.ingest.recognise import load_formats
from joren.ingest.sniff import sniff
from joren.params import project_root

SAMPLES = project_root() / "tests" / "data" / "formats"


@pytest.fixture
def proposed(tmp_path, monkeypatch):
    """The entry of `orders` for a sample with some texts replaced."""
    monkeypatch.setenv("JOREN_HOME", str(tmp_path))
    (tmp_path / "params").mkdir()

    def of(sample: str, encoding: str, **replaced: str):
        text = (SAMPLES / sample).read_bytes().decode(encoding)
        for old, new in replaced.items():
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "data" / "web" / "orders.csv"
        path.parent.mkdir(parents=True)
        path.write_bytes(text.encode(encoding))
        [group] = groups_of([sniff(path)], load_formats())
        entry = cart_entry(group, "orders")
        return entry, (YAML(typ="safe").load("\n".join(entry.text())) or {}).get("orders")

    return of


def test_an_export_needs_nothing_but_its_path(proposed):
    entry, mapped = proposed("shopify/orders_export.csv", "utf-8")
    assert mapped == {"path": "../data/web/orders.csv"}
    assert any("Shopify orders_export, utf-8, score 1.00" in line for line in entry.lines)
    assert entry.questions == []


def test_headers_too_many_or_missing_are_listed(proposed):
    entry, _ = proposed("shopify/orders_export.csv", "utf-8", Subtotal="Fortune")
    assert "      # not recognised: Fortune" in entry.lines
    assert "      # optional headers missing: Subtotal" in entry.lines


def test_a_status_the_cart_does_not_know_is_mapped_or_asked(proposed):
    entry, mapped = proposed(
        "shopify/orders_export.csv", "utf-8", **{",paid,": ",入金待ち,", ",refunded,": ",謎,"}
    )
    assert mapped["status"] == {"入金待ち": "pending"}
    assert [q.texts["ja"].split(": ")[1] for q in entry.questions] == [
        "「ステータス」(status)の「謎」は次のどれにあたりますか"
    ]


def test_what_the_export_does_not_tell_is_looked_for_among_its_other_columns(proposed):
    entry, mapped = proposed("makeshop/orders.csv", "cp932")
    assert mapped["columns"] == {"amount": "合計金額"}
    assert [str(q) for q in entry.questions] == [
        "../data/web/orders.csv: is '合計金額' the amount (合計)?"
    ]


def test_where_nothing_tells_it_the_entry_is_a_comment(proposed):
    entry, mapped = proposed("makeshop/orders.csv", "cp932", 合計金額="謎")
    assert mapped is None
    assert not entry.complete
    assert "which column is the amount" in str(entry.questions[0])
