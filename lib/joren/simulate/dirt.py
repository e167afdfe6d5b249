"""How registers spoil a name, a phone or a mail address without changing whose it is."""

from __future__ import annotations

from collections.abc import Iterable

import jaconv
import pyarrow as pa

from joren.simulate.names import OLDER_FORMS

VARIATION_SELECTOR = 0xE0100  # ideographic, invisible on screen


def spellings(names: Iterable[tuple[str, str]]) -> pa.Table:
    """How registers write each name: one row per name.

    Parameters
    ----------
    names : (kanji, katakana), no kanji twice with different kana

    Returns
    -------
    name, kana; half (half-width kana), loose (the same sound written otherwise), loose_half; cp932
    and utf8 (older forms of its kanji in that encoding; the name itself where there is none)
    """
    rows = dict.fromkeys(names)
    return pa.table(
        {
            "name": [name for name, _ in rows],
            "kana": [kana for _, kana in rows],
            "half": [half_width(kana) for _, kana in rows],
            "loose": [loose_form(kana) for _, kana in rows],
            "loose_half": [half_width(loose_form(kana)) for _, kana in rows],
            "cp932": [older_forms(name, "cp932") for name, _ in rows],
            "utf8": [older_forms(name, "utf-8") for name, _ in rows],
        }
    )


def older_forms(name: str, encoding: str) -> list[str]:
    """The name with one of its kanji in an older form, each form the encoding can write."""
    forms = [
        name.replace(modern, form)
        for modern, older in OLDER_FORMS.items()
        if modern in name
        for form in older
    ]
    return [form for form in forms if _can_write(form, encoding)] or [name]


def loose_form(kana: str) -> str:
    """The same sound written otherwise: ー for a long vowel, ズ for ヅ."""
    if "ヅ" in kana:
        return kana.replace("ヅ", "ズ")
    for long in ("オオ", "ョウ", "ュウ", "コウ", "トウ", "ロウ"):
        if long in kana:
            return kana.replace(long, long[0] + "ー", 1)
    return kana


def phone_sql(phone: str, draw: str) -> str:
    """SQL of a phone as some clerk or spreadsheet left it: still the same number.

    Parameters
    ----------
    phone : SQL of the phone, with hyphens
    draw : SQL of a uniform draw from [0, 1)
    """
    digits = f"replace({phone}, '-', '')"
    wide = f"translate({phone}, '0123456789-', '０１２３４５６７８９－')"
    return (
        f"CASE WHEN {draw} < 0.45 THEN {phone} WHEN {draw} < 0.85 THEN {digits} "
        f"WHEN {draw} < 0.92 THEN {digits}[2:] WHEN {draw} < 0.97 THEN {wide} "
        f"ELSE '+81' || {digits}[2:] END"
    )


def email_sql(email: str, draw: str) -> str:
    """SQL of a mail address with capitals or a stray blank now and then."""
    return (
        f"CASE WHEN {draw} < 0.92 THEN {email} WHEN {draw} < 0.97 THEN upper({email}) "
        f"ELSE {email} || ' ' END"
    )


def birth_sql(born: str, draw: str) -> str:
    """SQL of a birth date, mistyped once in two hundred."""
    days = "[-10, -1, 1, 10]"
    slip = f"{days}[1 + CAST(floor({draw} * 800) AS INTEGER)]"
    return f"CASE WHEN {draw} < 0.005 THEN {born} + {slip} ELSE {born} END"


def pick_sql(forms: str, draw: str) -> str:
    """SQL of one element of a list, each as likely."""
    return f"{forms}[1 + CAST(floor({draw} * len({forms})) AS INTEGER)]"


def half_width(kana: str) -> str:
    """タカハシ → ﾀｶﾊｼ, as cash registers print it."""
    return jaconv.z2h(kana, kana=True)


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
