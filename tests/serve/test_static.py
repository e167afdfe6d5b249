from __future__ import annotations

import json
import re
import shutil

import pytest

from joren.errors import JorenError
from joren.serve import static


@pytest.fixture
def reports(tables, tmp_path):
    """A published run of the client demo, with the tables of the other tests."""
    run = tmp_path / "reports" / "demo" / "20260401T000000Z"
    shutil.copytree(tables, run / "tables")
    (run / "exports").mkdir()
    (run / "exports" / "list.csv").write_text("浦田")
    both = {"ja": "店", "en": "shop"}
    report = {
        "title": both, "language": "ja", "currency": "JPY", "as_of_text": both, "run_id": run.name,
        "level": 0.9, "certificate": {"ja": [], "en": []}, "stages": [],
    }  # fmt: skip
    (run / "report.json").write_text(json.dumps(report))
    (run.parent / "latest").symlink_to(run.name)
    return tmp_path / "reports"


def test_a_copy_is_one_page_that_loads_nothing(reports, tmp_path):
    target = static.write_copy("demo", reports, tmp_path / "copy", "viewer")
    page = target.read_text(encoding="utf-8")
    assert target.stat().st_mode & 0o777 == 0o600
    assert not re.search(r"(?:src|href)=[\"'](?!data:|#|downloads/)", page)
    assert 'href="logout"' not in page
    assert "default-src 'none'" in page and page.count('class="live"') == 8
    assert "http://www.w3.org" in page  # the name of SVG, which is not an address that is asked


def test_a_copy_holds_what_its_role_may_see_and_replaces_the_last_one(reports, tmp_path):
    folder = tmp_path / "copy"
    static.write_copy("demo", reports, folder, "manager")
    assert (folder / "downloads" / "list.csv").is_file()
    page = static.write_copy("demo", reports, folder, "viewer").read_text(encoding="utf-8")
    assert not (folder / "downloads" / "list.csv").exists()
    assert "••••" not in page and "t-00" not in page


def test_a_copy_says_which_filters_it_has_not(reports, tmp_path):
    page = static.write_copy("demo", reports, tmp_path / "copy").read_text(encoding="utf-8")
    assert "<select" not in page and "<form" not in page
    assert "この写しでは絞り込み（開始月・終了月・チャネル・区分）は使えません" in page
    assert "This copy has no filters (first channel, segment)" in page or "no filters" in page
    assert "この写しには顧客の一覧とその絞り込み" in page and 'id="explore"' not in page


def test_nothing_published_is_said(tmp_path):
    with pytest.raises(JorenError, match="nothing is published for demo"):
        static.write_copy("demo", tmp_path, tmp_path / "copy")
