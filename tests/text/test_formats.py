"""Numbers as Japanese and English readers write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from joren.report.fonts import missing_glyphs
from joren.text import format_interval, format_value


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
        (-0.3123, "pct", "−31.2 %", "−31.2 %"),
        (-0.31, "pct0", "−31 %", "−31 %"),
        (-0.0123, "pct_bare", "−1.2", "−1.2"),
        (-6120, "count", "−6,120", "−6,120"),
        (-12, "days", "−12 日", "−12 days"),
        (-1234.56, "decimal1", "−1,234.6", "−1,234.6"),
        (-0.0004, "pct", "0.0 %", "0.0 %"),
        (-0.4, "count", "0", "0"),
        (-0.4, "money", "¥0", "¥0"),
        (None, "money", "–", "–"),
        (float("nan"), "pct", "–", "–"),
        (pd.NaT, "date", "–", "–"),
    ],
)
def test_a_value_by_its_spec(value, spec, japanese, english):
    assert format_value(value, spec, "ja", "JPY") == japanese
    assert format_value(value, spec, "en", "JPY") == english


def test_an_interval_with_a_minus_is_not_written_with_a_dash():
    assert format_interval(0.3012, 0.324, "pct_bare", "ja", "JPY") == "30.1–32.4"
    assert format_interval(-0.012, 0.034, "pct_bare", "ja", "JPY") == "−1.2〜3.4"
    assert format_interval(-5400, -100, "money", "en", "JPY") == "−¥5,400 to −¥100"


def test_no_text_a_client_reads_has_an_ascii_minus_and_the_typeface_draws_the_true_one():
    for spec in ("pct", "pct0", "pct_bare", "count", "days", "number", "decimal1", "decimal2"):
        for language in ("ja", "en"):
            written = format_value(-12.3, spec, language, "JPY")
            assert "−" in written and "-" not in written
    assert not missing_glyphs("−〜–")


def test_currencies_with_minor_units_show_them_when_small():
    assert format_value(29.33, "money", "en", "USD") == "$29.33"
    assert format_value(29.33, "money_exact", "en", "EUR") == "€29.33"
    assert format_value(5, "money_exact", "en", "CHF") == "CHF 5.00"
