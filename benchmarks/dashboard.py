"""How fast the dashboard opens, what a viewer costs, and how many it serves at once.

    python benchmarks/dashboard.py --reports reports --client demo

The client's published run is served three times, as three clients (links to the same run). Printed:
the first page after the start (cold), the next ones, memory of a page's kernel and of the server,
20 viewers of three clients at once, and what the 21st viewer of one client is told.
"""

from __future__ import annotations

import argparse
import os
import re
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

CLIENTS, VIEWERS = 3, 20


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
    for name in ("cold", "second", "third"):
        first, whole, size = opened(browser, doors[0].url)
        print(f"{name} page: first byte {first:.2f} s, whole {whole:.2f} s, {size / 1e6:.1f} MB")
    server = psutil.Process(doors[0].process.pid)
    kernels = [memory(process) for process in server.children(recursive=True)]
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
