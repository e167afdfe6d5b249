"""What the command line prints: one line a step, tables of runs and outcomes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from joren.workspace import Workspace, is_locked, read_json

if TYPE_CHECKING:
    from joren.doctor import Check
    from joren.many import ClientOutcome
    from joren.notebooks import StepSource
    from joren.params import ClientFile
    from joren.run import RunResult

_WORDS = {
    "ran": "ran",
    "reused": "unchanged, reused",
    "carried": "carried over",
    "skipped": "skipped",
    "refused": "too little data",
    "missing": "never run",
}


class RunConsole:
    """Progress of one run: a spinner on a terminal, plain lines elsewhere, nothing if `quiet`."""

    def __init__(self, client: str, quiet: bool = False) -> None:
        self.client, self.quiet = client, quiet
        self._started, self._live = time.monotonic(), None

    def __enter__(self) -> RunConsole:
        if sys.stdout.isatty() and not self.quiet:
            from rich.console import Console

            self._live = Console().status("")
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def listen(self, moment: str, step: StepSource, entry: dict[str, Any]) -> None:
        if moment == "start":
            if self._live is not None:
                self._live.update(f"{self.client}  {step.name} …")
            return
        if self.quiet:
            return
        seconds = entry.get("seconds")
        took = f"{seconds:7.1f} s" if entry["status"] == "ran" and seconds is not None else " " * 9
        reason = f"  ({entry['reason']['en']})" if entry.get("reason") else ""
        print(f"{step.name:<32} {took}  {_WORDS[entry['status']]}{reason}", flush=True)

    def close(self, result: RunResult) -> None:
        """The closing lines: what is served now."""
        if self.quiet:
            return
        for warning in result.warnings:
            print(f"note: {warning['en']}")
        took = f"{time.monotonic() - self._started:.1f} s"
        record = read_json(result.folder / "run.json")
        if result.status == "unchanged":
            print(f"nothing changed since {record['run_id']}; it stays published ({took})")
        elif result.status == "written":
            print(
                f"written, not published: as of {record['as_of']} is earlier than the served run's "
                f"({took}); --publish serves it"
            )
        else:
            print(f"published {self.client}, as of {record['as_of']} ({took})")
        print(f"report: {_shown(result.folder / 'report.html')}")


def print_status(client: ClientFile, workspace: Workspace) -> None:
    """Runs of a client, the served run's steps, and what would rerun."""
    from joren.errors import JorenError
    from joren.plan import Plan, preview

    name = client.params.client
    latest = workspace.latest()
    print(f"{name}{'  (a run is under way)' if is_locked(workspace) else ''}")
    for run in workspace.runs():
        record = read_json(run / "run.json")
        seconds = sum(entry.get("seconds") or 0 for entry in record["steps"])
        mark = "→" if run == latest else " "
        why = f"  {record['failure']}" if record.get("failure") else ""
        print(
            f" {mark} {run.name}  {record['status']:<10} as of {record['as_of'] or '–':<10} "
            f"{seconds:7.1f} s{why}"
        )
    if latest is None:
        print("   nothing published yet")
    try:
        decisions = preview(Plan(client, workspace))
    except JorenError as error:
        print(f"   would not start: {error}")
        return
    for step, decision in decisions:
        words = {
            "execute": f"would run: {'; '.join(decision.because)}",
            "reuse": "up to date",
            "skip": f"would be skipped: {(decision.reason or {}).get('en', '')}",
        }
        print(f"   {step.name:<32} {words[decision.kind]}")


def print_outcomes(outcomes: Iterable[ClientOutcome]) -> None:
    """The closing table of a run over all clients."""
    for outcome in outcomes:
        word = "published" if outcome.status == 0 else f"failed ({outcome.status})"
        print(f"{outcome.client:<24} {word:<12} {outcome.seconds:8.1f} s  {outcome.last_line}")


def print_checks(checks: Iterable[Check]) -> None:
    """One line a check: what was found, what to do."""
    for check in checks:
        sign = "ok  " if check.good else "STOP" if check.fatal else "note"
        advice = f" — {check.remedy}" if check.remedy and not check.good else ""
        print(f"{sign} {check.name:<10} {check.found}{advice}")


def _shown(path: Path) -> str:
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("..") else shown
