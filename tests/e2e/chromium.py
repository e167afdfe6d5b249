"""A real Chromium, driven over its own protocol: for tests of what people see, and to time it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

SWITCHES = (
    "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync",
    "disable-background-networking", "disable-component-update", "remote-allow-origins=*",
)  # fmt: skip


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

    def click(self, selector: str) -> None:
        """Press the mouse on the middle of an element, as a hand does."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{found}.scrollIntoView({{block: 'center'}})")
        x, y = self.run(
            f"(() => {{ const b = {found}.getBoundingClientRect();"
            " return [b.left + b.width / 2, b.top + b.height / 2]; })()"
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            about = {"button": "left", "clickCount": 1} if kind != "mouseMoved" else {}
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, **about)

    def press(self, key: str, code: int) -> None:
        """Press a key that writes nothing."""
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        for kind in ("rawKeyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, **about)

    def choose(self, selector: str, place: int) -> None:
        """Open a list of choices by mouse, go to a place by keys, and take it."""
        self.click(selector)
        steps = place - self.run(f"document.querySelector({json.dumps(selector)}).selectedIndex")
        for _ in range(abs(steps)):
            self.press(*(("ArrowDown", 40) if steps > 0 else ("ArrowUp", 38)))
        self.press("Enter", 13)
        chosen = f"document.querySelector({json.dumps(selector)}).selectedIndex === {place}"
        self.wait(chosen, 5)

    def close(self) -> None:
        """Close the page, so that its kernel ends too."""
        self.send("Page.close")
        self.socket.close()

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))


def program() -> str | None:
    """Where Chromium is, if it is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def running(profile: Path) -> Iterator[Callable[[], Browser]]:
    """A running browser; the function opens a fresh page in it.

    Parameters
    ----------
    profile : an empty folder for what it keeps
    """
    process = subprocess.Popen(
        [
            program() or "chromium",
            *(f"--{switch}" for switch in SWITCHES),
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
