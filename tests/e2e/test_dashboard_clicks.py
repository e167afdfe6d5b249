"""What hands do at the dashboard, in a real browser: filters, a download, the way out."""

from __future__ import annotations

import csv
import io
import json
import time

import pyarrow.parquet as pq
import pytest

ACTIVITY = "[data-view=activity]"
MONTHS = {"Jan 2026": 1, "Feb 2026": 2, "Mar 2026": 3}


@pytest.fixture(params=[390, 1440])
def page(served, chromium, request):
    browser = chromium()
    browser.open(served.dashboard.link, request.param)
    browser.click("button[data-language=en]")
    yield browser
    host = served.dashboard.url.split("/")[2]
    assert browser.complaints() == []
    assert {url.split("/")[2] for url in browser.requests()} == {host}
    browser.close()


def _go(page, name: str) -> None:
    page.click(f"nav a[href='#{name}']")
    page.wait(f"!document.getElementById('{name}').hidden")


def _cells(page, view: str) -> list[list[str]]:
    """The rows of a picture's table as they are read, opened or not."""
    return page.run(
        f"[...document.querySelectorAll('{view} tbody tr')].map(r => [...r.cells].map("
        "c => (c.querySelector('[lang=en]') || c).textContent))"
    )


def _bought(served, **chosen) -> dict[str, tuple[int, int]]:
    """Customers and orders by month, straight from the run's tables."""
    tables = served.run / "tables"
    segment = {r["customer_id"]: r["segment"] for r in
               pq.read_table(tables / "segments.parquet").to_pylist()}  # fmt: skip
    found: dict[str, list] = {}
    for row in pq.read_table(tables / "purchase_places.parquet").to_pylist():
        row["segment"] = segment[row["customer_id"]]
        if all(row[name] == value for name, value in chosen.items()):
            found.setdefault(f"{row['month']:%b %Y}", []).append(row)
    return {
        month: (len({r["customer_id"] for r in rows}), sum(r["orders"] for r in rows))
        for month, rows in found.items()
    }


def test_each_filter_chosen_by_hand_shows_what_the_tables_hold(page, served):
    def shown() -> dict[str, tuple[int, int]]:
        return {month: (int(n), int(orders)) for month, n, orders, _ in _cells(page, ACTIVITY)}

    options = "[...document.querySelector('{} select[name={}]').options].map(o => o.textContent)"
    assert shown() == _bought(served)
    chosen: dict[str, str] = {}
    for name, value in (("channel", "pos"), ("store", "梅田店"), ("segment", "loyal")):
        chosen[name], called = value, _called(served, name, value)
        listed = page.run(options.format(ACTIVITY, name))
        page.choose(f"{ACTIVITY} select[name={name}]", listed.index(called))
        page.wait(f"document.querySelector('{ACTIVITY} .state').innerText.includes('{called}')")
        assert shown() == _bought(served, **chosen)
    # the period: from January to February
    page.choose(f"{ACTIVITY} select[name=to]", 1)
    page.wait(f"document.querySelector('{ACTIVITY} .state').innerText.includes('Feb 2026')")
    expected = _bought(served, **chosen)
    assert shown() == {m: counts for m, counts in expected.items() if MONTHS[m] <= 2}
    drawn = page.run(f"[...document.querySelectorAll('{ACTIVITY} svg .bar')].length")
    assert drawn == 2
    state = page.run(f"document.querySelector('{ACTIVITY} .state').innerText")
    assert f"{sum(orders for _, orders in shown().values())} purchases" in state


def _called(served, filter_name: str, value: str) -> str:
    """What a choice is called in English."""
    current = served.dashboard.private / "site" / "current" / "dashboard.json"
    view = json.loads(current.read_text(encoding="utf-8"))["views"]["activity"]
    options = next(one["options"] for one in view["filters"] if one["name"] == filter_name)
    return next(one["en"] for one in options if one["value"] == value)


def test_a_file_taken_away_by_hand_is_the_roles_own_and_stands_in_the_log(page, served, tmp_path):
    page.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    _go(page, "actions")
    before = len(served.log.read_text().splitlines())
    page.click("#files a[href='downloads/activity.csv']")
    taken = tmp_path / "activity.csv"
    deadline = time.monotonic() + 20
    while not taken.is_file() and time.monotonic() < deadline:
        time.sleep(0.1)
    rows = list(csv.DictReader(io.StringIO(taken.read_text(encoding="utf-8-sig"))))
    total = [r for r in rows if not (r["channel"] or r["store"] or r["segment"])]
    assert {r["month"]: (int(r["customers"]), int(r["orders"])) for r in total} == {
        f"2026-{MONTHS[month]:02d}": counts for month, counts in _bought(served).items()
    }
    lines = [json.loads(line) for line in served.log.read_text().splitlines()[before:]]
    # the page's own first question for customers may be noted meanwhile
    taken_away = [(one["what"], one["role"]) for one in lines if one["event"] == "download"]
    assert taken_away == [("activity.csv", "analyst")]


def test_every_page_opens_by_hand_with_its_charts_in_the_language_chosen(page):
    names = page.run("[...document.querySelectorAll('nav a')].map(a => a.hash.slice(1))")
    for name in names:
        _go(page, name)
        assert page.run("document.querySelectorAll('main > section:not([hidden])').length") == 1
    _go(page, "ltv")
    loaded = (
        "[...document.querySelectorAll('#ltv img')].filter(i => i.naturalWidth).map(i => i.lang)"
    )
    page.wait(f"({loaded}).join() === 'en'")
    page.click("button[data-language=ja]")
    page.wait(f"({loaded}).join() === 'ja,en'")
    assert page.run("document.documentElement.lang") == "ja"


def test_who_logs_out_is_out(served, chromium):
    browser = chromium()
    browser.open(served.dashboard.link)
    browser.click(".leave")
    browser.wait("document.body?.innerText.includes('ログアウトしました')")
    browser.send("Page.navigate", url=served.dashboard.url)
    browser.wait("document.body?.innerText.includes('リンクから開いてください')")
    browser.close()
