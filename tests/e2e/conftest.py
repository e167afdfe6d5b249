"""Published runs small enough to write by hand, dashboards of them, and a real browser."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.e2e.chromium import Browser, program, running

from joren.serve import Settings, start

CUSTOMERS = 40
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="482.4pt" height="120pt" viewBox="0 0 482 120">'
    '<rect width="{width}" height="40" y="40" fill="#1f5f99"/></svg>'
)


def publish(reports: Path, client: str, run_id: str, word: str) -> Path:
    """A published run whose every text, table and chart carries `word`."""
    run = reports / client / run_id
    for name in ("tables", "figures", "restricted", "exports", "notebooks"):
        (run / name).mkdir(parents=True)
    _write_tables(run / "tables", word)
    (run / "restricted" / "customers.parquet").write_bytes(f"clear {word}".encode())
    (run / "exports" / "list.csv").write_text(f"name,{word}")
    (run / "notebooks" / "ltv.ipynb").write_text(f'{{"{word}": 1}}')
    for language, width in (("ja", 200), ("en", 300)):
        (run / "figures" / f"repeat.{language}.svg").write_text(SVG.format(width=width))
    (run / "figures" / "unused.svg").write_text(f"<svg>{word}</svg>")
    (run / "report.json").write_text(json.dumps(_report(client, run_id, word)))
    (run / "run.json").write_text(json.dumps({"params_file": f"/secret/{word}.yaml"}))
    link = reports / client / ".latest.new"
    link.symlink_to(run_id)
    link.replace(reports / client / "latest")
    return run


def _write_tables(tables: Path, word: str) -> None:
    places = range(CUSTOMERS)
    ids = [f"{word}-{place:04d}" for place in places]
    money = pa.array([Decimal(1000 * place) for place in places], pa.decimal128(18, 4))
    ltv = {
        "customer_id": ids,
        "p_order_90d": [place / CUSTOMERS for place in places],
        "ltv_365d": [1000.0 * place for place in places],
        "ltv_365d_lower": [500.0 * place for place in places],
        "ltv_365d_upper": [2000.0 * place for place in places],
        "overdue_ratio": [0.1 * (CUSTOMERS - place) for place in places],
        "past_value": money,
    }
    channels = [["pos"] if place % 4 else ["pos", f"ec-{word}"] for place in places]
    customers = {
        "customer_id": ids,
        "phone_hash": [f"hash-{word}"] * CUSTOMERS,
        "channels": channels,
    }
    last = [dt.datetime(2026, 3, place % 28 + 1, 12) for place in places]
    pq.write_table(pa.table(ltv), tables / "ltv.parquet")
    pq.write_table(pa.table(customers), tables / "customers.parquet")
    pq.write_table(
        pa.table({"customer_id": ids, "last_ordered_at": last}), tables / "purchase_summary.parquet"
    )
    pq.write_table(pa.table({"raw": [word]}), tables / "quarantine.parquet")
    segments = ["loyal"] * 30 + ["new"] * 10
    told = {"customer_id": ids, "preset": ["joren"] * CUSTOMERS, "segment": segments}
    pq.write_table(pa.table(told), tables / "segments.parquet")
    # every fourth buys on the web too, the others in one of two shops, in one month of three
    bought = [(place, "pos", ("本店", "梅田店")[place % 2], 1 + place % 2) for place in places]
    bought += [(place, f"ec-{word}", None, 1) for place in places if place % 4 == 0]
    pq.write_table(
        pa.table({
            "customer_id": [ids[place] for place, *_ in bought],
            "month": [dt.date(2026, 1 + place % 3, 1) for place, *_ in bought],
            "channel": [channel for _, channel, *_ in bought],
            "store": [store for _, _, store, _ in bought],
            "orders": [orders for *_, orders in bought],
            "value": pa.array(
                [Decimal(1000 * (place + 1)) for place, *_ in bought], pa.decimal128(18, 4)
            ),
        }),
        tables / "purchase_places.parquet",
    )  # fmt: skip


def _report(client: str, run_id: str, word: str) -> dict[str, Any]:
    sure = {
        "ja": "(90 %区間 30.1–32.4、n = 6,120、2026年3月31日時点)",
        "en": "(90 % interval 30.1–32.4, n = 6,120, as of 31 Mar 2026)",
    }

    def finding(key: str, ja: str, en: str, accent: bool = False) -> dict[str, Any]:
        text = {"ja": f"{ja}{sure['ja']}。", "en": f"{en} {sure['en']}."}
        tile = {
            "ja": {"label": ja[:8], "value": "31.2 %", "sure": sure["ja"]},
            "en": {"label": en[:20], "value": "31.2 %", "sure": sure["en"]},
        }
        return {"kind": "finding", "key": key, "text": text, "accent": accent, "tile": tile}

    def step(name: str, items: list[dict[str, Any]], status: str = "ran") -> dict[str, Any]:
        reason = {"ja": "ポイント履歴がありません。", "en": "There are no point entries."}
        given = reason if status == "skipped" else None
        return {"step": name, "status": status, "reason": given, "items": items, "origin": None}

    table = {
        "kind": "table",
        "name": "coverage",
        "title": {"ja": "取込", "en": "Rows by source"},
        "columns": [
            {"header": {"ja": "ソース", "en": "Source"}, "align": "left"},
            {"header": {"ja": "行数", "en": "Rows"}, "align": "right"},
        ],
        "rows": {"ja": [["店舗", "4,000"]], "en": [["shop <b>", "4,000"]]},
    }
    figure = {
        "kind": "figure",
        "name": "repeat",
        "title": {"ja": f"再購入がもっとも多い{sure['ja']}", "en": f"Most return {sure['en']}"},
        "svg": {lang: f"figures/repeat.{lang}.svg" for lang in ("ja", "en")},
    }
    ingest = finding("ingest.rows", f"{word}の取込は 6,120 行", f"{word} gave 6,120 rows")
    merged = finding("identity.merged", f"{word}の 18 % が重複", f"18 % of {word} overlap")
    repeat = finding("ltv.repeat", f"{word}の再購入率は 31.2 %", f"{word} repeats at 31.2 %", True)
    check = finding("ltv.backtest", f"{word}の予測は 1.02 倍", f"{word} was predicted 1.02-fold")
    stages = [
        ("01_identity", "名寄せ", [step("01_identity/10_ingest", [ingest, table])]),
        ("01_identity", "名寄せ", [step("01_identity/20_resolve", [merged])]),
        ("02_points", "ポイント", [step("02_points/10_ledger", [], "skipped")]),
        ("04_ltv", "LTV", [step("04_ltv/20_ltv", [repeat, figure])]),
        ("04_ltv", "LTV", [step("04_ltv/15_backtest", [check])]),
    ]
    return {
        "client": client,
        "title": {"ja": f"{word}商店", "en": f"{word} store"},
        "language": "ja",
        "currency": "JPY",
        "as_of": "2026-03-31",
        "as_of_text": {"ja": "2026年3月31日", "en": "31 Mar 2026"},
        "run_id": run_id,
        "level": 0.9,
        "stages": [
            {"stage": stage, "title": {"ja": ja, "en": stage}, "steps": steps}
            for stage, ja, steps in stages
        ],
        "certificate": {"ja": [["実行", run_id]], "en": [["Run", run_id]]},
    }


@pytest.fixture(scope="session")
def publish_run() -> Callable[..., Path]:
    """A function that publishes a small run: (reports, client, run_id, word) → its folder."""
    return publish


@pytest.fixture(scope="session")
def finding_texts() -> Callable[[Path, str], list[str]]:
    """A function that lists a run's finding texts: (run, language) → texts."""

    def texts(run: Path, language: str) -> list[str]:
        report = json.loads((run / "report.json").read_text())
        steps = [step for stage in report["stages"] for step in stage["steps"]]
        items = [item for step in steps for item in step["items"]]
        return [item["text"][language] for item in items if item["kind"] == "finding"]

    return texts


