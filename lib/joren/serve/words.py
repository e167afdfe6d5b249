"""Words and small pieces every part of the page's HTML is made of, always in both languages."""

from __future__ import annotations

from html import escape
from typing import Any

from joren.text import LANGUAGES

Texts = dict[str, str]


def both(text: Texts) -> str:
    """A text in both languages, once where they agree."""
    if text["ja"] == text["en"]:
        return escape(text["ja"])
    return "".join(f'<span lang="{lang}">{escape(text[lang])}</span>' for lang in LANGUAGES)


def in_both(labels: dict[str, Any], name: str) -> Texts:
    """One of the dashboard's own words."""
    return {lang: labels[lang][name] for lang in LANGUAGES}


def label(labels: dict[str, Any], name: str) -> str:
    """One of the dashboard's own words, written."""
    return both(in_both(labels, name))


def side(numeral: bool) -> str:
    """What makes a cell stand to the right, as numerals do."""
    return ' class="number"' if numeral else ""


def scroll(table: str) -> str:
    """A table that scrolls inside itself where it is wider than the page."""
    return f'<div class="scroll" tabindex="0">{table}</div>'
