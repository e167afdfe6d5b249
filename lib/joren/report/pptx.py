"""The report's pages as slides: the sentence on top, one picture, one small table, editable.

Room is measured in the report's own typeface: what is drawn has that of the reader's Office.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from joren import text
from joren.report.pages import compose_pages
from joren.report.table_space import column_widths, lines_of_rows, natural_width, text_width

_FIXED_TIME = datetime.datetime(2020, 1, 1)
_BETWEEN_SCRIPTS = re.compile(r"(?<=[\u3040-\u9fff])(?=[!-~¥])|(?<=[!-~])(?=[\u3040-\u9fff])")
_FONT = "Yu Gothic"  # comes with Office; slides are edited where it is
# of a slide, in inches
_LEFT, _BESIDE, _RIGHT, _BOTTOM = 0.6, 7.5, 12.73, 6.9
# sizes of type and the inset of a cell, in points
_CELL, _ALONE, _SENTENCE, _INSET = 10, 11, 12, 5
_OFFICE = 1.08  # digits of Office's typefaces are wider than those of the report's


def write_pptx(
    run: Path, report: Mapping[str, Any], language: str, target: Path | None = None
) -> Path:
    """Write a slide for each page of the report.

    Returns
    -------
    the presentation, `report.pptx` in the run by default; the same run gives the same bytes
    """
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    as_of = text.render(language, "report.as_of", date=report["as_of_text"][language])
    _cover(deck, report["title"][language], f"{text.render(language, 'report.name')} · {as_of}")
    for page in compose_pages(report, language, run):
        _slide(deck, page, run, f"{report['title'][language]} · {as_of}", language)
    properties = deck.core_properties
    properties.created = properties.modified = _FIXED_TIME
    properties.author, properties.last_modified_by, properties.revision = "Joren", "Joren", 1
    target = target or run / "report.pptx"
    saved = io.BytesIO()
    deck.save(saved)
    partial = target.with_name(f".{target.name}.partial")
    partial.write_bytes(_dated(saved))
    partial.replace(target)
    return target


def _cover(deck, title: str, below: str) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    _write(slide, title, (0.9, 2.6, 11.5, 1.0), 36)
    _write(slide, below, (0.9, 3.7, 11.5, 0.6), 16, "6B7078")


def _slide(deck, page: Mapping[str, Any], run: Path, foot: str, language: str) -> None:
    """A page's slide; a table too wide for the room beside the picture gets one of its own."""
    slide, top = _headed(deck, page, foot)
    if page["figures"]:
        _picture(slide, run / page["figures"][0]["path"], top)
    left = _BESIDE if page["figures"] else _LEFT
    table = page["table"]
    beside = (
        bool(table)
        and natural_width(_spaced(table), _CELL * _OFFICE, _INSET) <= (_RIGHT - left) * 72
    )
    if table and beside:
        _table(slide, table, left, top, language)
    elif page["tiles"]:
        lines = "\n".join(_tile_line(tile) for tile in page["tiles"])
        _write(slide, lines, (left, top, _RIGHT - left, _BOTTOM - top), 13)
    else:
        shown = _fitting(page["sentences"], _RIGHT - left, _BOTTOM - top)
        box = (left, top, _RIGHT - left, _BOTTOM - top)
        _write(slide, "\n".join(shown), box, _SENTENCE, gap=6)
    slide.notes_slide.notes_text_frame.text = "\n".join([page["headline"], *page["sentences"]])
    if table and not beside:
        slide, top = _headed(deck, page | {"headline": table["title"]}, foot)
        _table(slide, table, _LEFT, top, language, _ALONE)


def _headed(deck, page: Mapping[str, Any], foot: str) -> tuple[Any, float]:
    """A slide with its question, its sentence and its foot; where the rest may begin, in inches."""
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    width = _RIGHT - _LEFT
    _write(slide, f"{page['title']} — {page['question']}", (_LEFT, 0.3, width, 0.4), 12, "1F5F99")
    size = 20 if _lines(page["headline"], 20, width) <= 2 else 16
    lines = _lines(page["headline"], size, width)
    height = lines * size * 1.3 / 72 + 0.15
    _write(slide, page["headline"], (_LEFT, 0.7, width, height), size)
    _write(slide, foot, (_LEFT, 7.0, width, 0.3), 9, "6B7078")
    return slide, max(0.7 + height + 0.1, 1.6)


def _picture(slide, drawn: Path, top: float) -> None:
    from pptx.util import Inches

    shape = slide.shapes.add_picture(
        str(drawn.with_suffix(".png")), Inches(_LEFT), Inches(top), width=Inches(6.7)
    )
    most = Inches(_BOTTOM - top)
    if shape.height > most:
        shape.width = int(shape.width * most / shape.height)
        shape.height = most


