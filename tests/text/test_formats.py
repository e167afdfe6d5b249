"""Numbers as Japanese and English readers write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from joren.text import format_value


@pytest.mark.parametrize(
    ("value", "spec", "japanese", "english"),
    [
        (0.3123, "pct", "31.2 %", "31.2 %"),
        (6120, "count", "6,120", "6,120"),
        (12_340_000, "money", "¥1,234万", "¥12.3M"),
        (123_400_000, "money", "¥1.23億", "¥123M"),
        (9_876, "money", "¥9,876", "¥9,876"),
        (-54_321, "money", "−¥5.43万", "−¥54.3K"),
        (Decimal("1234567"), "money_exact", "¥1,234,567", "¥1,234,567"),
        (0.01234, "number", "0.012", "0.012"),
        (1234.5, "number", "1,234", "1,234"),
        (12.0, "days", "12 日", "12 days"),
        (date(2026, 3, 31), "date", "2026年3月31日", "31 Mar 2026"),
        (date(2026, 3, 31), "month", "2026年3月", "Mar 2026"),
        (None, "money", "–", "–"),
        (float("nan"), "pct", "–", "–"),
        (pd.NaT, "date", "–", "–"),
    ],
)
def test_a_value_by_its_spec(value, spec, japanese, english):
    assert format_value(value, spec, "ja", "JPY") == japanese
    assert format_value(value, spec, "en", "JPY") == english


def test_currencies_with_minor_units_show_them_when_small():
    assert format_value(29.33, "money", "en", "USD") == "$29.33"
    assert format_value(29.33, "money_exact", "en", "EUR") == "€29.33"
    assert format_value(5, "money_exact", "en", "CHF") == "CHF 5.00"
