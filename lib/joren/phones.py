"""Phones that somebody typed, or a system wrote, only to fill the field: 000-0000-0000."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

_TAIL = 8
_RUN = "01234567890123456789"


def is_filler(text: str) -> bool:
    """Whether the last eight digits are one digit repeated or run upwards: 090-1234-5678.

    >>> is_filler("000-0000-0000"), is_filler("090-1111-0001")
    (True, False)
    """
    tail = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))[-_TAIL:]
    return bool(tail) and (len(set(tail)) == 1 or tail in _RUN)


def filler_digits(digits: ir.StringValue) -> ir.BooleanValue:
    """`is_filler` in the engine, of a string of digits alone."""
    import ibis

    tail = digits.right(_TAIL)
    alike = tail.replace(tail.substr(0, 1), "") == ""
    return (tail != "") & (alike | ibis.literal(_RUN).contains(tail))
