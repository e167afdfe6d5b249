from __future__ import annotations

import pytest
from ruamel.yaml import YAML

from joren.ingest.proposal_lines import Entry, holds_cards, named, scalar, word_lines


@pytest.mark.parametrize(
    "text",
    [
        "注文日時",
        "no",
        "On",
        "1",
        "0012",
        "a: b",
        "お名前(姓)",
        "x # y",
        "",
        "-",
        "../a b/*.csv",
        "~",
    ],
)
def test_a_scalar_reads_back_as_the_same_string(text):
    assert YAML(typ="safe").load(f"key: {scalar(text)}") == {"key": text}


def test_words_stand_under_their_column_and_open_ones_are_asked():
    found = {"付与": "grant", "謎": None}
    lines, asked = word_lines("points.csv", "point_entries", "kind", found)
    assert YAML(typ="safe").load("\n".join(lines)) == {"words": {"kind": {"付与": "grant"}}}
    assert "        # 謎: ?" in [line.replace("  # ", "# ") for line in lines]
    assert [question.texts["ja"] for question in asked] == [
        "points.csv: 「区分」(kind)の「謎」は次のどれにあたりますか: "
        "grant (付与) / use (利用) / expire (失効) / cancel (取消) / adjust (調整) / "
        "transfer (移行)"
    ]


@pytest.mark.parametrize(("table", "column"), [("orders", "status"), ("campaigns", "kind")])
def test_a_table_of_words_that_nobody_knows_is_still_yaml(table, column):
    lines, asked = word_lines("x.csv", table, column, {"謎": None})
    assert not (YAML(typ="safe").load("\n".join(lines)) or {}).get(column)
    assert len(asked) == 1


def test_an_entry_that_cannot_be_read_is_a_comment():
    lines = ["    orders:", "      path: x.csv"]
    assert Entry(lines, complete=True).text() == lines
    assert Entry(lines, complete=False).text() == ["  #   orders:", "  #     path: x.csv"]


def test_a_long_list_of_names_is_cut():
    [line] = named("not recognised", [f"c{n}" for n in range(40)])
    assert line.endswith("c29 and 10 more")
    assert named("not recognised", []) == []


def test_payment_cards_are_told_from_other_long_numbers():
    cards = ["4111 1111 1111 1111", "5555555555554444", "378282246310005"]
    assert holds_cards(cards)
    assert not holds_cards(["4111111111111112", *cards[1:]])
    assert not holds_cards(cards[:2])
