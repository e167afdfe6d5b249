"""Kana as a comparison key: spellings of one sound become one string."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import jaconv

_NOT_KANA = re.compile("[^ァ-ヴー]")
_LARGE = str.maketrans("ァィゥェォッャュョヮヵヶヅヂヲヰヱ", "アイウエオツヤユヨワカケズジオイエ")
_O_ROW = "オコゴソゾトドノホボポモヨロ"
_VOWELS = {
    "ア": "アカガサザタダナハバパマヤラワ",
    "イ": "イキギシジチニヒビピミリエケゲセゼテデネヘベペメレ",
    "ウ": f"ウクグスズツヌフブプムユルヴ{_O_ROW}",
}
_VOWEL_AFTER = {kana: vowel for vowel, row in _VOWELS.items() for kana in row}


@lru_cache(maxsize=200_000)
def kana_key(text: str) -> str:
    """The sound of a kana text, as a key.

    Half and full width, hiragana and katakana, small and large kana, ヅ and ズ, ヂ and ジ, and the
    ways to write a long vowel (ー, ウ, オ after オ; ー, イ after エ) all give the same key. A long
    vowel stays longer than a short one: オオノ is not オノ.
    """
    katakana = jaconv.hira2kata(unicodedata.normalize("NFKC", text))
    large = _NOT_KANA.sub("", katakana).translate(_LARGE)
    key = ""
    for kana in large:
        before = key[-1:]
        if kana == "ー":
            key += _VOWEL_AFTER.get(before, "")
        elif kana == "オ" and before and before in _O_ROW:
            key += "ウ"
        else:
            key += kana
    return key
