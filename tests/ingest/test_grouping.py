from __future__ import annotations

import pytest

from joren.ingest.grouping import canonical_folders, groups_of, home_of, pattern_for
from joren.ingest.inputs import files_matching
from joren.ingest.recognise import load_formats
from joren.ingest.sniff import sniff
from joren.params import project_root

SAMPLES = project_root() / "tests" / "data" / "formats"
ORDERS = "order_id,source_id,ordered_at,amount\n1,K1,2026-01-01,100\n"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("JOREN_HOME", str(tmp_path))
    (tmp_path / "params").mkdir()
    return tmp_path


def _written(home, names, text="a,b\n1,2\n"):
    paths = [home / "data" / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return paths


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (["web/orders.csv"], "../data/web/orders.csv"),
        (["web/orders-2025.csv", "web/orders-2026 (1).csv"], "../data/web/orders*.csv"),
        (["pos/2025/a-1.csv", "pos/2026/a-2.csv"], "../data/pos/*/a*.csv"),
        (["x/a.csv", "x/b.txt"], "../data/x/*"),
        (["x/[1].csv", "x/[2].csv"], "../data/x/[[]*.csv"),
        (["x/[1].csv"], "../data/x/[[]1].csv"),
    ],
)
def test_a_pattern_names_exactly_its_files(home, names, pattern):
    paths = _written(home, names)
    assert pattern_for(paths) == pattern
    found = files_matching(pattern, home / "params", "")
    assert sorted(file.path.resolve() for file in found) == sorted(paths)


def test_a_pattern_leaves_out_what_lies_beside_its_files(home):
    orders = _written(home, ["x/202601_orders.csv", "x/202602_orders.csv"])
    items = _written(home, ["x/202601_items.csv", "x/202602_items.csv"])
    numbered = _written(home, ["y/order-1.csv", "y/order-2.csv"])
    _written(home, ["y/order-items.csv"])
    assert pattern_for(orders) == "../data/x/*orders.csv"
    assert pattern_for(items) == "../data/x/*items.csv"
    assert pattern_for(numbered) == "../data/y/order-[0-9]*.csv"


def test_where_every_pattern_would_take_another_file_along_there_is_none(home):
    paths = _written(home, ["x/a1.csv", "x/a2.csv", "x/a3.csv"])
    assert pattern_for([paths[0], paths[2]]) is None


@pytest.mark.parametrize("name", ["pos/a.csv", "pos/orders/a.csv", "pos/orders/2026-01/a.csv"])
def test_folders_of_tables_and_months_belong_to_their_system(home, name):
    assert home_of(home / "data" / name) == home / "data" / "pos"


def test_files_of_one_kind_of_export_are_one_group_whatever_their_template(home):
    lines = (SAMPLES / "shopify" / "orders_export.csv").read_text().splitlines()
    first, second = _written(home, ["shop/orders-1.csv", "shop/orders-2.csv"])
    first.write_text("\n".join(lines))
    second.write_text(f"{lines[0]},Gift\n")
    groups = groups_of([sniff(first), sniff(second)], load_formats())
    assert [group.pattern for group in groups] == ["../data/shop/orders*.csv"]
    assert [found.unknown for found in groups[0].found] == [(), ("Gift",)]
    assert groups[0].file.path == first


def test_an_export_that_lacks_what_orders_need_is_a_group_of_its_own(home):
    files = [sniff(path) for path in sorted((SAMPLES / "amazon").glob("*"))]
    groups = groups_of(files, load_formats())
    assert {group.lacking for group in groups} == {(), ("amount",)}


def test_a_folder_of_canonical_tables_is_known_whole(home):
    whole = _written(home, ["crm/orders.csv", "crm/customers.csv"], ORDERS)
    assert list(canonical_folders([sniff(path) for path in whole])) == [home / "data" / "crm"]
    assert canonical_folders([sniff(whole[0])]) == {}


@pytest.mark.parametrize(
    "broken", ["id,who\n1,2\n", f"status,{ORDERS.replace('1,K1', '完了,1,K1')}"]
)
def test_a_folder_with_a_table_of_other_columns_or_words_is_mapped_instead(home, broken):
    whole = _written(home, ["crm/orders.csv", "crm/customers.csv"], ORDERS)
    whole[0].write_text(broken)
    assert canonical_folders([sniff(path) for path in whole]) == {}
