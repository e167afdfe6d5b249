"""Personal values shown so that two can be told apart, but nobody can be looked up by them."""

from __future__ import annotations

import re
import unicodedata

DOTS = "•••"


def mask(field: str, value: object) -> str:
    """A value as a reviewer may see it; empty where it is unknown.

    Names keep their first character, phones three digits and the last two, mail addresses their
    first letter, dates their year, addresses their prefecture. Gender is shown.

    Parameters
    ----------
    field : canonical column of customers
    value : as written
    """
    text = "" if value is None else unicodedata.normalize("NFKC", str(value)).strip()
    if not text or text in ("nan", "NaT", "None", "<NA>"):
        return ""
    return _MASKS.get(field, _hidden)(text)


def _hidden(text: str) -> str:
    return DOTS


def _name(text: str) -> str:
    return " ".join(f"{word[0]}{DOTS}" for word in text.split())


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return f"{digits[:3]}{DOTS}{digits[-2:]}" if len(digits) > 5 else DOTS


def _email(text: str) -> str:
    local, _, domain = text.partition("@")
    return f"{local[:1]}{DOTS}@{domain[:1]}{DOTS}"


def _date(text: str) -> str:
    return f"{text[:4]}-••-••"


def _place(text: str) -> str:
    found = re.match("(北海道|.{2,3}?[都道府県])", text)
    return f"{found[0] if found else text[:1]}{DOTS}"


def _ends(text: str) -> str:
    return f"{DOTS}{text[-2:]}"


def _start(text: str) -> str:
    return f"{text[:3]}{DOTS}"


_MASKS = {
    "full_name": _name, "family_name": _name, "given_name": _name, "full_kana": _name,
    "family_kana": _name, "given_kana": _name, "phone": _phone, "email": _email,
    "line_id": _hidden, "card_no": _ends, "postal_code": _start, "address": _place,
    "birth_date": _date, "gender": lambda text: text, "registered_at": lambda text: text[:10],
}  # fmt: skip
