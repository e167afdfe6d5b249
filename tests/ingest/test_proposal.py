from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from joren import ingest
from joren.errors import InputError
from joren.params import Params

ORDERS = (
    "伝票番号,会員番号,購入日,お支払い合計,店舗,ステータス,謎の列\n"
    'A1,C1,2026/1/1,"1,000円",新宿店,完了,x\nA2,C2,2026/1/2,500円,渋谷店,返品,x\n'
    "A3,C2,2026/1/3,500円,渋谷店,要確認,x\n"
)
MEMBERS = (
    "会員番号,氏名,電話番号,E-mail,生年月日,カード\n"
    "C1,髙橋花子,090-1111-2222,h@example.com,1980/1/1,4111111111111111\n"
    "C2,鈴木一郎,090-3333-4444,i@example.com,1990/1/1,5555555555554444\n"
    "C3,佐藤次郎,090-3333-5555,j@example.com,1991/1/1,378282246310005\n"
)


@pytest.fixture
def client(tmp_path, monkeypatch):
    """A project whose data folder holds two months of orders and the members, in CP932."""
    monkeypatch.setenv("JOREN_HOME", str(tmp_path))
    (tmp_path / "params").mkdir()
    folder = tmp_path / "data" / "pos"
    (folder / "orders").mkdir(parents=True)
    (folder / "orders" / "2026-01.csv").write_bytes(ORDERS.encode("cp932"))
    (folder / "orders" / "2026-02.csv").write_bytes(ORDERS.replace("A", "B").encode("cp932"))
    (folder / "members.csv").write_bytes(MEMBERS.encode("cp932"))
    return folder


def _files(folder):
    return sorted(folder.rglob("*.csv"))


def test_a_proposal_reads_as_it_stands(client, tmp_path, con, rows):
    text = ingest.propose(_files(client), "acme")
    params = Params.model_validate(YAML(typ="safe").load(text))

    ingested = ingest.read_sources(con, params, tmp_path / "params")

    assert list(params.sources) == ["pos"]
    assert [r["order_id"] for r in rows(ingested.tables["orders"])] == ["A1", "A2", "B1", "B2"]
    assert rows(ingested.tables["customers"])[0]["phone"] == "090-1111-2222"


def test_files_alike_become_one_pattern(client):
    assert "path: ../data/pos/orders/*.csv" in ingest.propose(_files(client), "acme")


def test_what_is_not_recognised_is_listed_and_asked(client):
    text = ingest.propose(_files(client), "acme")
    assert "# not recognised: 謎の列" in text
    assert "does status '要確認' mean valid, cancelled, returned or pending?" in text
    assert "'カード' looks like payment-card numbers: it must not be exported" in text


def test_a_header_whose_values_are_something_else_is_not_trusted(client):
    strange = ORDERS.replace("2026/1/", "担当者")
    (client / "orders" / "2026-01.csv").write_bytes(strange.encode("cp932"))
    text = ingest.propose([client / "orders" / "2026-01.csv"], "acme")
    assert "ordered_at: 購入日" not in text
    assert "which column is the ordered_at?" in text


def test_a_file_of_unknown_kind_is_a_question(client):
    other = client / "memo.csv"
    other.write_text("a,b\n1,2\n")
    text = ingest.propose([*_files(client), other], "acme")
    assert "memo.csv: what does this file hold? Columns: a, b" in text


def test_without_files_the_scaffold_is_valid():
    params = Params.model_validate(YAML(typ="safe").load(ingest.propose([], "acme")))
    assert params.client == "acme"
    assert params.sources["shop"].format == "tables"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        ingest.propose([tmp_path / "x.csv"], "acme")
