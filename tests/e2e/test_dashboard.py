"""A client's dashboard in a real browser, on a desk and on a phone."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from joren.serve import start

PAGES = [
    "overview", "customers", "points", "routes", "ltv", "campaigns", "actions", "quality",
]  # fmt: skip
TEXT = "document.getElementById('dashboard').innerText"


@pytest.fixture
def page(served, chromium):
    browser = chromium()
    browser.open(served.dashboard.link)
    yield browser
    browser.close()


def _shown(page, name: str) -> str:
    page.run(f"location.hash = '{name}'")
    page.wait(f"!document.getElementById('{name}').hidden")
    return page.run(f"document.getElementById('{name}').innerText")


def _speak(page, language: str) -> None:
    page.run(f"document.querySelector('button[data-language={language}]').click()")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_finding_of_the_report_is_told_in_both_languages(
    page, served, finding_texts, language
):
    _speak(page, language)
    told = " ".join(_shown(page, name) for name in PAGES)
    for sentence in finding_texts(served.run, language):
        assert sentence in told
    other = "en" if language == "ja" else "ja"
    for sentence in finding_texts(served.run, other):
        assert sentence not in told


def test_the_link_opens_the_overview_without_its_token(page, served):
    assert page.run("location.href") == served.dashboard.url
    assert page.run("document.title") == "Auberge商店"
    assert page.run("[...document.querySelectorAll('main > section:not([hidden])')].length") == 1
    assert "Aubergeの再購入率は 31.2 %" in page.run(TEXT)


def test_every_page_states_as_of_and_a_skipped_stage_its_reason(page):
    for name in PAGES:
        assert "基準日 2026年3月31日" in _shown(page, name)
    assert "ポイント履歴がありません" in _shown(page, "points")
    _speak(page, "en")
    assert "As of 31 Mar 2026" in _shown(page, "ltv")
    assert "There are no point entries." in _shown(page, "overview")


def test_the_filter_answers_from_the_tables(page):
    _speak(page, "en")
    _shown(page, "ltv")
    state = "document.querySelector('#explore .state').innerText"
    page.wait(f"{state}.includes('All channels: 40 customers')")
    first = "document.querySelector('#explore tbody tr').innerText"
    assert page.run(first).split("\t") == [
        "•••• 0039",
        "12 Mar 2026",
        "97.5 %",
        "¥39.0K",
        "¥19.5K–¥78.0K",
        "¥39.0K",
    ]
    page.run(
        "(() => { const s = document.querySelector('#explore select[name=channel]'); s.value = '1';"
        " s.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )
    page.wait(f"{state}.includes('ec-Auberge: 10 customers')")
    assert page.run("document.querySelectorAll('#explore tbody tr').length") == 10


def _choose(page, view: str, name: str, place: int) -> None:
    page.run(
        f"(() => {{ const s = document.querySelector('[data-view={view}] select[name={name}]');"
        f" s.value = '{place}'; s.dispatchEvent(new Event('change', {{bubbles: true}})); }})()"
    )


def test_a_pictures_filter_is_answered_and_told_in_words(page, served):
    _speak(page, "en")
    _shown(page, "ltv")
    state = "document.querySelector('[data-view=worth] .state').innerText"
    assert page.run(state).startswith("All first channels, All segments: 40 customers")
    _choose(page, "worth", "channel", 1)
    page.wait(f"{state}.startsWith('unknown, All segments: 40 customers')")
    written = page.run(
        "[...document.querySelectorAll('[data-view=worth] tbody tr')]"
        ".map(r => Number(r.cells[1].lastElementChild.textContent))"
    )
    worth = pq.read_table(served.run / "tables" / "ltv.parquet")["ltv_365d"].to_pylist()
    bounds = [0, 1_000, 3_000, 10_000, 30_000, 100_000]
    classes = [sum(low < value <= high for value in worth)
               for low, high in zip([-1, *bounds], bounds, strict=False)]  # fmt: skip
    assert written == [count for count in classes if count]
    drawn = page.run(
        "[...document.querySelectorAll('[data-view=worth] svg .told')]"
        ".map(t => Number(t.textContent))"
    )
    assert drawn == written


def test_the_console_is_silent_and_nothing_leaves_this_machine(page, served):
    for name in PAGES:
        _shown(page, name)
    page.wait("document.querySelector('#explore tbody tr')")
    assert page.complaints() == []
    host = served.dashboard.url.split("/")[2]
    asked = page.requests()
    assert asked and all(url.split("/")[2] == host for url in asked)


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_scrolls_sideways(served, chromium, width):
    browser = chromium()
    browser.open(served.dashboard.link, width)
    browser.wait("document.querySelector('#explore tbody tr')")
    for language in ("ja", "en"):
        _speak(browser, language)
        for name in PAGES:
            _shown(browser, name)
            assert browser.run("document.documentElement.scrollWidth <= innerWidth"), name
            smallest = browser.run(
                "Math.min(...[...document.querySelectorAll('#dashboard *')]"
                ".filter(e => e.innerText && e.offsetParent)"
                ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
            )
            assert smallest >= 14
    folder = os.environ.get("JOREN_SCREENSHOTS")
    if folder:
        browser.picture(Path(folder) / f"{width}.png")
    browser.close()


def test_the_keyboard_reaches_navigation_and_content(page):
    page.run("document.querySelector('.skip').focus()")
    assert page.run("document.activeElement.hash") == "#overview"
    links = page.run("[...document.querySelectorAll('nav a')].map(a => a.hash.slice(1))")
    assert links == PAGES
    _shown(page, "ltv")
    assert page.run("document.querySelector('nav a[aria-current=page]').hash") == "#ltv"
    assert page.run("document.activeElement.id") == "ltv"
    assert page.run("[...document.querySelectorAll('img')].every(i => i.alt)")


def test_print_shows_the_page_without_its_controls(page):
    page.send("Emulation.setEmulatedMedia", media="print")
    assert page.run("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert "31.2 %" in page.run(TEXT)


def test_a_page_outlives_its_server(tmp_path, publish_run, chromium):
    publish_run(tmp_path / "reports", "alfa", "20260401T000000Z", "Auberge")
    dashboard = start("alfa", tmp_path / "reports")
    try:
        browser = chromium()
        browser.open(dashboard.link)
        browser.wait("document.querySelector('#explore tbody tr')")
    finally:
        dashboard.stop()
    _speak(browser, "en")
    browser.wait("document.querySelector('#explore .state').textContent.includes('Reload')")
    assert "Auberge repeats at 31.2 %" in _shown(browser, "ltv")


def test_the_demo_clients_own_run_is_shown_whole(demo_run, finding_texts, chromium):
    dashboard = start("demo", demo_run.parents[1])
    try:
        browser = chromium()
        browser.open(dashboard.link)
        _speak(browser, "en")
        pages = browser.run("[...document.querySelectorAll('main > section')].map(s => s.id)")
        told = " ".join(_shown(browser, name) for name in pages)
        for sentence in finding_texts(demo_run, "en"):
            assert sentence in told
        customers = pq.read_metadata(demo_run / "tables" / "ltv.parquet").num_rows
        state = "document.querySelector('#explore .state').textContent"
        browser.wait(f"{state}.includes('All channels: {customers:,} customers')")
        assert browser.complaints() == []
    finally:
        dashboard.stop()
