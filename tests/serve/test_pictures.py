from __future__ import annotations

from joren.serve import pictures, site

HOSTILE = '<img src=x onerror="alert(1)">'
VIEW = {
    "filters": [
        {"name": "channel", "start": 1, "options": [
            {"value": "", "ja": "全", "en": "all"}, {"value": "x", "ja": HOSTILE, "en": HOSTILE},
        ]}
    ],
    "first": {
        "state": {"ja": HOSTILE, "en": "state"}, "chart": {"kind": "bars"},
        "words": [True, False], "head": {"ja": ["月", "数"], "en": ["Month", "Count"]},
        "rows": {"ja": [[HOSTILE, "1"]], "en": [["March", "1"]]},
    },
}  # fmt: skip


def test_a_picture_stands_with_its_first_answer_and_nothing_of_a_clients_files_runs():
    written = pictures.picture("activity", VIEW, site.labels())
    assert "<img" not in written and 'onerror="' not in written
    assert '<option value="1"' in written and " selected>" in written
    assert '<th scope="col" class="number">' in written and '<td class="number">1</td>' in written
    assert (
        '<p class="state" role="status">' in written
        and 'aria-labelledby="view-activity"' in written
    )


def test_a_picture_without_a_chart_shows_its_table_at_once():
    bare = VIEW | {"first": VIEW["first"] | {"chart": None}}
    assert "<details" not in pictures.picture("members", bare, site.labels())


def test_files_are_linked_below_the_page_and_their_names_escaped():
    files = [{"name": "a.csv", "kind": "table", "bytes": 1500}]
    written = pictures.downloads(files, site.labels())
    assert '<a href="downloads/a.csv" download>a.csv</a>' in written and "1.5 kB" in written


def test_every_word_of_the_glossary_has_its_meaning():
    written = pictures.glossary(site.labels())
    assert written.count("<dt>") == written.count("<dd>") == len(pictures._GLOSSARY)
