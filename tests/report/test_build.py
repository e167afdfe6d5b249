"""The report: one self-contained page in the client's language."""

from __future__ import annotations

import re

import pytest

from joren.report.build import assemble, render_html
from joren.workspace import write_json

SVG = '<svg xmlns="http://www.w3.org/2000/svg"><rect width="4" height="4"/></svg>'


@pytest.fixture
def run(tmp_path):
    both = {"ja": "見出し<b>", "en": "Title <b>"}
    items = [
        {
            "kind": "finding", "key": "k", "subject": None,
            "text": {"ja": "再購入率は 31.2 %", "en": "R"},
            "value": 1.0, "lower": 0.5, "upper": 1.5, "n": 3,
            "accent": True, "in_title": False,
            "tile": {"ja": {"label": "再購入率", "value": "31.2 %", "sure": "90 %区間"}, "en": {}},
        },
        {"kind": "figure", "name": "f", "title": both, "svg": {"ja": "figures/f.svg"}},
        {
            "kind": "table", "name": "t", "title": both,
            "columns": [{"header": {"ja": "列", "en": "Column"}, "align": "right"}],
            "rows": {"ja": [["<script>alert(1)</script>"]], "en": [[""]]},
        },
    ]  # fmt: skip
    (tmp_path / "items").mkdir()
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "f.svg").write_text(SVG)
    write_json(tmp_path / "items" / "04_ltv__20_ltv.json", items)
    return tmp_path


def _record(**changes):
    return {
        "run_id": "20261121T090000Z", "client": "shop", "title": {"ja": "店", "en": "Shop"},
        "language": "ja", "currency": "JPY", "timezone": "Asia/Tokyo", "as_of": "2026-03-31",
        "finished_at": "2026-11-21T09:01:00+00:00", "parameters": {"interval": 0.9}, "warnings": [],
        "code_version": "0.1.0", "lock": "ab" * 32, "seed": 1, "peak_memory_mb": 512,
        "inputs": {"../data/x.csv": "cd" * 32},
        "steps": [
            {"step": "04_ltv/20_ltv", "status": "ran", "reason": None, "seconds": 3.2},
            {"step": "02_points/10_ledger", "status": "skipped",
             "reason": {"ja": "ポイント履歴がありません。", "en": "No point entries."}},
        ],
    } | changes  # fmt: skip


def test_the_page_is_whole_and_opens_nothing_outside(run):
    page = render_html(run, assemble(run, _record()), _record())

    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", page)
    assert "url(" not in re.sub(r'url\("data:[^"]+"\)', "", page)
    assert '<html lang="ja">' in page
    assert "基準日 2026年3月31日" in page
    assert "18:01 (Asia/Tokyo)" in page
    assert "data:image/svg+xml;base64," in page


def test_text_from_data_is_escaped(run):
    page = render_html(run, assemble(run, _record()), _record())
    assert "<script>" not in page
    assert "見出し&lt;b&gt;" in page


def test_skipped_stages_are_named_with_their_reason(run):
    page = render_html(run, assemble(run, _record()), _record())
    assert "ポイント履歴がありません。" in page
    assert "LTVと離脱" in page and "ポイント" in page


def test_the_certificate_tells_code_inputs_and_steps(run):
    certificate = dict(assemble(run, _record())["certificate"]["en"])
    assert certificate["Code"] == "0.1.0"
    assert certificate["Input file"] == f"x.csv · {'cd' * 8}"
    assert certificate["04_ltv/20_ltv"] == "ran · 3.2 s"
    assert certificate["02_points/10_ledger"] == "no data"


def test_the_same_run_gives_the_same_bytes(run):
    pages = {render_html(run, assemble(run, _record()), _record()) for _ in range(2)}
    assert len(pages) == 1
