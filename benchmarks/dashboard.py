"""How fast the dashboard opens, what a viewer costs, and how many it serves at once.

    python benchmarks/dashboard.py --reports reports --client demo

The client's published run is served three times, as three clients (links to the same run). Printed:
the first meaningful paint in Chromium (headlines and figures of the overview on the screen) of a
page opened as soon as the server answers (cold), of pages made ready before (preheated), and of one
opened right after another, with none ready; the same over plain HTTP; memory of a page's kernel and
of the server; 20 viewers of three clients at once; and what the 21st viewer of one client is told.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psutil

from joren.serve import Settings, start

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.e2e.chromium import Browser, running

CLIENTS, VIEWERS, REPEATS = 3, 20, 5
# from the start of the navigation to the frame in which the overview's headlines and figures stand
# on the screen, whole and in their typeface; and the bytes received by then
WATCH = """(() => {
  const look = () => {
    const opening = document.querySelector("#overview .opening");
    const there = opening?.nextElementSibling && opening.querySelector(".tile")?.clientHeight;
    if (!there || document.fonts.status !== "loaded") return requestAnimationFrame(look);
    requestAnimationFrame((now) => setTimeout(() => { window.painted = performance.now(); }));
  };
  requestAnimationFrame(look);
})()"""
RECEIVED = """[...performance.getEntriesByType('navigation'),
  ...performance.getEntriesByType('resource')].reduce((sum, e) => sum + e.transferSize, 0)"""


def viewer(link: str) -> Any:
    """A browser's worth of cookies, logged in but with no page open yet."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), _Stay)
    try:
        opener.open(link, timeout=120)
    except urllib.error.HTTPError as redirected:
        if redirected.code != 302:
            raise
    return opener


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """The page itself is what is measured: do not open it with the login."""


def opened(browser: Any, url: str) -> tuple[float, float, int]:
    """Seconds to the skeleton's first byte and to the whole page, and its bytes."""
    began = time.perf_counter()
    with browser.open(url, timeout=300) as answer:
        answer.read(200)
        first = time.perf_counter() - began
        body = answer.read()
    if b'id="dashboard"' not in body:
        raise RuntimeError("the page holds no dashboard")
    return first, time.perf_counter() - began, len(body) + 200


def painted(page: Browser, url: str) -> tuple[float, float]:
    """Seconds to the first meaningful paint of a visit, and the megabytes the whole page takes.

    What a browser keeps from earlier visits (style, scripts, typeface) is thrown away first.
    """
    page.send("Network.clearBrowserCache")
    page.send("Page.navigate", url=url)
    page.wait("window.painted && document.readyState === 'complete'", 120)
    return page.run("window.painted") / 1000, page.run(RECEIVED) / 1e6


def await_ready(door: Any) -> None:
    """Wait until a page was made ready: a kernel more than pages are open, and nothing at work."""
    server = psutil.Process(door.process.pid)
    quiet = 0
    while quiet < 3:
        before = sum(p.cpu_times().user for p in (server, *server.children(recursive=True)))
        time.sleep(1.5)
        after = sum(p.cpu_times().user for p in (server, *server.children(recursive=True)))
        quiet = quiet + 1 if after - before < 0.1 else 0


def paint(reports: Path) -> None:
    """Print the first meaningful paints; each in a server of its own, in a browser of its own."""
    with tempfile.TemporaryDirectory() as profile, running(Path(profile)) as new_page:
        door = start("client0", reports, settings=Settings())
        try:
            page = new_page()
            page.send("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
            seconds, size = painted(page, door.link)
            print(f"first meaningful paint, cold: {seconds:.2f} s ({size:.1f} MB received)")
            found = []
            for _ in range(REPEATS):
                await_ready(door)
                found.append(painted(page, door.url)[0])
            found.sort()
            print(
                f"… preheated: median {found[len(found) // 2]:.2f} s, "
                f"worst of {REPEATS} {found[-1]:.2f} s"
            )
            seconds, _ = painted(page, door.url)
            print(f"… right after another, with none ready: {seconds:.2f} s")
        finally:
            door.stop()


def memory(process: psutil.Process) -> float:
    """Private memory in MB."""
    return process.memory_full_info().uss / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    parser.add_argument("--client", default="demo")
    asked = parser.parse_args()
    run = (asked.reports / asked.client / "latest").resolve()
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder) / "reports"
        for place in range(CLIENTS):
            client = reports / f"client{place}"
            client.mkdir(parents=True)
            (client / run.name).symlink_to(run)
            (client / "latest").symlink_to(run.name)
        paint(reports)
        began = time.perf_counter()
        doors = [start(f"client{n}", reports, settings=Settings()) for n in range(CLIENTS)]
        print(f"three servers started in {time.perf_counter() - began:.1f} s")
        try:
            measure(doors)
        finally:
            for door in doors:
                door.stop()


def measure(doors: list[Any]) -> None:
    """Print every figure."""
    browser = viewer(doors[0].link)
    for name in ("first", "next", "preheated"):
        if name == "preheated":
            await_ready(doors[0])
        first, whole, size = opened(browser, doors[0].url)
        print(f"{name} page: first byte {first:.2f} s, whole {whole:.2f} s, {size / 1e6:.1f} MB")
    server = psutil.Process(doors[0].process.pid)
    kernels = [memory(process) for process in server.children(recursive=True)]
    print(f"load: {os.getloadavg()[0]:.1f}")
    print(f"memory: server {memory(server):.0f} MB, a viewer {max(kernels):.0f} MB (private)")
    browsers = [(viewer(doors[n % CLIENTS].link), doors[n % CLIENTS].url) for n in range(VIEWERS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(VIEWERS) as pool:
        waits = sorted(pool.map(lambda pair: opened(*pair)[1], browsers))
    print(
        f"{VIEWERS} viewers of {CLIENTS} clients at once: all served in "
        f"{time.perf_counter() - began:.1f} s, median {waits[len(waits) // 2]:.1f} s"
    )
    told = 0
    while told == 0:
        try:
            opened(browser, doors[0].url)
        except urllib.error.HTTPError as refused:
            told = refused.code
            wait = refused.headers["Retry-After"]
            said = re.sub(r"<[^>]+>", " ", refused.read().decode()).strip()[-80:]
    print(f"the viewer after the last seat: {told}, again after {wait} s: {said}")


if __name__ == "__main__":
    main()