def _lines(sentence: str, size: float, width: float) -> int:
    """Lines of a sentence in a box so many inches wide, whose insets are a fifth of an inch."""
    return ceil(text_width(_wide(sentence), size) * _OFFICE / ((width - 0.2) * 72))


def _fitting(sentences: Sequence[str], width: float, height: float) -> list[str]:
    """As many sentences as there is room for; all of them stand in the notes."""
    room, shown = height * 72, []
    for sentence in sentences:
        room -= _lines(sentence, _SENTENCE, width) * _SENTENCE * 1.3 + 6
        if room < 0:
            break
        shown.append(sentence)
    return shown


def _table(
    slide,
    table: Mapping[str, Any],
    left: float,
    top: float,
    language: str,
    size: float = _CELL,
) -> None:
    """A table without vertical rules, its figures on one line, as many rows as there is room."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    spaced = _spaced(table)
    widths = column_widths(spaced, size * _OFFICE, (_RIGHT - left) * 72, _INSET)
    lines = lines_of_rows(spaced, widths, size * _OFFICE, _INSET)
    heights = [size * 1.35 * n + 6 for n in lines]
    rows = [table["headers"]]
    room = (_BOTTOM - top) * 72 - heights[0]
    for row, height in zip(table["rows"], heights[1:], strict=True):
        room -= height
        if room < 0:
            break
        rows.append(row)
    frame = slide.shapes.add_table(
        len(rows), len(widths), Pt(left * 72), Pt(top * 72), Pt(sum(widths)),
        Pt(sum(heights[: len(rows)])),
    )  # fmt: skip
    _plain(frame)
    for place, width in enumerate(widths):
        frame.table.columns[place].width = Pt(width)
    for number, row in enumerate(rows):
        frame.table.rows[number].height = Pt(heights[number])
        for place, words in enumerate(row):
            cell = frame.table.cell(number, place)
            cell.margin_left = cell.margin_right = Pt(_INSET)
            cell.margin_top = cell.margin_bottom = Pt(2)
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.text_frame.text = words
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.font.size, paragraph.font.name = Pt(size), _FONT
            paragraph.font.color.rgb = _colour("6B7078" if not number else "22262B")
            leftwards = table["align"][place] == "left"
            paragraph.alignment = PP_ALIGN.LEFT if leftwards else PP_ALIGN.RIGHT
            if number in (0, len(rows) - 1):
                _rule_below(cell)
    left_out = table["left_out"] + len(table["rows"]) - len(rows) + 1
    if left_out:
        note = text.render(language, "report.more_rows", value=left_out)
        below = top + sum(heights[: len(rows)]) / 72
        _write(slide, note, (left, min(below, 6.7), _RIGHT - left, 0.25), 9, "6B7078")


def _spaced(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table to be measured: an office sets a little space between Japanese and Latin."""

    return {
        **table,
        "headers": [_wide(words) for words in table["headers"]],
        "rows": [[_wide(words) for words in row] for row in table["rows"]],
    }


def _wide(words: str) -> str:
    return _BETWEEN_SCRIPTS.sub("\u00a0", words)


def _plain(frame) -> None:
    """No bands, no fills: the style that Office calls No Style, No Grid."""
    properties = frame._element.graphic.graphicData.tbl.tblPr
    properties.find(
        "{http://schemas.openxmlformats.org/drawingml/2006/main}tableStyleId"
    ).text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
    frame.table.horz_banding = False


def _rule_below(cell) -> None:
    from pptx.oxml import parse_xml

    cell._tc.get_or_add_tcPr().append(parse_xml(
        '<a:lnB xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" w="7620">'
        '<a:solidFill><a:srgbClr val="8A8F98"/></a:solidFill></a:lnB>'
    ))  # fmt: skip


def _write(
    slide,
    words: str,
    box: tuple[float, float, float, float],
    size: int,
    colour: str = "22262B",
    gap: int = 0,
) -> None:
    from pptx.util import Inches, Pt

    if not words:
        return
    frame = slide.shapes.add_textbox(*(Inches(side) for side in box)).text_frame
    frame.word_wrap = True
    for number, line in enumerate(words.split("\n")):
        paragraph = frame.paragraphs[0] if not number else frame.add_paragraph()
        paragraph.space_after = Pt(gap)
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.name = Pt(size), _FONT
        run.font.color.rgb = _colour(colour)


def _colour(code: str):
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(code)


def _dated(deck: io.BytesIO) -> bytes:
    """The archive with one fixed date on every part, so that the same slides are the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(deck) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            part = zipfile.ZipInfo(info.filename, (2020, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(info.filename))
    return stream.getvalue()


def _tile_line(tile: dict[str, str | None]) -> str:
    parts = (tile["label"], tile["value"], tile["target"])
    return "  ".join(part for part in parts if part)
