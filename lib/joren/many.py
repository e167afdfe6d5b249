"""A run over many clients: each in a process of its own, one's failure leaves the others be."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True)
class ClientOutcome:
    """How one client's run ended: its exit status and the last line it printed."""

    client: str
    status: int
    seconds: float
    last_line: str


def run_many(clients: Sequence[str], options: Sequence[str], jobs: int) -> list[ClientOutcome]:
    """Run `joren run CLIENT` for every client, `jobs` at a time; outcomes in the clients' order."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return list(pool.map(lambda client: _run_one(client, options), clients))


def _run_one(client: str, options: Sequence[str]) -> ClientOutcome:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "joren", "run", client, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    return ClientOutcome(
        client, done.returncode, time.monotonic() - started, said[-1] if said else ""
    )
