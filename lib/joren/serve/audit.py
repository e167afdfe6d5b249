"""Who opened and took away what, when: one line each, appended and never rewritten.

A line holds the viewer's account name and role, nothing else of a person.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

LOG = "audit.jsonl"
EVENTS = ("view", "list", "download", "refused", "logout")
NOBODY = "link"  # who opens a link of one's own has no account
Record = Callable[..., None]
_UNSAFE = re.compile(r"[^\w.@+-]")
_LONGEST = 80


def open_log(state: Path) -> int:
    """Open a client's log, readable by its owner only, so that it can only be appended to.

    A server inherits the descriptor and never learns the path: it can neither read nor rewrite.

    Parameters
    ----------
    state : state/<client>
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    return os.open(state / LOG, flags, 0o600)


def recorder(descriptor: int, role: str) -> Record:
    """A function that appends what happened: (event, what, run, user).

    Parameters
    ----------
    descriptor : from `open_log`
    role : whose pages are served
    """

    def record(event: str, what: str = "", run: str = "", user: str = NOBODY) -> None:
        if event not in EVENTS:
            raise ValueError(event)
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": event,
            "user": _plain(user),
            "role": role,
            "run": run,
            "what": _plain(what),
        }
        # one write each: lines of several servers never mix
        os.write(descriptor, f"{json.dumps(line, ensure_ascii=False)}\n".encode())

    return record


def _plain(text: str) -> str:
    return _UNSAFE.sub("·", text)[:_LONGEST]
