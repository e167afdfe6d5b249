"""How a run ended, for programs: one JSON object a client, and the exit status."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from joren.errors import InputError, JorenError, ParameterError, RunInProgress
from joren.workspace import Workspace, read_json

_NOTHING_STARTED = (ParameterError, InputError, RunInProgress)


def exit_status(error: BaseException) -> int:
    """2 where nothing was started, 1 for every other failure."""
    return 2 if isinstance(error, _NOTHING_STARTED) else 1


@contextmanager
def told_as_json(client: str, wanted: bool) -> Iterator[dict[str, Any]]:
    """Print how the run inside ended as one line of JSON, where `wanted`; errors go on upwards.

    The body leaves `result` (a RunResult) and, once it is known, `workspace` in what it is given.

    The object has: client, exit, status (published, unchanged, written, failed or not_started),
    run, as_of, report, failure, remedy, warnings (in English), seconds.
    """
    left: dict[str, Any] = {}
    started = time.monotonic()
    try:
        yield left
    except Exception as error:
        if wanted:
            _tell(_failed(client, error, left.get("workspace")), started)
        raise
    if wanted:
        _tell(_ended(client, left["result"]), started)


def failed_without_a_word(client: str, status: int, last_line: str) -> dict[str, Any]:
    """The outcome of a process that ended, or was killed, before it could tell its own."""
    return _outcome(client, status, "failed") | {"failure": last_line or f"exit {status}"}


def _ended(client: str, result: Any) -> dict[str, Any]:
    record = read_json(result.folder / "run.json")
    return _outcome(client, 0, result.status) | {
        "client": record["client"],
        "run": record["run_id"],
        "as_of": record["as_of"],
        "report": str(result.folder / "report.html"),
        "warnings": [warning["en"] for warning in result.warnings],
    }


def _failed(client: str, error: Exception, workspace: Workspace | None) -> dict[str, Any]:
    status = exit_status(error)
    outcome = _outcome(client, status, "failed" if status == 1 else "not_started")
    outcome["failure"] = str(error) if isinstance(error, JorenError) else type(error).__name__
    outcome["remedy"] = getattr(error, "remedy", None) or None
    if workspace is not None:
        outcome["client"] = workspace.client
        runs = workspace.runs() if status == 1 else []
        if runs and read_json(runs[-1] / "run.json")["status"] == "failed":
            outcome["run"] = runs[-1].name
            outcome["as_of"] = read_json(runs[-1] / "run.json")["as_of"]
    return outcome


def _outcome(client: str, status: int, word: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("run", "as_of", "report", "failure", "remedy"))
    return {"client": client, "exit": status, "status": word, **nothing, "warnings": []}


def _tell(outcome: dict[str, Any], started: float) -> None:
    outcome["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(outcome, ensure_ascii=False), flush=True)
