"""Kana spellings of one sound give one key."""

import pytest

from joren.identity.kana import kana_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ﾀｶﾊｼ", "タカハシ"),
        ("たかはし", "タカハシ"),
        ("ヨーコ", "ヨウコ"),
        ("ケーコ", "ケイコ"),
        ("オーノ", "オオノ"),
        ("ユーコ", "ユウコ"),
        ("アイヅ", "アイズ"),
        ("チヂワ", "チジワ"),
        ("ジュンカ", "ジユンカ"),
        ("サトウ　ハナコ", "サトウハナコ"),
        ("ｻｲﾄﾞｳ", "サイドウ"),
    ],
)
def test_spellings_of_one_sound_are_equal(one, other):
    assert kana_key(one) == kana_key(other)


@pytest.mark.parametrize(("one", "other"), [("オオノ", "オノ"), ("ユウカ", "ユカ"), ("ハ", "バ")])
def test_long_and_voiced_sounds_stay_apart(one, other):
    assert kana_key(one) != kana_key(other)


def test_text_without_kana_has_no_key():
    assert kana_key("Tanaka 123") == ""
