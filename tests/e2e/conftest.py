"""Published runs small enough to write by hand, dashboards of them, and a real browser."""

from __future__ import annotations

import base64
import datetime as dt
import http.client
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import websocket

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


class Browser:
    """Chromium driven over its own protocol; every event it reports is kept."""

    def __init__(self, address: str) -> None:
        self.socket = websocket.create_connection(address, timeout=60)
        self.number, self.events = 0, []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    def run(self, script: str) -> Any:
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, script: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.run(f"!!({script})"):
                return
            time.sleep(0.05)
        raise AssertionError(f"never came true: {script}\n{self.run('document.body.innerText')}")

    def open(self, url: str, width: int = 1440) -> None:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        self.send("Emulation.setDeviceMetricsOverride", **size)
        self.send("Page.navigate", url=url)
        self.wait("!!document.querySelector('.scripted')")

    def complaints(self) -> list[str]:
        """Console errors, uncaught exceptions, refused loads."""
        return [
            json.dumps(event["params"])[:500]
            for event in self.events
            if event["method"] == "Runtime.exceptionThrown"
            or (event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] != "info")
            or (event["method"] == "Runtime.consoleAPICalled")
        ]

    def requests(self) -> list[str]:
        """Every address the page asked for, websockets too; inlined data excepted."""
        asked = [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]
        asked += [
            event["params"]["url"]
            for event in self.events
            if event["method"] == "Network.webSocketCreated"
        ]
        return [url for url in asked if not url.startswith("data:")]

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Browser]]:
    """A function that opens a fresh page in a real browser."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing, and CI must not pass without it")
        pytest.skip("chromium is missing: the dashboard is not seen in a browser")
    profile = tmp_path_factory.mktemp("chromium")
    switches = "headless no-sandbox disable-gpu disable-quic no-first-run disable-sync"
    switches += " disable-background-networking disable-component-update remote-allow-origins=*"
    process = subprocess.Popen(
        [
            program,
            *(f"--{switch}" for switch in switches.split()),
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    opened: list[Browser] = []

    def new_page() -> Browser:
        request = urllib.request.Request(f"{base}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=30) as answer:
            opened.append(Browser(json.load(answer)["webSocketDebuggerUrl"]))
        return opened[-1]

    try:
        ready = profile / "DevToolsActivePort"
        deadline = time.monotonic() + 60
        while not (ready.is_file() and "\n" in ready.read_text()):
            assert time.monotonic() < deadline, "chromium did not start"
            time.sleep(0.1)
        base = f"http://127.0.0.1:{ready.read_text().split()[0]}"
        yield new_page
    finally:
        for page in opened:
            page.socket.close()
        process.terminate()
        process.wait(timeout=20)
