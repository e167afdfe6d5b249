"""The report's pages as slides: the sentence on top, one picture, one small table, editable."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joren import text
from joren.report.pages import compose_pages

_FIXED_TIME = datetime.datetime(2020, 1, 1)
_FONT = "Yu Gothic"  # comes with Office; slides are edited where it is
_MOST_ROWS = 8


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
        _slide(deck, page, run, f"{report['title'][language]} · {as_of}")
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


def _slide(deck, page: Mapping[str, Any], run: Path, foot: str) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    _write(slide, f"{page['title']} — {page['question']}", (0.6, 0.3, 12.1, 0.4), 12, "1F5F99")
    _write(slide, page["headline"], (0.6, 0.7, 12.1, 1.0), 20)
    top = 1.85
    if page["figures"]:
        from pptx.util import Inches

        picture = (run / page["figures"][0]["path"]).with_suffix(".png")
        drawn = slide.shapes.add_picture(str(picture), Inches(0.6), Inches(top), width=Inches(6.7))
        if drawn.height > Inches(5.0):
            drawn.width = int(drawn.width * Inches(5.0) / drawn.height)
            drawn.height = Inches(5.0)
    right = 7.6 if page["figures"] else 0.6
    if page["table"]:
        _table(slide, page["table"], right, top)
    elif page["tiles"]:
        lines = "\n".join(f"{t['label']}  {t['value']}" for t in page["tiles"])
        _write(slide, lines, (right, top, 12.7 - right, 4.5), 13)
    else:
        lines = "\n".join(page["sentences"][:4])
        _write(slide, lines, (right, top, 12.7 - right, 4.5), 11)
    slide.notes_slide.notes_text_frame.text = "\n".join([page["headline"], *page["sentences"]])
    _write(slide, foot, (0.6, 7.0, 12.1, 0.3), 9, "6B7078")


def _table(slide, table: Mapping[str, Any], left: float, top: float) -> None:
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Inches, Pt

    rows = table["rows"][:_MOST_ROWS]
    shape = slide.shapes.add_table(
        len(rows) + 1, len(table["headers"]), Inches(left), Inches(top), Inches(12.7 - left),
        Inches(0.3 * (len(rows) + 1)),
    )  # fmt: skip
    for number, row in enumerate([table["headers"], *rows]):
        for place, cell in enumerate(row):
            frame = shape.table.cell(number, place).text_frame
            frame.text = cell
            paragraph = frame.paragraphs[0]
            paragraph.font.size, paragraph.font.name = Pt(10), _FONT
            left_aligned = table["align"][place] == "left"
            paragraph.alignment = PP_ALIGN.LEFT if left_aligned else PP_ALIGN.RIGHT


def _write(
    slide, words: str, box: tuple[float, float, float, float], size: int, colour: str = "22262B"
) -> None:
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    frame = slide.shapes.add_textbox(*(Inches(side) for side in box)).text_frame
    frame.word_wrap = True
    for number, line in enumerate(words.split("\n")):
        paragraph = frame.paragraphs[0] if not number else frame.add_paragraph()
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.name = Pt(size), _FONT
        run.font.color.rgb = RGBColor.from_string(colour)


def _dated(deck: io.BytesIO) -> bytes:
    """The archive with one fixed date on every part, so that the same slides are the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(deck) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            part = zipfile.ZipInfo(info.filename, (2020, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, old.read(info.filename))
    return stream.getvalue()
