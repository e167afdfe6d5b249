from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from joren import ingest
from joren.errors import InputError
from joren.params import Params, load_client, project_root

SHOPIFY = project_root() / "tests" / "data" / "formats" / "shopify" / "orders_export.csv"

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
    text = ingest.propose(_files(client), "acme").text
    params = Params.model_validate(YAML(typ="safe").load(text))

    ingested = ingest.read_sources(con, params, tmp_path / "params")

    assert list(params.sources) == ["pos"]
    assert [r["order_id"] for r in rows(ingested.tables["orders"])] == ["A1", "A2", "B1", "B2"]
    assert rows(ingested.tables["customers"])[0]["phone"] == "090-1111-2222"


def test_files_alike_become_one_pattern(client):
    assert "path: ../data/pos/orders/*.csv" in ingest.propose(_files(client), "acme").text


def test_what_is_not_recognised_is_listed_and_asked(client):
    text = ingest.propose(_files(client), "acme").text
    assert "# not recognised: 謎の列" in text
    assert "what does '要確認' mean under status (ステータス): valid (完了) / cancelled" in text
    assert "'カード' looks like payment-card numbers: it must not be exported" in text


def test_a_header_whose_values_are_something_else_is_not_trusted(client):
    strange = ORDERS.replace("2026/1/", "担当者")
    (client / "orders" / "2026-01.csv").write_bytes(strange.encode("cp932"))
    text = ingest.propose([client / "orders" / "2026-01.csv"], "acme").text
    assert "ordered_at: 購入日" not in text
    assert "which column is the ordered_at (注文日時)?" in text


def test_a_file_of_unknown_kind_is_a_question(client):
    other = client / "memo.csv"
    other.write_text("a,b\n1,2\n")
    text = ingest.propose([*_files(client), other], "acme").text
    assert "memo.csv: what does this file hold? Columns: a, b" in text


def test_without_files_the_scaffold_is_valid():
    params = Params.model_validate(YAML(typ="safe").load(ingest.propose([], "acme").text))
    assert params.client == "acme"
    assert params.sources["shop"].format == "tables"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        ingest.propose([tmp_path / "x.csv"], "acme")


def _write(root, files):
    for name, content in files.items():
        path = root / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("cp932"))
    return root / "data"


@pytest.fixture
def read(tmp_path, monkeypatch, con):
    """Propose for a folder of files, and read what the proposal says as it stands."""
    monkeypatch.setenv("JOREN_HOME", str(tmp_path))
    (tmp_path / "params").mkdir()

    def run(files, *given):
        folder = _write(tmp_path, files)
        proposal = ingest.propose([folder / name for name in given] or [folder], "acme")
        path = tmp_path / "params" / "acme.yaml"
        path.write_text(proposal.text, encoding="utf-8")
        loaded = load_client(str(path))
        ingest.check_headers(loaded.params, loaded.folder)
        return proposal, ingest.read_sources(con, loaded.params, loaded.folder)

    return run


SUBSCRIPTION_STORE = {
    "subsc/juchu.csv": (
        "受注番号,受注日時,受注ステータス,顧客番号,顧客名(姓),顧客名(名),顧客電話番号,商品コード,商品名,"
        "数量,単価,小計,送料,利用ポイント,合計金額,定期番号,定期回数,お届け先氏名,お届け先電話番号\n"
        "S1,2025/04/01 10:00:00,発送済み,K1,佐藤,花子,090-1111-0001,A,青汁,"
        "1,3000,3000,500,0,5500,T1,1,佐藤 太郎,090-1111-9999\n"
        "S1,2025/04/01 10:00:00,発送済み,K1,佐藤,花子,090-1111-0001,B,シェーカー,"
        "2,1000,2000,500,0,5500,T1,1,佐藤 太郎,090-1111-9999\n"
        "S2,2025/05/01 10:00:00,未入金,K2,鈴木,一郎,090-1111-0002,A,青汁,"
        "1,3000,3000,500,100,3500,T2,1,鈴木 一郎,090-1111-0002\n"
    ),
    "subsc/teiki.csv": (
        "定期番号,顧客番号,商品コード,定期申込日,解約日,解約理由,お届け間隔,お約束回数\n"
        "T1,K1,A,2025/04/01,,,30,3\nT2,K2,A,2025/05/01,2025/08/01,お客様都合,30,3\n"
    ),
}


def test_a_subscription_store_comes_in_by_what_its_columns_are_called(read, rows):
    proposal, ingested = read(SUBSCRIPTION_STORE)

    orders = rows(ingested.tables["orders"])
    assert [(o["order_id"], o["source_id"], o["amount"], o["status"]) for o in orders] == [
        ("S1", "K1", 5500, "valid"),
        ("S2", "K2", 3500, "pending"),
    ]
    assert [o["subscription_id"] for o in orders] == ["T1", "T2"]
    lines = rows(ingested.tables["order_lines"])
    assert [(n["order_id"], n["line_no"], n["product_id"], n["amount"]) for n in lines] == [
        ("S1", 1, "A", 3000),
        ("S1", 2, "B", 2000),
        ("S2", 1, "A", 3000),
    ]
    people = rows(ingested.tables["customers"])
    assert [(p["family_name"], p["phone"]) for p in people] == [
        ("佐藤", "090-1111-0001"),
        ("鈴木", "090-1111-0002"),
    ]
    courses = rows(ingested.tables["subscriptions"])
    assert [(c["cycle_days"], c["commitment_orders"], c["end_reason"]) for c in courses] == [
        (30, 3, None),
        (30, 3, "voluntary"),
    ]
    assert {row.source for row in proposal.rows} == {"subsc"}


