"""Annotations: a consultant's words beside a finding or in its place, always marked as theirs."""

from __future__ import annotations

import pytest

from joren.errors import JorenError, ParameterError
from joren.report.annotations import annotate, annotate_items, current_annotations
from joren.report.build import assemble
from joren.report.pages import compose_pages
from joren.workspace import Workspace, read_json, switch_latest, write_json

KEY = "ingest.accepted"
TILE = {"label": "Used", "value": "1", "sure": "n = 3"}


def _finding(key, sentence, subject=None):
    both = {"ja": sentence, "en": sentence}
    return {
        "kind": "finding", "key": key, "subject": subject, "text": both, "value": 1.0,
        "lower": None, "upper": None, "n": 3, "accent": False, "tile": {"ja": TILE, "en": TILE},
        "in_title": False,
    }  # fmt: skip


def _publish(reports, run_id, as_of):
    run = reports / "shop" / run_id
    (run / "items").mkdir(parents=True)
    items = [
        _finding(KEY, "All rows are used."),
        {"kind": "table", "name": "coverage", "columns": [], "rows": {"ja": [], "en": []},
         "title": {"ja": "All rows are used.", "en": "All rows are used."}},
        _finding("ingest.months", "A", "web"), _finding("ingest.months", "B", "pos"),
    ]  # fmt: skip
    write_json(run / "items" / "01_identity__10_ingest.json", items)
    record = {
        "run_id": run_id, "client": "shop", "title": {"ja": "店", "en": "Shop"}, "language": "en",
        "currency": "JPY", "timezone": "Asia/Tokyo", "as_of": as_of, "status": "published",
        "finished_at": "2026-04-01T09:01:00+00:00", "warnings": [], "code_version": "1",
        "parameters": {"interval": 0.9, "report": {"pdf": False, "xlsx": False, "pptx": False}},
        "lock": "ab", "seed": 1, "peak_memory_mb": 1, "inputs": {}, "tables": {},
        "steps": [{"step": "01_identity/10_ingest", "status": "ran", "reason": None}],
    }  # fmt: skip
    write_json(run / "run.json", record)
    write_json(run / "report.json", assemble(run, record))
    switch_latest(Workspace("shop", reports), run)
    return run


@pytest.fixture
def shop(tmp_path):
    _publish(tmp_path / "reports", "20260401T090000Z", "2026-03-31")
    return Workspace("shop", tmp_path / "reports")


def _items(shop):
    report = read_json(shop.latest() / "report.json")
    return report["stages"][0]["steps"][0]["items"]


def test_a_note_stands_beside_the_finding_with_name_and_day_in_both_languages(shop):
    run = annotate(shop, KEY, "Two tills were offline.", "Sato")

    finding = _items(shop)[0]
    assert finding["text"]["en"] == "All rows are used."
    (note,) = finding["annotations"]
    assert note["en"].startswith("Consultant's remark (Sato, ")
    assert note["en"].endswith(": Two tills were offline.")
    assert note["ja"].startswith("コンサルタントの注記(Sato、")
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "Two tills were offline." in page


def test_the_printed_page_shows_the_note(shop):
    run = annotate(shop, KEY, "Two tills were offline.", "Sato")

    pages = compose_pages(read_json(run / "report.json"), "en", run)

    (quality,) = [page for page in pages if page["id"] == "quality"]
    assert ["Two tills were offline." in remark for remark in quality["annotations"]] == [True]


def test_an_override_replaces_sentence_and_titles_and_keeps_what_was_computed(shop):
    annotate(shop, KEY, "Half of the rows are missing.", "Sato", kind="override")

    finding, table = _items(shop)[:2]
    assert "Half of the rows are missing." in finding["text"]["en"]
    assert "Sato" in finding["text"]["en"]
    assert table["title"] == finding["text"]
    assert finding["tile"] is None
    assert [a["en"] for a in finding["annotations"]] == ["Computed: All rows are used."]


def test_the_last_override_counts_and_all_notes_stand_until_they_are_withdrawn(shop):
    for kind, said in (("note", "n1"), ("override", "o1"), ("override", "o2"), ("note", "n2")):
        annotate(shop, KEY, said, "Sato", kind)
    record = read_json(shop.latest() / "run.json")
    standing = current_annotations(shop.latest(), record)
    assert [a.text for a in standing] == ["n1", "o2", "n2"]

    annotate(shop, KEY, "", "Sato", "withdrawn")

    assert current_annotations(shop.latest(), record) == []
    assert _items(shop)[0]["text"]["en"] == "All rows are used."


def test_a_subject_tells_findings_of_one_key_apart(shop):
    annotate(shop, "ingest.months", "only here", "Sato", subject="pos")
    assert ["annotations" in item for item in _items(shop)] == [False, False, False, True]


def test_a_later_months_report_does_not_repeat_it(shop):
    annotate(shop, KEY, "of March", "Sato")
    later = _publish(shop.reports, "20260501T090000Z", "2026-04-30")
    assert current_annotations(later, read_json(later / "run.json")) == []


def test_markup_in_a_note_is_text(shop):
    run = annotate(shop, KEY, "<script>alert(1)</script>", "Sato")
    assert "<script>alert" not in (run / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "said", "subject", "complaint"),
    [
        ("ingest.acepted", "x", "", "did you mean|Did you mean ingest.accepted"),
        (KEY, " ", "", "says nothing"),
        (KEY, "\U0001f600", "", "cannot draw"),
        ("ingest.months", "x", "fax", "no subject 'fax'"),
    ],
)
def test_what_cannot_be_shown_is_refused_and_not_kept(shop, key, said, subject, complaint):
    with pytest.raises(ParameterError, match=complaint):
        annotate(shop, key, said, "Sato", subject=subject)
    assert not (shop.state / "annotations").exists()


def test_without_a_published_run_there_is_nothing_to_annotate(tmp_path):
    with pytest.raises(JorenError, match="no run of shop was published"):
        annotate(Workspace("shop", tmp_path / "reports"), KEY, "x", "Sato")


def test_without_annotations_nothing_changes():
    stages = [{"steps": [{"items": [_finding(KEY, "x")]}]}]
    annotate_items(stages, [], "Asia/Tokyo")
    assert "annotations" not in stages[0]["steps"][0]["items"][0]