class Caller:
    """Raw HTTP to one address, as an attacker speaks it: nothing is normalised or followed."""

    def __init__(self, url: str) -> None:
        self.host = url.split("/")[2]

    def __call__(
        self, method: str, path: str, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection(self.host, timeout=30)
        connection.putrequest(method, path, skip_host="Host" in (headers or {}))
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read().decode("utf-8", "replace")
        connection.close()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, body

    def cookie(self, token: str) -> str:
        status, headers, _ = self("GET", f"/?token={token}")
        assert status == 302
        return headers["set-cookie"].split(";")[0]


@pytest.fixture(scope="session")
def call() -> type[Caller]:
    return Caller


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Browser]]:
    """A function that opens a fresh page in a real browser."""
    if program() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing, and CI must not pass without it")
        pytest.skip("chromium is missing: the dashboard is not seen in a browser")
    with running(tmp_path_factory.mktemp("chromium")) as new_page:
        yield new_page


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The dashboard of client A (alfa, word Auberge), its run and its log, for tests that look."""
    reports = tmp_path_factory.mktemp("client") / "reports"
    run = publish(reports, "alfa", "20260401T000000Z", "Auberge")
    dashboard = start("alfa", reports, settings=Settings(pages=40, grace_seconds=1.0))
    try:
        log = reports.parent / "state" / "alfa" / "audit.jsonl"
        yield SimpleNamespace(dashboard=dashboard, run=run, log=log)
    finally:
        dashboard.stop()
