"""Phones, mail addresses, postal codes and addresses in one form each."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from joren.phones import is_filler

_MOBILE = re.compile(r"0([789]0[1-9]\d{7})")
_LOST_ZERO_MOBILE = re.compile(r"[789]0[1-9]\d{7}")
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[a-z]{2,}")
_DASHES = re.compile("[-‐‑‒–—―−ー─━~〜]")
_DIGITS = {kanji: value for value, kanji in enumerate("一二三四五六七八九", start=1)}
# addresses a marketplace hands out in place of the customer's own
RELAY_DOMAINS = (
    "privaterelay.appleid.com", "marketplace.amazon.co.jp", "marketplace.amazon.com",
    "fw.rakuten.ne.jp", "pc.fw.rakuten.ne.jp", "mb.fw.rakuten.ne.jp", "qoo10.jp",
    "duck.com", "mozmail.com", "relay.firefox.com",
)  # fmt: skip
_PLACEHOLDER_LOCALS = {
    "none", "nomail", "no-mail", "noreply", "no-reply", "dummy", "test", "unknown", "nothing",
    "nashi", "xxx", "xxxx", "aaa", "a", "x", "info", "shop",
}  # fmt: skip


def phone_key(text: str, region: str = "JP") -> str | None:
    """The phone in E.164, or None when it is none.

    Restores the leading zero a spreadsheet dropped (9012345678) and reads +81, 81 and full width.

    Parameters
    ----------
    text : as exported
    region : ISO code of the country numbers without + are in
    """
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix(".0")
    plain = re.split("内線|ext", plain, maxsplit=1)[0]
    digits = re.sub(r"\D", "", plain)
    if region == "JP":
        if _MOBILE.fullmatch(digits):
            return f"+81{digits[1:]}"
        if _LOST_ZERO_MOBILE.fullmatch(digits):
            return f"+81{digits}"
        if digits.startswith("81") and len(digits) in (11, 12):
            plain = f"+{digits}"
        elif len(digits) == 9 and digits[0] != "0":
            plain = f"0{digits}"
    return _international(plain, region)


def _international(plain: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_placeholder_phone(text: str) -> bool:
    """Whether somebody typed digits only to fill the field: 000-0000-0000, 090-1234-5678."""
    return is_filler(text)


def email_key(text: str) -> str | None:
    """The mail address in lower case, or None when it is none or says nothing of its owner.

    Relay domains and fillers (none@…) give None. Gmail ignores dots and what follows a plus.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower().removeprefix("mailto:")
    if not _EMAIL.fullmatch(plain):
        return None
    local, domain = plain.split("@")
    if domain in RELAY_DOMAINS or local in _PLACEHOLDER_LOCALS:
        return None
    if domain in ("gmail.com", "googlemail.com"):
        return f"{local.split('+')[0].replace('.', '')}@gmail.com"
    return plain


def postal_key(text: str, locale: str = "ja") -> str | None:
    """Seven digits (a lost leading zero restored); letters and digits outside Japan."""
    plain = unicodedata.normalize("NFKC", text).upper()
    if locale != "ja":
        return re.sub(r"[^A-Z0-9]", "", plain) or None
    digits = re.sub(r"\D", "", plain)
    if len(digits) == 6:
        digits = f"0{digits}"
    return digits if len(digits) == 7 and int(digits) else None


def address_key(text: str, locale: str = "ja") -> str | None:
    """Street and house number with the room number, without the building's name.

    桜台二丁目３番４号 コーポ若葉101 → 桜台2-3-4#101. Outside Japan the words in lower case.
    """
    if locale != "ja":
        words = unicodedata.normalize("NFKC", text).casefold()
        return re.sub(r"[^\w/]+", " ", words).strip() or None
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    plain = re.sub("([一二三四五六七八九十]+)丁目", lambda found: _chome(found[1]), plain)
    plain = re.sub("丁目|番地の|番地|番", "-", _DASHES.sub("-", plain)).replace("号", "")
    found = re.match(r"(.*?\d+(?:-\d+)+|\D+\d+)-?(.*)", plain)
    if found is None:
        return plain or None
    house, rest = found.groups()
    room = re.findall(r"\d+", rest)
    return f"{house}{f'#{room[-1]}' if room else ''}"


def _chome(numeral: str) -> str:
    tens, ten, ones = numeral.rpartition("十")
    value = (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)
    return f"{value}丁目"
