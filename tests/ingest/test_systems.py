from __future__ import annotations

import shutil

import pytest

from joren.ingest.grouping import groups_of
from joren.ingest.recognise import load_formats
from joren.ingest.sniff import sniff
from joren.ingest.systems import systems_of, unique
from joren.params import project_root

SAMPLES = project_root() / "tests" / "data" / "formats"


@pytest.fixture
def systems(tmp_path, monkeypatch):
    """Sources proposed for files: a name → text, or the name of a committed sample."""
    monkeypatch.setenv("JOREN_HOME", str(tmp_path))
    (tmp_path / "params").mkdir()

    def of(files: dict[str, str]):
        sniffed = []
        for name, content in sorted(files.items()):
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if "\n" in content:
                path.write_text(content)
            else:
                shutil.copy(SAMPLES / content, path)
            sniffed.append(sniff(path))
        found = systems_of(groups_of(sniffed, load_formats()))
        return {system.name: (system.format, sorted(system.tables)) for system in found}

    return of


def _members(prefix: str) -> str:
    rows = "".join(f"{prefix}{n},佐藤,090-1111-000{n}\n" for n in range(1, 6))
    return f"会員ID,氏名,電話番号\n{rows}"


def _points(prefix: str) -> str:
    rows = "".join(f"{n},{prefix}{n},2026-01-01,付与,5\n" for n in range(1, 6))
    return f"履歴番号,会員ID,発生日時,区分,ポイント\n{rows}"


def test_exports_of_one_cart_and_lists_beside_them_are_one_source(systems):
    files = {
        "mall/orders.csv": "yahoo/orders.csv",
        "mall/items.csv": "yahoo/items.csv",
        "mall/goods.csv": "商品コード,商品名,カテゴリ\nA,茶,飲料\n",
        "x/members.csv": _members("K"),
    }
    assert systems(files) == {
        "mall": ("yahoo", ["order_lines", "orders", "products"]),
        "x": ("csv", ["customers"]),
    }


def test_in_one_flat_folder_sources_are_named_after_systems_and_files(systems):
    files = {
        "r.csv": "rakuten/orders.csv",
        "s.csv": "shopify/orders_export.csv",
        "members.csv": _members("K"),
    }
    assert systems(files) == {
        "rakuten": ("rakuten", ["orders"]),
        "shopify": ("shopify", ["orders"]),
        "members": ("csv", ["customers"]),
    }


def test_a_point_history_goes_where_its_ids_are(systems):
    files = {
        "all/a_members.csv": _members("A"),
        "all/b_members.csv": f"備考,{_members('B')}".replace("\n", "\n-,", 5),
        "all/history.csv": _points("B"),
    }
    found = systems(files)
    assert sorted(tables for _, tables in found.values()) == [
        ["customers"],
        ["customers", "point_entries"],
    ]
    assert found["b_members"] == ("csv", ["customers", "point_entries"])


def test_lists_that_share_no_id_are_not_put_together(systems):
    files = {"x/members.csv": _members("A"), "x/history.csv": _points("B"), "y/a.csv": "a,b\n1,2\n"}
    assert systems(files) == {
        "x": ("csv", ["customers"]),
        "x_2": ("csv", ["point_entries"]),
    }


def test_current_and_older_exports_of_one_cart_are_one_table(systems):
    files = {"mall/orders.csv": "rakuten/orders.csv", "mall/old.csv": "rakuten/orders_legacy.csv"}
    assert systems(files) == {"rakuten": ("rakuten", ["orders"])}


@pytest.mark.parametrize(
    ("text", "taken", "name"),
    [("Web Shop", (), "web_shop"), ("店", (), "source"), ("pos", ("pos", "pos_2"), "pos_3")],
)
def test_source_names_are_plain_and_unique(text, taken, name):
    assert unique(text, taken) == name
