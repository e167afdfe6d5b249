"""The report's pages as slides."""

from __future__ import annotations

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from joren.report.pages import compose_pages
from joren.report.pptx import write_pptx
from joren.workspace import read_json


def test_every_page_is_a_slide_with_its_sentence_picture_and_table(demo_run, tmp_path):
    report = read_json(demo_run / "report.json")
    deck = Presentation(str(write_pptx(demo_run, report, "ja", tmp_path / "x.pptx")))
    pages = compose_pages(report, "ja", demo_run)
    assert len(deck.slides) == len(pages) + 1
    for page, slide in zip(pages, list(deck.slides)[1:], strict=True):
        said = "\n".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)
        assert page["headline"] in said
        pictures = [s for s in slide.shapes if s.shape_type == MSO_SHAPE_TYPE.PICTURE]
        assert bool(pictures) == bool(page["figures"])
        assert any(s.has_table for s in slide.shapes) == bool(page["table"])


def test_the_same_run_gives_the_same_bytes(demo_run, tmp_path):
    report = read_json(demo_run / "report.json")
    one, two = (
        write_pptx(demo_run, report, "en", tmp_path / f"{n}.pptx").read_bytes() for n in (1, 2)
    )
    assert one == two
