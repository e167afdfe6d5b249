import json
import re
from itertools import combinations

import pytest
from tests.routes.graphs import NAMES, random_graph

from joren.report.fonts import missing_glyphs
from joren.routes.backbone import backbone
from joren.routes.layout import ems
from joren.routes.twin import save_twin, twin

_BOX = re.compile(r'<rect x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="(\d+)"')
_SVG = re.compile(r'<svg class="(wide|tall)" viewBox="0 0 (\d+) (\d+)".*?</svg>', re.S)
_TEXT = re.compile(r'<text x="([\d.]+)" y="([\d.]+)">(.*?)</text>')


@pytest.fixture(scope="module", params=["ja", "en"])
def page(request):
    return twin(backbone(random_graph(3, NAMES)), request.param)


def test_nothing_is_loaded_from_anywhere(page):
    assert not re.search(r"https?://|//cdn|@import|<link|src=[\"']", page.replace("src:url(", ""))
    assert "default-src 'none'" in page


def test_boxes_share_no_place_and_hold_their_labels_also_on_a_phone(page):
    seen = []
    for kind, width, height in _SVG.findall(page):
        seen.append(kind)
        svg = re.search(f'<svg class="{kind}".*?</svg>', page, re.S)[0]
        boxes = [tuple(map(float, box)) for box in _BOX.findall(svg)]
        for (x, y, w, h), (a, b, c, d) in combinations(boxes, 2):
            assert x + w <= a or a + c <= x or y + h <= b or b + d <= y
        for x, y, w, h in boxes:
            assert x >= 0 and x + w <= float(width) and y + h <= float(height)
        for x, y, text in _TEXT.findall(svg):
            half = 14 * ems(text) / 2
            assert (
                any(
                    bx <= float(x) - half and float(x) + half <= bx + w and by < float(y) < by + h
                    for bx, by, w, h in boxes
                )
                or "&" in text
            )
    assert seen == ["wide", "tall"]
    assert _SVG.findall(page)[1][1] == "390"


def test_names_cannot_break_out_of_the_page(page):
    assert "<script>alert" not in page
    told = json.loads(re.search(r'id="told">(.*?)</script>', page, re.S)[1])
    names = {edge[2] for edge in told["edges"]} | {edge[3] for edge in told["edges"]}
    assert any("a > b" in name for name in names)


def test_every_edge_of_the_picture_is_told(page):
    told = json.loads(re.search(r'id="told">(.*?)</script>', page, re.S)[1])
    drawn = len(re.findall(r"data-u=", _SVG.search(page)[0]))
    assert drawn == len(told["edges"])


def test_every_character_can_be_drawn():
    text = twin(backbone(random_graph(3, NAMES)), "ja")
    visible = re.sub(r"<style>.*?</style>", "", text, flags=re.S)
    assert not missing_glyphs(visible)


def test_the_twin_lies_beside_its_figure_in_both_languages(tmp_path):
    files = save_twin(backbone(random_graph(1, NAMES[:6])), "routes", tmp_path / "figures")
    assert sorted(path.name for path in files.values()) == ["routes.en.html", "routes.ja.html"]
    assert '<html lang="ja">' in files["ja"].read_text(encoding="utf-8")
