"""Serve an earlier run again, and drop runs that nobody needs any more."""

from __future__ import annotations

import shutil
from pathlib import Path

from joren.errors import JorenError
from joren.workspace import Workspace, client_lock, read_json, switch_latest

_SERVED = ("published",)


def roll_back(workspace: Workspace, run_id: str | None = None) -> Path:
    """Serve an earlier published run again; state stays as it is.

    Parameters
    ----------
    run_id : default: the published run before the served one

    Returns
    -------
    the run now served

    Raises
    ------
    JorenError if there is no such run, or it was never published
    """
    with client_lock(workspace):
        served = workspace.latest()
        runs = {run.name: run for run in workspace.runs()}
        if run_id is None:
            earlier = [
                name
                for name, run in runs.items()
                if served and name < served.name and _status(run) in _SERVED
            ]
            if not earlier:
                raise JorenError(
                    f"no run of {workspace.client} was published before the served one",
                    str(workspace.root), "see `joren status`",
                )  # fmt: skip
            run_id = earlier[-1]
        run = runs.get(run_id)
        if run is None or _status(run) not in _SERVED:
            raise JorenError(
                f"{run_id} is no published run of {workspace.client}", str(workspace.root),
                f"choose of {', '.join(n for n, r in runs.items() if _status(r) in _SERVED)}",
            )  # fmt: skip
        switch_latest(workspace, run)
        return run


def prune(workspace: Workspace, keep: int) -> list[str]:
    """Drop all but the newest `keep` published runs; the served one always stays.

    Failed and unpublished runs older than the oldest kept one go too. Files that kept runs share
    with dropped ones are hard links and stay.

    Returns
    -------
    the runs dropped
    """
    with client_lock(workspace):
        served = workspace.latest()
        runs = workspace.runs()
        published = [run for run in runs if _status(run) in _SERVED]
        kept = {*published[-keep:], *([served] if served else [])}
        oldest = min((run.name for run in kept), default="")
        old = [run for run in runs if run in published or run.name < oldest]
        dropped = [run for run in old if run not in kept]
        for run in dropped:
            # renamed first: under its own name a run is never there in half
            gone = run.with_name(f".dropped-{run.name}")
            run.replace(gone)
            shutil.rmtree(gone)
        return [run.name for run in dropped]


def _status(run: Path) -> str:
    return read_json(run / "run.json")["status"]
