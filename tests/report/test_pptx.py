"""The report's pages as slides."""

from __future__ import annotations

from itertools import combinations

import pytest
from matplotlib import pyplot as plt
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.util import Emu, Inches

from joren.report.pages import compose_pages
from joren.report.pptx import write_pptx
from joren.report.table_space import text_width
from joren.workspace import read_json

SENTENCE = "いまの顧客が今後 365 日に支払う見込みは ¥2,838万です(90 %区間 ¥2,652万–¥3,024万)。"


def _both(words):
    return {"ja": words, "en": words}


def _finding(key, words):
    return {
        "kind": "finding", "key": key, "subject": None, "text": _both(words), "value": 1.0,
        "lower": 0.0, "upper": 2.0, "n": 3, "accent": False, "tile": None, "in_title": False,
    }  # fmt: skip


def _table(name, headers, rows):
    return {
        "kind": "table", "name": name, "title": _both("表の題"),
        "columns": [
            {"header": _both(words), "align": "right" if place else "left"}
            for place, words in enumerate(headers)
        ],
        "rows": _both(rows),
    }  # fmt: skip


@pytest.fixture
def run(tmp_path):
    """A small table beside a picture, one of 30 rows, and one too wide to stay on one line."""
    (tmp_path / "figures").mkdir()
    for name in ("value_ahead", "actions_at_stake"):
        figure = plt.figure(figsize=(6.7, 4))
        for ending in ("svg", "png"):
            figure.savefig(tmp_path / "figures" / f"{name}.{ending}")
        plt.close(figure)
    path = "figures/value_ahead.svg"
    picture = {"kind": "figure", "name": "value_ahead", "title": _both("図"), "svg": _both(path)}
    narrow = _table("value_by_first_channel", ["販路", "人数"], [["店舗", "1,234"]] * 3)
    wide = _table(
        "actions_lists",
        ["リスト", *["かかっている価値"] * 8],
        [["高LTVの離脱予備軍", *["¥1,234万"] * 7, "2026年5月31日"]] * 30,
    )
    widest = _table(
        "pdca_ledger",
        [f"結果 {n}" for n in range(5)],
        [["差 −0.14(区間 −0.31〜0.02)、評価 A"] * 5] * 6,
    )
    steps = {
        "04_ltv/40_value": [_finding("ltv.total_value.model", SENTENCE * 3), picture, narrow],
        "04_ltv/70_actions": [_finding("actions.drawn", SENTENCE), wide],
        "05_experiments/50_pdca": [_finding("pdca.pooled", SENTENCE), widest],
    }
    report = {
        "language": "ja", "title": _both("店"), "as_of_text": _both("2026年3月31日"),
        "stages": [{"steps": [
            {"step": step, "status": "ran", "origin": None, "reason": None, "items": items}
            for step, items in steps.items()
        ]}],
    }  # fmt: skip
    return tmp_path, report


@pytest.fixture
def slides(run, tmp_path):
    folder, report = run
    return list(Presentation(str(write_pptx(folder, report, "ja", tmp_path / "x.pptx"))).slides)


def test_nothing_stands_outside_its_slide_or_on_something_else(slides):
    for slide in slides:
        boxes = [(s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes]
        for left, top, right, bottom in boxes:
            assert left >= 0 and top >= 0
            assert right <= Inches(13.333) and bottom <= Inches(7.5)
        for one, two in combinations(boxes, 2):
            # frames of text may touch where they have only their insets
            across = min(one[2], two[2]) - max(one[0], two[0])
            along = min(one[3], two[3]) - max(one[1], two[1])
            assert across <= 0 or along <= Inches(0.12), (slide.shapes.title, one, two)


def test_figures_of_a_table_stay_on_one_line_and_rows_left_out_are_counted(slides):
    slide = slides[3]
    table = next(s.table for s in slide.shapes if s.has_table)
    for place, column in enumerate(table.columns):
        for row in table.rows:
            cell = row.cells[place]
            words = cell.text_frame.text
            size = cell.text_frame.paragraphs[0].font.size.pt
            room = Emu(column.width - cell.margin_left - cell.margin_right).pt
            if row is not table.rows[0]:
                assert text_width(words, size) <= room
    shown = len(table.rows) - 1
    said = " ".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)
    assert shown < 30
    assert str(30 - shown) in said


def test_a_long_sentence_is_set_smaller_and_a_wide_table_on_a_slide_of_its_own(run, slides):
    # cover, glance, value with its small table, actions, and the ledger's sentence and its table
    assert len(slides) == 6
    assert [any(s.has_table for s in slide.shapes) for slide in slides] == [
        False, False, True, True, False, True,
    ]  # fmt: skip
    sizes = [
        max(r.font.size.pt for s in slide.shapes if s.has_text_frame
            for p in s.text_frame.paragraphs for r in p.runs)
        for slide in slides[1:]
    ]  # fmt: skip
    assert sizes == [16, 16, 20, 20, 20]


def test_every_page_of_a_run_is_there_with_its_sentence_picture_and_table(demo_run, tmp_path):
    report = read_json(demo_run / "report.json")
    deck = Presentation(str(write_pptx(demo_run, report, "ja", tmp_path / "x.pptx")))
    slides = iter(list(deck.slides)[1:])
    for page in compose_pages(report, "ja", demo_run):
        slide = next(slides)
        said = "\n".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)
        assert page["headline"] in said
        pictures = [s for s in slide.shapes if s.shape_type == MSO_SHAPE_TYPE.PICTURE]
        assert bool(pictures) == bool(page["figures"])
        if page["table"] and not any(s.has_table for s in slide.shapes):
            assert any(s.has_table for s in next(slides).shapes)
    assert next(slides, None) is None


def test_the_same_run_gives_the_same_bytes(run, tmp_path):
    folder, report = run
    one, two = (
        write_pptx(folder, report, "en", tmp_path / f"{n}.pptx").read_bytes() for n in (1, 2)
    )
    assert one == two
