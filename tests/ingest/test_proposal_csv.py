from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from joren.ingest.grouping import groups_of
from joren.ingest.proposal_csv import csv_entry
from joren.ingest.recognise import load_formats
from joren.ingest.sniff import sniff


@pytest.fixture
def proposed(tmp_path, monkeypatch):
    """The entries of one file: table → what stands there, and the questions in English."""
    monkeypatch.setenv("JOREN_HOME", str(tmp_path))
    (tmp_path / "params").mkdir()

    def of(text: str, name: str = "x.csv"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        [group] = groups_of([sniff(path)], load_formats())
        entries = [csv_entry(group, guess) for guess in group.guesses]
        mapped: dict = {}
        for entry in entries:
            mapped |= YAML(typ="safe").load("\n".join(entry.text())) or {}
        return mapped, [str(question) for entry in entries for question in entry.questions]

    return of


def test_words_of_a_point_history_are_mapped(proposed):
    head = "履歴番号,会員ID,発生日時,区分,ポイント,元履歴番号\n"
    mapped, asked = proposed(head + "1,K1,2026-01-01,付与,5,\n2,K1,2026-01-02,取消,5,1\n")
    assert mapped["point_entries"]["words"] == {"kind": {"付与": "grant", "取消": "cancel"}}
    assert mapped["point_entries"]["columns"]["reverses_entry_id"] == "元履歴番号"
    assert asked == []


def test_uses_written_as_negative_points_are_asked_about(proposed):
    head = "履歴番号,会員ID,発生日時,区分,ポイント\n"
    _, asked = proposed(head + "1,K1,2026-01-01,利用,-5\n")
    assert "some points are negative" in asked[0]
    _, asked = proposed(head + "1,K1,2026-01-01,調整,-5\n")
    assert asked == []


def test_orders_without_customer_are_anonymous_and_asked_about(proposed):
    mapped, asked = proposed("注文番号,注文日時,合計金額,ステータス\n1,2026-01-01,100,完了\n")
    assert mapped["orders"]["constants"] == {"source_id": ""}
    assert any("there is no customer ID" in question for question in asked)


def test_a_column_that_is_needed_and_not_found_makes_a_comment_of_the_table(proposed):
    mapped, asked = proposed("注文番号,会員ID,合計金額,利用ポイント\n1,K1,100,5\n")
    assert mapped == {}
    assert any("which column is the ordered_at (注文日時)?" in question for question in asked)


def test_an_unlikely_optional_column_is_proposed_but_not_used(proposed):
    mapped, asked = proposed(
        "注文番号,会員ID,注文日時,合計金額,合計クーポン利用額合算\n1,K,2026-01-01,9,1\n"
    )
    assert "discount" not in mapped["orders"]["columns"]
    assert any("is '合計クーポン利用額合算' the discount" in question for question in asked)


def test_totals_that_differ_within_an_order_are_asked_about(proposed):
    head = "注文番号,会員ID,注文日時,金額\n"
    same = "1,K1,2026-01-01,100\n" * 2
    _, asked = proposed(head + same)
    assert any("order IDs repeat" in question for question in asked)
    _, asked = proposed(head + same + "1,K1,2026-01-01,50\n")
    assert any("rows of one order differ in '金額'" in question for question in asked)


def test_guests_are_asked_about(proposed):
    head = "注文番号,会員ID,注文日時,金額,氏名\n"
    _, asked = proposed(head + "1,K1,2026-01-01,100,佐藤\n2,,2026-01-01,100,鈴木\n")
    assert any("tells these guests apart" in question for question in asked)


@pytest.mark.parametrize(
    ("name", "channel"), [("line/events.csv", "line"), ("call/x.csv", "call"), ("y/x.csv", None)]
)
def test_events_are_of_the_channel_that_their_folder_names(proposed, name, channel):
    mapped, _ = proposed("会員番号,日時,イベント\nK1,2026-01-01,click\n", name)
    assert mapped["events"].get("constants", {}).get("channel") == channel


def test_a_delimiter_other_than_the_comma_is_stated(proposed):
    mapped, _ = proposed("会員番号\t氏名\t電話番号\nK1\t佐藤\t090-1111-0001\n")
    assert mapped["customers"]["delimiter"] == "\t"
