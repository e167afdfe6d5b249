"""Strings as clients write them to exact values, as engine expressions.

Each parser gives null for what it cannot read; a non-empty string with a null value is a fault
and puts its row into quarantine. Nothing is guessed: `02/03/2026`, two-digit years and numbers in
exponent form have lost what a reader would need. Dates and times are in `moments.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import batched

import ibis
import ibis.expr.types as ir

from joren.contract import MONEY

LARGEST = 10**11
"""Amounts from here on are unreadable: sums of them would not fit the money type."""

_WIDE = "０１２３４５６７８９，．／：；＋－−‐‑–—―（）　￥ＥｅＴＺ＄"
_NARROW = "0123456789,./:;+-------() ¥EeTZ$"
_BLANKS = (
    "-", "--", "－", "NULL", "null", "None", "nan", "NaN", "#N/A", "N/A",
    "0000-00-00", "0000/00/00", "0000-00-00 00:00:00", "0000/00/00 00:00:00",
)  # fmt: skip
SPACES = " \t\r\n　\u00a0\ufeff"
"""What counts as empty around a value."""
PLACEHOLDERS = ("nan", "null", "none", "#n/a", "n/a", "<na>", "undefined")
"""What programs write where an identifier was missing, in lower case."""

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_CURRENCY = r"(?:¥|\\|\$|€|£|JPY|USD|EUR|GBP)?"
_UNIT = r"(?:円|JPY|USD|EUR|GBP|pt|PT|P|ポイント|点|個|回|日)?"
_AMOUNT = (
    rf"^(?:(?:[-+△▲]? ?{_CURRENCY}|{_CURRENCY} ?[-+△▲]) ?(?:{_DIGITS}) ?{_UNIT}"
    rf"|\( ?{_CURRENCY} ?(?:{_DIGITS}) ?{_UNIT} ?\))$"
)
_FAR_FUTURE = r"^(?:2[2-9]|[3-9]\d)\d\d(?:[-/.年]?\d{1,2}){2}"
_TRUE = (
    "1", "true", "t", "yes", "y", "on", "可", "有", "あり", "はい", "許可", "希望する", "受け取る",
    "受信する", "する", "○", "◯", "〇",
)  # fmt: skip
_FALSE = (
    "0", "false", "f", "no", "n", "off", "不可", "否", "無", "なし", "いいえ", "拒否", "希望しない",
    "受け取らない", "受信しない", "しない", "×", "✕", "x",
)  # fmt: skip


@ibis.udf.scalar.builtin(name="trim")
def trimmed(text: str, characters: str) -> str:
    """The string without any of the characters at its ends (the engine's own function)."""
    ...


@ibis.udf.scalar.builtin(name="strlen")
def _bytes(text: str) -> int: ...


def cleaned(text: ir.StringValue) -> ir.StringValue:
    """The string without spaces around it (full-width ones too); null where nothing is left."""
    return trimmed(text, SPACES).nullif("")


def among(text: ir.StringValue, words: Collection[str]) -> ir.BooleanValue:
    """Whether a string is one of some words; null where it is null.

    The words are given in fours: of a longer list the engine makes a join, and with one for every
    column of a table it plans a query longer than it runs it.
    """
    return ibis.or_(*(text.isin(few) for few in batched(words, 4)))


def optional(text: ir.StringValue) -> ir.StringValue:
    """A cleaned string of an optional column; null for the usual ways of writing "none"."""
    return ibis.cases((among(text, _BLANKS), ibis.null("string")), else_=text)


def optional_time(text: ir.StringValue) -> ir.StringValue:
    """As `optional`; a day from the year 2200 on is a system's way of writing "never"."""
    text = optional(text)
    return ibis.cases((text.re_search(_FAR_FUTURE), ibis.null("string")), else_=text)


def narrowed(text: ir.StringValue) -> ir.StringValue:
    """Digits, signs and separators in their half-width form."""
    ascii_alone = _bytes(text) == text.length()
    return ibis.cases((ascii_alone, text), else_=text.translate(_WIDE, _NARROW))


def word(text: ir.StringValue) -> ir.StringValue:
    """A word of a vocabulary without width, case, spaces and brackets, for comparison."""
    return narrowed(text).lower().re_replace(r"[\s_()（）・.]", "")


def amount(text: ir.StringValue) -> ir.DecimalValue:
    """An exact amount from a narrowed string.

    Read are `1,234円`, `¥1,234`, `１，２３４`, `△1,234`, `(1,234)`, `-1,234` and their kin.
    Digits beyond the fourth decimal (binary fractions written out) are rounded. Null for exponent
    form, broken thousands, anything else that is no number, and from `LARGEST` on.
    """
    sign = ibis.cases((text.re_search(r"^[^\d]*[-△▲(]"), "-"), else_="")
    signed = (sign + text.re_replace(r"[^0-9.]", "")).try_cast("decimal(38, 6)").round(4)
    readable = text.re_search(_AMOUNT) & (signed.abs() < LARGEST)
    signed = ibis.cases((readable, signed.cast(MONEY)))
    # nearly all amounts are plain integers, for which three patterns each are dear
    plain = text.try_cast("int64")
    is_plain = (plain.cast("string") == text) & plain.between(1 - LARGEST, LARGEST - 1)
    return ibis.cases((is_plain, plain.cast(MONEY)), else_=signed)


def whole(number: ir.DecimalValue) -> ir.IntegerValue:
    """An amount as an integer; null where a fraction is left."""
    fits = number == number.floor()
    return ibis.cases((fits, number.cast("int64")), else_=ibis.null("int64"))


def boolean(text: ir.StringValue) -> ir.BooleanValue:
    """1/0, true/false, yes/no and their Japanese forms (希望する, 不可, ○, ...), narrowed."""
    word = text.lower()
    return ibis.cases(
        (among(word, _TRUE), True), (among(word, _FALSE), False), else_=ibis.null("boolean")
    )
