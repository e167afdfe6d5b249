from __future__ import annotations

import pytest

from joren.ingest.matching import LEAST_SCORE, guess_tables, header_of
from joren.ingest.sniff import sniff

_LINE_ID = "U0123456789abcdef0123456789abcdef"


@pytest.fixture
def guessed(tmp_path):
    def of(text: str, name: str = "x.csv"):
        path = tmp_path / name
        path.write_text(text)
        return guess_tables(sniff(path))

    return of


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("customers", "会員コード,氏名,氏名カナ,電話番号\n1,佐藤,サトウ,090-1111-0001\n"),
        ("point_entries", "履歴番号,会員ID,発生日時,区分,ポイント\n1,1,2026-01-01,付与,5\n"),
        ("events", "ユーザーID,日時,イベント\n1,2026-01-01,click\n"),
        ("contacts", "会員番号,配信日時,チャネル,施策ID\n1,2026-01-01,mail,C1\n"),
        ("campaigns", "施策ID,施策名,種別,開始日,終了日\nC1,春,DM,2026-01-01,2026-01-31\n"),
        ("assignments", "施策ID,会員ID,群,割付日時\nC1,1,control,2026-01-01\n"),
        ("subscriptions", "定期番号,顧客番号,商品コード,開始日\nT1,1,A,2026-01-01\n"),
        ("point_balances_reported", "会員ID,基準日,ポイント残高\n1,2026-01-01,100\n"),
        ("products", "商品コード,商品名,カテゴリ,原価\nA,茶,飲料,100\n"),
        ("stores", "店舗コード,店舗名,エリア\nS1,新宿店,東京\n"),
        ("weather", "地域,日付,天気,気温\n東京,2026-01-01,晴れ,9.5\n"),
    ],
)
def test_each_table_is_known_by_what_clients_call_its_columns(guessed, table, text):
    guesses = guessed(text)
    assert guesses[0].table == table
    assert guesses[0].score >= 0.85


def test_a_list_of_line_friends_has_the_line_id_as_its_only_id(guessed):
    friends = guessed("LINEユーザーID,表示名,友だち追加日\nabc,はな,2026-01-01\n")[0]
    assert header_of(friends, "source_id") == header_of(friends, "line_id") == "LINEユーザーID"
    assert header_of(friends, "full_name") is None


def test_line_ids_are_known_by_their_form(guessed):
    friends = guessed(f"ユーザーID,氏名,電話番号\n{_LINE_ID},佐藤,09011110001\n")[0]
    assert header_of(friends, "line_id") == "ユーザーID"


def test_a_call_without_customer_number_stands_for_its_caller(guessed):
    text = "受付番号,受付日時,電話番号,氏名,用件\nK1,2026-01-01,090-1111-0001,佐藤,苦情\n"
    events, people = guessed(text)
    assert (events.table, people.table) == ("events", "customers")
    assert header_of(events, "source_id") == header_of(people, "source_id") == "受付番号"
    assert header_of(people, "phone") == "電話番号"


def test_one_row_per_line_gives_orders_lines_and_buyers(guessed):
    head = "受注番号,受注日時,顧客番号,顧客名,電話番号,商品コード,数量,小計,合計金額\n"
    row = "S1,2026-01-01,K1,佐藤,090-1111-0001,{},1,100,200\n"
    guesses = guessed(head + row.format("A") + row.format("B"))
    assert [guess.table for guess in guesses] == ["orders", "order_lines", "customers"]
    assert header_of(guesses[0], "amount") == "合計金額"
    assert header_of(guesses[1], "amount") == "小計"


def test_the_person_a_parcel_goes_to_is_nobody_we_know(guessed):
    head = "受注番号,受注日時,会員番号,合計金額,お届け先氏名,お届け先電話番号,配送先メール\n"
    guesses = guessed(head + "1,2026-01-01,K1,100,鈴木,090-1111-0002,x@example.jp\n")
    assert [guess.table for guess in guesses] == ["orders"]


def test_buyers_of_whom_many_have_no_number_are_no_member_list(guessed):
    head = "受注番号,受注日時,会員番号,合計金額,注文者氏名,注文者電話番号\n"
    row = "{},2026-01-01,{},100,鈴木,090-1111-0002\n"
    guesses = guessed(head + row.format(1, "K1") + row.format(2, ""))
    assert [guess.table for guess in guesses] == ["orders"]


def test_a_file_like_nothing_we_know_stays_below_the_score(guessed):
    assert guessed("a,b\n1,2\n")[0].score < LEAST_SCORE


def test_a_column_of_many_words_is_no_vocabulary(guessed):
    rows = "".join(f"{n},K1,2026-01-01,備考{n},5\n" for n in range(40))
    entries = guessed(f"履歴番号,会員ID,発生日時,区分,ポイント\n{rows}")[0]
    assert header_of(entries, "kind") is None
