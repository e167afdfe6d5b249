"""Variant kanji fold to one form."""

import pytest

from joren.identity.kanji import fold_kanji


@pytest.mark.parametrize(
    ("variant", "plain"),
    [
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("𠮷田", "吉田"),
        ("渡邉", "渡辺"),
        ("渡邊", "渡辺"),
        ("濵田", "浜田"),
        ("眞由美", "真由美"),
        ("佐々木", "佐佐木"),
        ("神谷", "神谷"),
    ],
)
def test_a_variant_equals_the_common_form(variant, plain):
    assert fold_kanji(variant) == fold_kanji(plain) == plain


def test_the_four_saito_are_one():
    assert len({fold_kanji(name) for name in ("斎藤", "齋藤", "齊藤", "斉藤")}) == 1


def test_variation_selectors_are_invisible():
    assert fold_kanji("葛\U000e0100城") == fold_kanji("葛城")
    assert fold_kanji("辻\ufe00") == "辻"


def test_different_kanji_stay_different():
    assert fold_kanji("沙織") != fold_kanji("砂織")
    assert fold_kanji("大田") != fold_kanji("太田")
