"""Every text exists in both languages and asks for the same numbers."""

from __future__ import annotations

from datetime import date
from string import Formatter

import pytest

from joren import text
from joren.errors import JorenError


def _catalog(language: str, room: str) -> dict[str, str]:
    return text._catalog(language, room)


@pytest.mark.parametrize("room", text.rooms())
def test_both_languages_have_the_same_entries_and_placeholders(room):
    japanese, english = _catalog("ja", room), _catalog("en", room)
    assert japanese.keys() == english.keys()
    for entry in japanese:
        fields = [
            {name for _, name, _, _ in Formatter().parse(catalog[entry]) if name}
            for catalog in (japanese, english)
        ]
        assert fields[0] == fields[1], f"{room}.{entry}"


def test_the_rooms_are_the_same_in_both_languages():
    english = {path.stem for path in text.catalog_path("en", "common").parent.glob("*.yaml")}
    assert set(text.rooms()) == english


def test_an_interval_and_a_reason_close_a_claim():
    sure = text.Certainty(0.301, 0.324, 0.9, 6120, date(2026, 3, 31))
    stated = text.Certainty(None, None, 0.9, 12, date(2026, 3, 31), "common.counted")

    assert sure.describe("ja", "pct", "JPY") == (
        "(90 %区間 30.1–32.4、n = 6,120、2026年3月31日時点)"
    )
    assert sure.describe("en", "pct", "JPY") == (
        "(90 % interval 30.1–32.4, n = 6,120, as of 31 Mar 2026)"
    )
    assert "full count" in stated.describe("en", "count", "JPY")


def test_a_missing_text_or_number_is_an_error():
    with pytest.raises(JorenError, match="there is no text"):
        text.render("ja", "common.none")
    with pytest.raises(JorenError, match="needs 'tables'"):
        text.render("ja", "frame.input_missing")


def test_a_name_that_differs_by_language_fills_each_sentence_with_its_own():
    shop = text.named({"ja": "店舗", "en": "the shop"})

    assert "店舗" in text.render("ja", "frame.input_missing", tables=shop)
    assert "the shop" in text.render("en", "frame.input_missing", tables=shop)
