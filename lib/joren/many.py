"""A run over many clients: each in a process of its own, one's failure leaves the others be."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from joren.outcome import failed_without_a_word


@dataclass(frozen=True)
class ClientOutcome:
    """How one client's run ended: its exit status, why or where, and what it told as JSON."""

    client: str
    status: int
    seconds: float
    last_line: str
    told: dict[str, Any]


def run_many(clients: Sequence[str], options: Sequence[str], jobs: int) -> list[ClientOutcome]:
    """Run `joren run CLIENT` for every client, `jobs` at a time; outcomes in the clients' order."""
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        return list(pool.map(lambda client: _run_one(client, options), clients))


def _run_one(client: str, options: Sequence[str]) -> ClientOutcome:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "joren", "run", client, "--json", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    complaint = done.stderr.strip().splitlines()
    told = _told(done.stdout) or failed_without_a_word(
        client, done.returncode, complaint[-1] if complaint else ""
    )
    last_line = f"report: {told['report']}" if done.returncode == 0 else told["failure"]
    return ClientOutcome(client, done.returncode, seconds, last_line, told | {"client": client})


def _told(output: str) -> dict[str, Any] | None:
    lines = output.strip().splitlines()
    return json.loads(lines[-1]) if lines and lines[-1].startswith("{") else None
