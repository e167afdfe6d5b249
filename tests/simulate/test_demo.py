"""The demo client: the same bytes each time, overlapping people, and the dirt real files have."""

import csv
from pathlib import Path

import pytest

from joren.params import load_client
from joren.simulate.demo import write_demo

COMMITTED = Path(__file__).parents[2] / "data" / "demo"


def rows_of(path: Path, encoding: str) -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def pos_orders() -> list[dict[str, str]]:
    files = sorted((COMMITTED / "pos" / "orders").glob("*.csv"))
    return [row for file in files for row in rows_of(file, "cp932")]


def test_the_committed_files_are_what_the_generator_writes(tmp_path):
    write_demo(tmp_path)
    written = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*.csv")}
    committed = {p.relative_to(COMMITTED): p.read_bytes() for p in COMMITTED.rglob("*.csv")}
    assert written == committed


def test_another_seed_gives_another_shop(tmp_path):
    write_demo(tmp_path, seed=1)
    answer_key = (tmp_path / "answer_key.csv").read_bytes()
    assert answer_key != (COMMITTED / "answer_key.csv").read_bytes()


def test_the_committed_files_stay_under_two_megabytes():
    assert sum(p.stat().st_size for p in COMMITTED.rglob("*") if p.is_file()) < 2_000_000


def test_a_third_of_the_people_are_in_both_systems():
    key = rows_of(COMMITTED / "answer_key.csv", "utf-8")
    pos = {row["person_id"] for row in key if row["source"] == "pos"}
    web = {row["person_id"] for row in key if row["source"] == "web"}
    assert len(pos | web) == 1500
    assert 450 <= len(pos & web) <= 550


def test_the_answer_key_names_every_member_once():
    key = rows_of(COMMITTED / "answer_key.csv", "utf-8")
    pos = rows_of(COMMITTED / "pos" / "members.csv", "cp932")
    web = rows_of(COMMITTED / "web" / "members.csv", "utf-8-sig")
    members = {("pos", row["会員コード"]) for row in pos} | {("web", row["会員ID"]) for row in web}
    assert sorted(members) == [(row["source"], row["source_id"]) for row in key]


def test_more_than_a_thousand_people_bought(pos_orders):
    key = rows_of(COMMITTED / "answer_key.csv", "utf-8")
    person = {(row["source"], row["source_id"]): row["person_id"] for row in key}
    web = rows_of(COMMITTED / "web" / "orders.csv", "utf-8-sig")
    buyers = {person["pos", row["会員コード"]] for row in pos_orders if row["会員コード"]}
    buyers |= {person["web", row["会員ID"]] for row in web}
    assert len(buyers) > 1_300


def test_orders_span_two_years_and_end_on_the_last_day_of_march(pos_orders):
    days = [row["取引日時"][:10] for row in pos_orders]
    assert min(days) < "2024/04/04"
    assert max(days) == "2026/03/31"


def test_member_records_hold_the_dirt_of_real_ones():
    pos = rows_of(COMMITTED / "pos" / "members.csv", "cp932")
    web = rows_of(COMMITTED / "web" / "members.csv", "utf-8-sig")
    assert sum(row["電話番号"] == "03-1111-0100" for row in pos) >= 10
    assert sum(row["電話番号"] == "000-0000-0000" for row in pos) >= 10
    assert sum(row["電話番号"].startswith(("90", "80", "70")) for row in pos) >= 20
    assert any("髙" in row["氏名"] for row in pos)
    assert any("𠮷" in row["姓"] for row in web)
    assert any("\U000e0100" in row["名"] for row in web)
    assert any("ｶ" in row["氏名カナ"] for row in pos)


def test_order_files_hold_the_dirt_of_real_ones(pos_orders):
    numbers = [row["取引ID"] for row in pos_orders]
    amounts = [row["合計"] for row in pos_orders]
    web = rows_of(COMMITTED / "web" / "orders.csv", "utf-8-sig")
    assert 10 <= len(numbers) - len(set(numbers)) <= 100
    assert amounts.count("#REF!") == 2
    assert amounts.count("1.23E+10") == 1
    assert sum(row["取引日時"].startswith("2026/02/30") for row in pos_orders) == 2
    assert sum(amount.startswith("-") for amount in amounts) >= 5
    assert 0.05 < sum(not row["会員コード"] for row in pos_orders) / len(pos_orders) < 0.1
    assert [row["ステータス"] for row in web].count("要確認") == 3
    assert len(web) - len({row["受注番号"] for row in web}) == 12


def test_the_parameter_file_maps_headers_the_files_have():
    for name, source in load_client("demo").params.sources.items():
        encoding = {"pos": "cp932", "web": "utf-8-sig"}[name]
        for files in source.tables().values():
            pattern = files.path.removeprefix("../data/demo/")
            found = sorted(COMMITTED.glob(pattern))
            assert found
            with found[0].open(encoding=encoding, newline="") as file:
                assert set(files.columns.values()) <= set(next(csv.reader(file)))
