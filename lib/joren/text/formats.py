"""Numbers, money and dates as Japanese and English readers write them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_SYMBOLS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "CNY": "CN¥", "KRW": "₩", "TWD": "NT$"}
_MINOR_UNITS = {"JPY": 0, "KRW": 0}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# from which amount on, divided by what, with which unit
_SCALES = {
    "ja": ((1e12, 1e12, "兆"), (1e8, 1e8, "億"), (1e4, 1e4, "万")),
    "en": ((1e12, 1e12, "T"), (1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "K")),
}
NO_VALUE = "–"


@dataclass(frozen=True)
class Certainty:
    """How sure a finding is: its interval, or the stated reason why it has none.

    Parameters
    ----------
    lower, upper : the interval's ends, or None
    level : the interval's probability, 0.9 for 90 %
    n : how many units the figure rests on
    as_of : last day of data
    why_no_interval : text key of the reason, where there is no interval
    """

    lower: float | None
    upper: float | None
    level: float
    n: int
    as_of: date
    why_no_interval: str | None = None

    def describe(self, language: str, spec: str, currency: str) -> str:
        """The parenthesis that closes a finding's claim."""
        from joren.text import render

        if self.lower is None or self.upper is None:
            reason = render(language, self.why_no_interval or "common.no_interval")
            return render(
                language, "common.certainty_stated", reason=reason, n=self.n, as_of=self.as_of
            )
        # the unit stands at the estimate; the interval repeats it only where it can differ (万/億)
        bare = spec if spec.startswith("money") else f"{spec}_bare" if spec == "pct" else spec
        return render(
            language,
            "common.certainty",
            level=format_value(self.level, "pct0", language, currency),
            interval=format_interval(self.lower, self.upper, bare, language, currency),
            n=self.n,
            as_of=self.as_of,
        )


def format_value(value: Any, spec: str, language: str, currency: str) -> str:
    """One value by its spec.

    Parameters
    ----------
    value : number, date or text; None, NaN and pandas' NaT become a dash
    spec : pct, pct0, count, money, money_exact, number, decimal1, decimal2, days, date, month, or
        empty for plain text
    """
    # NaN and NaT are what differs from itself
    if value is None or value != value:
        return NO_VALUE
    if spec == "":
        # a note knows its languages
        return getattr(value, "texts", {}).get(language) or str(value)
    return _WRITERS[spec](value, language, currency)


def format_interval(lower: Any, upper: Any, spec: str, language: str, currency: str) -> str:
    """Two ends of an interval; with a minus they stand apart, for a dash reads as one more sign."""
    ends = [format_value(end, spec, language, currency) for end in (lower, upper)]
    between = "–" if "−" not in "".join(ends) else "〜" if language == "ja" else " to "
    return between.join(ends)


def _pct(value: float, language: str, currency: str) -> str:
    return f"{_signed(100 * value, 1)} %"


def _pct_bare(value: float, language: str, currency: str) -> str:
    return _signed(100 * value, 1)


def _pct0(value: float, language: str, currency: str) -> str:
    return f"{_signed(100 * value, 0)} %"


def _count(value: float, language: str, currency: str) -> str:
    return _signed(round(value), 0)


def _money(value: float | Decimal, language: str, currency: str) -> str:
    amount = abs(float(value))
    if amount < (0.5 if _MINOR_UNITS.get(currency, 2) == 0 else 0.005):
        amount = value = 0.0  # nothing has no sign
    sign = "−" if value < 0 else ""
    symbol = _SYMBOLS.get(currency, f"{currency} ")
    for threshold, size, unit in _SCALES[language]:
        if amount >= threshold:
            return f"{sign}{symbol}{_significant(amount / size)}{unit}"
    if amount >= 100 or _MINOR_UNITS.get(currency, 2) == 0:
        return f"{sign}{symbol}{amount:,.0f}"
    return f"{sign}{symbol}{amount:,.2f}"


def _money_exact(value: float | Decimal, language: str, currency: str) -> str:
    sign = "−" if value < 0 else ""
    digits = _MINOR_UNITS.get(currency, 2)
    return f"{sign}{_SYMBOLS.get(currency, f'{currency} ')}{abs(value):,.{digits}f}"


def _significant(value: float, digits: int = 3) -> str:
    """At least `digits` significant digits, no decimals once the integer part has them."""
    decimals = max(0, digits - 1 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:,.{decimals}f}"


def _number(value: float, language: str, currency: str) -> str:
    if value == 0:
        return "0"
    return ("−" if value < 0 else "") + _significant(abs(value), 2)


def _decimal1(value: float, language: str, currency: str) -> str:
    return _signed(value, 1)


def _decimal2(value: float, language: str, currency: str) -> str:
    return _signed(value, 2)


def _signed(value: float | Decimal, decimals: int) -> str:
    """With a true minus; what rounds to nothing has no sign."""
    written = f"{abs(value):,.{decimals}f}"
    return f"−{written}" if value < 0 and set(written) & set("123456789") else written


def _days(value: float, language: str, currency: str) -> str:
    return f"{_signed(value, 0)} {'日' if language == 'ja' else 'days'}"


def _date(value: date | datetime, language: str, currency: str) -> str:
    if language == "ja":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def _month(value: date | datetime, language: str, currency: str) -> str:
    if language == "ja":
        return f"{value.year}年{value.month}月"
    return f"{_MONTHS[value.month - 1]} {value.year}"


_WRITERS = {
    "pct": _pct,
    "pct_bare": _pct_bare,
    "pct0": _pct0,
    "count": _count,
    "money": _money,
    "money_exact": _money_exact,
    "number": _number,
    "decimal1": _decimal1,
    "decimal2": _decimal2,
    "days": _days,
    "date": _date,
    "month": _month,
}
