"""The embedded typeface draws every character of the texts."""

from __future__ import annotations

import base64
import io
import re

from fontTools.ttLib import TTFont

from joren import text
from joren.report.fonts import missing_glyphs, subset_css


def test_a_subset_holds_the_pages_characters_and_little_else():
    css = subset_css("顧客価値 LTV 31.2 %")
    data = re.search(r"base64,([^\"]+)", css)[1]
    known = TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap()

    assert {ord(c) for c in "顧客価値LTV312.%"} <= known.keys()
    assert len(known) < 40
    assert css == subset_css("顧客価値 LTV 31.2 %")


def test_every_committed_text_can_be_drawn():
    for language in text.LANGUAGES:
        for room in text.rooms():
            page = text.catalog_path(language, room).read_text(encoding="utf-8")
            assert not missing_glyphs(page), f"{language}/{room}"
