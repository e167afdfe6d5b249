"""How registers spoil a name, a phone or a mail address without changing whose it is."""

from __future__ import annotations

from random import Random

import jaconv

from joren.simulate.names import OLDER_FORMS


def older_kanji(rng: Random, name: str, encoding: str) -> str:
    """The name in an older form of one of its kanji, if it has one the encoding can write."""
    for modern, forms in OLDER_FORMS.items():
        if modern in name:
            variant = name.replace(modern, rng.choice(forms))
            if _can_write(variant, encoding):
                return variant
    return name


def half_width(kana: str) -> str:
    """タカハシ → ﾀｶﾊｼ, as cash registers print it."""
    return jaconv.z2h(kana, kana=True)


def loose_kana(rng: Random, kana: str) -> str:
    """The same sound written otherwise: ー for a long vowel, ズ for ヅ."""
    if "ヅ" in kana:
        return kana.replace("ヅ", "ズ")
    for long in ("オオ", "ョウ", "ュウ", "コウ", "トウ", "ロウ"):
        if long in kana and rng.random() < 0.5:
            return kana.replace(long, long[0] + "ー", 1)
    return kana


def spoiled_phone(rng: Random, phone: str) -> str:
    """The phone as some clerk or spreadsheet left it."""
    digits = phone.replace("-", "")
    return rng.choices(
        (phone, digits, digits[1:], jaconv.h2z(phone, digit=True, ascii=True), "+81" + digits[1:]),
        weights=(45, 40, 7, 5, 3),
    )[0]


def spoiled_email(rng: Random, email: str) -> str:
    """The mail address with capitals or a stray blank now and then."""
    return rng.choices((email, email.upper(), f"{email} "), weights=(92, 5, 3))[0]


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