def test_tamago_repeat_comes_in_by_what_its_columns_are_called(read, rows):
    _, ingested = read(
        {
            "tamago/注文リスト.csv": (
                "注文ID,注文日時,会員ID,注文者氏名,注文者フリガナ,注文者電話番号,注文者E-mail,対応状況,"
                "支払合計,ポイント利用額,広告コード,購入回数,定期ID\n"
                "1001,2025-04-01 10:00,M1,佐藤 花子,サトウ ハナコ,09011110001,a@example.jp,"
                "発送済み,5500,0,AD1,1,\n"
                "1002,2025-04-02 10:00,M2,鈴木 一郎,スズキ イチロウ,09011110002,b@example.jp,返品,"
                "3500,100,AD1,1,9\n"
            )
        }
    )
    orders = rows(ingested.tables["orders"])
    assert [(o["order_id"], o["amount"], o["points_used"], o["status"]) for o in orders] == [
        ("1001", 5500, 0, "valid"),
        ("1002", 3500, 100, "returned"),
    ]
    people = rows(ingested.tables["customers"])
    assert [(p["source_id"], p["full_kana"], p["email"]) for p in people] == [
        ("M1", "サトウ ハナコ", "a@example.jp"),
        ("M2", "スズキ イチロウ", "b@example.jp"),
    ]


def test_a_folder_of_many_systems_makes_one_source_of_each(read, rows):
    proposal, ingested = read(
        {
            "shop/orders_export.csv": SHOPIFY.read_bytes(),
            "crm/customers.csv": "source_id,full_name\nK1,佐藤\n",
            "crm/stores.csv": "store,name\nS1,新宿店\n",
            "line/friends.csv": "LINEユーザーID,表示名,友だち追加日\nabc,はな,2026-01-01\n",
            "line/events.csv": "LINEユーザーID,日時,イベント\nabc,2026-01-01,click\n",
            "call/calls.csv": (
                "受付番号,受付日時,電話番号,氏名,用件\n1,2026-01-01 10:00,090-1111-0001,佐藤,苦情\n"
            ),
            "answer_key/orders.csv": "order_id,source_id,ordered_at,amount\n1,1,2026-01-01,1\n",
            "memo.csv": "",
        }
    )
    found = {(row.source, row.format, row.table) for row in proposal.rows}
    assert found == {
        ("crm", "tables", "customers"),
        ("crm", "tables", "stores"),
        ("shop", "shopify", "orders"),
        ("line", "csv", "customers"),
        ("line", "csv", "events"),
        ("call", "csv", "customers"),
        ("call", "csv", "events"),
    }
    assert [str(question) for question in proposal.questions if "memo" in question] == [
        "../data/memo.csv: this cannot be read (the file is empty). "
        "Please export it as CSV, or say that it may be left out."
    ]
    sources = {row["source"] for row in rows(ingested.coverage)}
    assert sources == {"crm", "shop", "line", "call"}


def test_questions_stand_in_japanese_and_english(client):
    lines = ingest.propose(_files(client), "acme").text.splitlines()
    asked = [line for line in lines if line.startswith("# ? ")]
    assert asked[-4:] == [
        "# ? 受注金額は、税込・値引き後・ポイント利用前の金額ですか。",
        "# ? Are order amounts what the customer paid: tax included, after discounts, "
        "before points?",
        "# ? 返金は、マイナスの行・ステータス・出力なしのどれで表されますか。",
        "# ? Do refunds stand as negative rows, as a status, or not at all?",
    ]


def test_where_nothing_can_be_read_as_it_stands_the_scaffold_stands_in(client):
    memo = client / "memo.csv"
    memo.write_text("a,b\n1,2\n")
    params = Params.model_validate(YAML(typ="safe").load(ingest.propose([memo], "acme").text))
    assert list(params.sources) == ["shop"]


def test_an_empty_file_that_was_named_is_refused(client):
    (client / "empty.csv").write_text("")
    with pytest.raises(InputError, match="empty"):
        ingest.propose([client / "empty.csv"], "acme")


def test_a_ledger_told_twice_is_asked_about(read):
    proposal, _ = read(
        {
            "pos/torihiki.csv": (
                "取引ID,取引日時,取引区分,取消区分,合計,会員ID,付与ポイント\n"
                "1,2026-01-01 10:00:00,1,0,100,K1,1\n"
            ),
            "pos/points.csv": (
                "履歴番号,会員ID,発生日時,区分,ポイント\n1,K1,2026-01-01 10:00:00,付与,1\n"
            ),
        }
    )
    assert any("both スマレジ and the point history" in question for question in proposal.questions)
