"""How wide the columns of a small table are, and how many lines each of its rows takes.

Figures and dates stay on one line; what is left goes to columns of words by the length of their
longest cell, so that a row's cells take about as many lines as each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import ceil
from typing import Any

from joren.report.fonts import font_path

# a share more than the typeface says: lines break before the last character that would fit
_SLACK = 1.02
_SHORT = 6  # times the size of the type


def text_width(words: str, size: float) -> float:
    """Width of one line in the report's typeface, in the unit of `size`."""
    advances, em = _advances()
    return size * sum(advances.get(ord(c), em) for c in words) / em


def natural_width(table: Mapping[str, Any], size: float, inset: float) -> float:
    """Width of a table whose cells stay on one line; headers may break between words.

    Parameters
    ----------
    table : headers, align, rows
    size : of the type
    inset : left and right of every cell, in the same unit
    """
    widths = (
        max(_widest(table["rows"], place, size), _longest_word(head, size) * _SLACK)
        for place, head in enumerate(table["headers"])
    )
    return sum(widths) + 2 * inset * len(table["headers"])


def column_widths(table: Mapping[str, Any], size: float, room: float, inset: float) -> list[float]:
    """Width of each column, insets included; together at most `room`.

    Parameters
    ----------
    table : headers, align (left or right), rows
    size, inset : see `natural_width`
    room : width there is
    """
    places = range(len(table["headers"]))
    rows = table["rows"]
    room -= 2 * inset * len(places)
    head = [text_width(words, size) * _SLACK for words in table["headers"]]
    cells = [_widest(rows, place, size) for place in places]
    natural = [max(pair) for pair in zip(head, cells, strict=True)]
    if sum(natural) <= room:
        return [width + 2 * inset for width in natural]
    words = [_longest_word(head, size) * _SLACK for head in table["headers"]]
    whole = [max(pair) for pair in zip(cells, words, strict=True)]
    if sum(whole) <= room:  # headers break before any cell does
        return [width + 2 * inset for width in _shared(whole, natural, room)]
    longest = [
        max(
            _longest_word(words, size) * _SLACK
            for words in (table["headers"][place], *(row[place] for row in rows))
        )
        for place in places
    ]
    figures = [align == "right" for align in table["align"]]
    # a column of short words keeps them whole, if there is room for that; sentences give way
    for short in (_SHORT * size, 0.0):
        least = [max(cells[p] if figures[p] else min(cells[p], short), longest[p]) for p in places]
        if sum(least) <= room:
            return [width + 2 * inset for width in _shared(least, natural, room)]
    return [width * room / sum(least) + 2 * inset for width in least]


def _shared(least: Sequence[float], natural: Sequence[float], room: float) -> list[float]:
    """Fill columns up from the least they need, so that all break into as many lines alike."""
    low, high = 0.0, 1.0
    for _round in range(40):
        share = (low + high) / 2
        taken = sum(max(a, share * b) for a, b in zip(least, natural, strict=True))
        low, high = (share, high) if taken <= room else (low, share)
    return [max(a, low * b) for a, b in zip(least, natural, strict=True)]


def lines_of_rows(
    table: Mapping[str, Any], widths: Sequence[float], size: float, inset: float
) -> list[int]:
    """Lines that the header and each row take.

    Parameters
    ----------
    widths : from `column_widths`
    """
    return [
        max(
            (
                _lines(words, width - 2 * inset, size)
                for words, width in zip(row, widths, strict=True)
            ),
            default=1,
        )
        for row in (table["headers"], *table["rows"])
    ]


def _lines(words: str, width: float, size: float) -> int:
    """Lines of a cell, broken between words and between characters that are not Latin."""
    lines, used = 1, 0.0
    for piece in _pieces(words):
        length = text_width(piece, size)
        if used and used + text_width(piece.rstrip(), size) > width + 0.1:
            lines, used = lines + 1, 0.0
        if length > width:
            extra = ceil(length / max(width, 1.0)) - 1
            lines, used = lines + extra, length - extra * width
        else:
            used += length
    return lines


def _pieces(words: str) -> list[str]:
    pieces = [""]
    for character in words:
        if ord(character) > 0x2E00:
            pieces += [character, ""]
        else:
            pieces[-1] += character
            if character.isspace():
                pieces.append("")
    return [piece for piece in pieces if piece]


def _longest_word(words: str, size: float) -> float:
    return max((text_width(piece.rstrip(), size) for piece in _pieces(words)), default=0.0)


def _widest(rows: Sequence[Sequence[str]], place: int, size: float) -> float:
    return max((text_width(row[place], size) * _SLACK for row in rows), default=0.0)


@cache
def _advances() -> tuple[dict[int, int], int]:
    from fontTools.ttLib import TTFont

    font = TTFont(font_path())
    glyphs, metrics = font.getBestCmap(), font["hmtx"]
    return {code: metrics[glyph][0] for code, glyph in glyphs.items()}, font["head"].unitsPerEm
