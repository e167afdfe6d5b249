import pandas as pd
import pytest

from joren.routes.value_words import (
    best_values,
    differing,
    edge_note,
    group_note,
    held_signs,
    telling_groups,
)


@pytest.mark.parametrize(
    ("name", "ja", "en"),
    [
        ("rank:high", "ランク: 高LTV", "Rank: high LTV"),
        ("product:high", "最初の商品: high", "First product: high"),
        ("period:2026-H1", "期間: 2026-H1", "Period: 2026-H1"),
    ],
)
def test_groups_in_words(name, ja, en):
    assert group_note(name).texts == {"ja": ja, "en": en}


def test_an_edge_from_anywhere_says_so():
    assert "直前は問わない" in edge_note("", "app_open").texts["ja"]
    assert edge_note("a", "app_open").texts["ja"] == "a → アプリ起動"


def test_the_surest_edge_of_a_group_is_no_beginning_and_no_end():
    rows = pd.DataFrame({
        "group_name": "rank:high", "beside": "others",
        "source_touchpoint": ["(start)", "a", "a", "b"],
        "target_touchpoint": ["a", "(end)", "b", "c"], "p_adjusted": [0.001, 0.001, 0.02, 0.4],
        "lower": [0.1, 0.1, 0.1, 0.1], "upper": [0.2, 0.2, 0.3, 0.2],
    })  # fmt: skip
    assert telling_groups(rows).target_touchpoint.tolist() == ["b"]


def test_a_sign_holds_when_it_does_early_and_late():
    signs = pd.DataFrame({
        "kind": ["edge", "touchpoint", "touchpoint"], "sign": ["a > b", "c", "d"],
        "place": [1, 2, 1], "lower": [1.2, 1.1, 0.9], "lower_early": [1.1, 1.3, 1.2],
    })  # fmt: skip
    assert held_signs(signs).sign.tolist() == ["c", "a > b"]


def test_differences_are_counted_among_those_known():
    assert differing(pd.Series([0.01, 0.2, None])) == (1, 2)


def test_the_best_of_each_kind_have_enough_customers():
    values = pd.DataFrame({
        "kind": ["path", "path", "first_product"], "item": ["a > b", "c", "茶"],
        "customers": [50, 2, 30], "ltv_difference": [1.0, 9.0, 2.0],
    })  # fmt: skip
    found = best_values(values, 3, 10)
    assert found.item.tolist() == ["茶", "a > b"]
    assert found.label.iloc[1].texts["ja"] == "a → b"
