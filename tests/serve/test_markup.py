from __future__ import annotations

from joren.serve import markup, pictures, site


def test_a_text_is_written_once_where_the_languages_agree():
    assert markup.both({"ja": "LTV", "en": "LTV"}) == "LTV"
    assert (
        markup.both({"ja": "顧客", "en": "customer"})
        == '<span lang="ja">顧客</span><span lang="en">customer</span>'
    )


def test_what_comes_from_a_clients_files_is_escaped():
    hostile = '<script>alert("x")</script>'
    assert "<script" not in markup.both({"ja": hostile, "en": "x"})
    table = {
        "title": hostile,
        "columns": [{"header": {"ja": hostile, "en": hostile}, "align": "left"}],
        "rows": {"ja": [[hostile]], "en": [[hostile]]},
    }
    assert "<script" not in markup._table(table)
    explore = pictures.explore(
        {
            "channels": [hostile],
            "segments": [[hostile, {"ja": hostile, "en": hostile}]],
            "level": "x",
        },
        site.labels(),
    )
    assert "<script" not in explore and 'alert("' not in explore


def test_numerals_stand_to_the_right_under_their_header():
    table = {
        "title": {"ja": "t", "en": "t"},
        "columns": [{"header": {"ja": "n", "en": "n"}, "align": "right"}],
        "rows": {"ja": [["1,234"]], "en": [["1,234"]]},
    }
    written = markup._table(table)
    assert '<th scope="col" class="number">n</th>' in written
    assert '<td class="number">1,234</td>' in written


def test_the_certainty_of_a_sentence_steps_back_but_stays():
    text = "31.2 % (90 % interval 30.1–32.4, n = 6,120, as of 31 Mar 2026), lower (much)."
    written = markup._sentence({"ja": text, "en": text})
    assert (
        '31.2 %<span class="certainty"> (90 % interval 30.1–32.4, n = 6,120, as of 31 Mar 2026)'
        "</span>, lower (much)." in written
    )


def test_a_chart_is_an_image_of_its_print_size(tmp_path):
    svg = '<?xml version="1.0"?><svg width="360pt" height="72pt"><script>alert(1)</script></svg>'
    (tmp_path / "c.svg").write_text(svg)
    (tmp_path / "d.svg").write_text(svg)
    item = {"title": {"ja": "題", "en": 'a "title"'}, "svg": {"ja": "c.svg", "en": "d.svg"}}
    written = markup._figure(item, tmp_path, markup.embedded)
    assert "<svg" not in written and "<script" not in written
    size = 'style="--print-width:480;aspect-ratio:360/72"'
    assert written.count(f'{size} src="data:image/svg+xml;base64,') == 2
    assert 'alt="a &quot;title&quot;"' in written


def test_a_served_chart_is_asked_for_when_it_is_shown_and_names_its_run(tmp_path):
    run = tmp_path / "runs" / "20260401T000000Z"
    (run / "figures").mkdir(parents=True)
    (run / "figures" / "c.svg").write_text("<svg/>")
    item = {"title": {"ja": "題", "en": "t"}, "svg": dict.fromkeys(("ja", "en"), "figures/c.svg")}
    written = markup._figure(item, run, markup.served)
    assert 'src="runs/20260401T000000Z/c.svg"' in written and 'loading="lazy"' in written


def test_a_chart_that_serves_both_languages_is_sent_once(tmp_path):
    (tmp_path / "c.svg").write_text("<svg/>")
    item = {"title": {"ja": "題", "en": "title"}, "svg": {"ja": "c.svg", "en": "c.svg"}}
    written = markup._figure(item, tmp_path, markup.served)
    assert written.count("<img loading=") == 1 and "<img lang" not in written


def test_a_page_opens_with_what_matters_and_says_nothing_twice():
    def finding(text: str, accent: bool = False, in_title: bool = False) -> dict:
        return {
            "kind": "finding",
            "text": {"ja": text, "en": text},
            "accent": accent,
            "in_title": in_title,
        }

    items = [finding("first"), finding("matters", accent=True), finding("caption", in_title=True)]
    step = {"step": "04_ltv/20_ltv", "status": "ran", "reason": None, "items": items}
    page = {"id": "ltv", "title": {"ja": "LTV", "en": "LTV"}, "steps": [step], "views": []}
    written = markup._section(page, "", site.labels(), str)
    assert written.index("matters") < written.index("first")
    assert written.count("matters") == 2  # once in each language
    assert "caption" not in written


def test_a_page_leads_with_a_few_sentences_and_tells_the_others_where_they_were_found():
    items = [
        {"kind": "finding", "text": {"ja": f"文{n}", "en": f"s{n}"}, "accent": True}
        for n in range(markup._LEADING + 2)
    ]
    table = {"kind": "table", "title": "t", "columns": [], "rows": {"ja": [], "en": []}}
    step = {"step": "04_ltv/20_ltv", "status": "ran", "reason": None, "items": [table, *items]}
    page = {"id": "ltv", "title": {"ja": "LTV", "en": "LTV"}, "steps": [step], "views": []}
    written = markup._section(page, "", site.labels(), str)
    places = [written.index(item["text"]["en"]) for item in items]
    assert places == sorted(places) and all(written.count(i["text"]["ja"]) == 1 for i in items)
    table_at = written.index("<table>")
    assert [place < table_at for place in places] == [True] * markup._LEADING + [False] * 2


def test_the_run_certificate_opens_with_the_run_and_keeps_its_long_tail_closed():
    rows = {lang: [[f"row {n}", f"{lang} {n}"] for n in range(9)] for lang in ("ja", "en")}
    written = markup._certificate(rows, site.labels())
    shown, closed = written.split("<details>")
    assert "en 5" in shown and "en 6" in closed and "en 8" in closed


def test_a_figure_shown_large_stands_beside_its_target():
    figure = {lang: {"label": "l", "value": "31.2 %", "sure": "s"} for lang in ("ja", "en")}
    tile = {"page": "ltv", "tile": figure, "earlier": [], "target": {"ja": "35 %", "en": "35 %"}}
    assert "<b>35 %</b>" in markup._tile(tile, site.labels())
    assert "target" not in markup._tile(tile | {"target": None}, site.labels())
