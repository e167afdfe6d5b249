"""What was mailed: an append-only log in state, written before and after every hand-over.

A line `sending` stands before the message leaves, a line `sent` after the server took it. Where a
crash left `sending` alone nobody knows whether the server has it; such a message counts as sent and
is not sent again unless somebody says so.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joren.workspace import Workspace, utc_now

LOG = "send_log.jsonl"


@dataclass(frozen=True)
class Sending:
    """The last word on one message: `sent`, `failed`, or `unknown` after a crash."""

    status: str
    at: str


def message_key(run_id: str, report_hash: str, recipient: str) -> str:
    """One report to one recipient is one message, however often it is asked for."""
    return f"{run_id}:{report_hash}:{recipient}"


def write(workspace: Workspace, key: str, status: str, *, log: str = LOG, **facts: Any) -> None:
    """Append a line and put it on disk before returning."""
    path = workspace.state / log
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = {"at": utc_now().isoformat(timespec="seconds"), "key": key, "status": status} | facts
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, (json.dumps(line, ensure_ascii=False) + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(workspace: Workspace, log: str = LOG) -> dict[str, Sending]:
    """Message key → the last word on it; a last line cut short by a crash is passed over."""
    path: Path = workspace.state / log
    found: dict[str, Sending] = {}
    if not path.is_file():
        return found
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        status = "unknown" if entry["status"] == "sending" else entry["status"]
        found[entry["key"]] = Sending(status, entry["at"])
    return found
