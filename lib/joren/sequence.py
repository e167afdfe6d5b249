"""Run one step in its own process, watch it, and prove that it succeeded.

Success is proved, not read from the notebook: papermill marks cells as completed after a kernel
was killed and returns normally after `sys.exit(0)`. A step succeeded when every code cell ran
without error and the declared tables exist and satisfy the contract.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from joren.contract import TABLES
from joren.errors import ContractError, StepFailed
from joren.notebooks import StepSource
from joren.params import Limits, project_root
from joren.workspace import make_parts, read_json, table_path

_PASSED_ON = ("PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV")
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Outcome:
    """How a step ended.

    Parameters
    ----------
    seconds : wall time
    peak_memory_mb : the largest resident memory of its processes together
    refusal : the stated reason (language → sentence) where the step ended itself
    blocked : reasons that forbid publication
    facts : what it fixed for the run (as_of, warnings)
    rows : table → number of rows
    """

    seconds: float
    peak_memory_mb: int
    refusal: dict[str, str] | None
    blocked: list[str]
    facts: dict[str, Any]
    rows: dict[str, int]


def execute_step(step: StepSource, run: Path, client: str, limits: Limits) -> Outcome:
    """Execute a step's notebook into `run/.steps/<step>/` and prove the result.

    Raises
    ------
    StepFailed naming the step, the cause and the executed notebook
    """
    folder = run / ".steps" / step.folder_name
    make_parts(folder)
    output = folder / "notebooks" / f"{step.folder_name}.ipynb"
    started = time.monotonic()
    # the proof's libraries load while the kernel works
    proof = "pandera.ibis" if any(name in TABLES for name in step.writes) else "joren.engine"
    threading.Thread(target=importlib.import_module, args=(proof,), daemon=True).start()
    status, complaint, peak = _run_watched(step, output, run, client, limits)
    seconds = time.monotonic() - started
    refusal = folder / "refused.json"
    if refusal.is_file():
        reason = read_json(refusal)["reason"]
        _clean_notebook(output)
        return Outcome(seconds, peak, reason, [], {}, {})
    if complaint:
        raise StepFailed(complaint, step.name, _see(output))
    _prove_cells(step, output, status)
    rows = _prove_tables(step, folder)
    _clean_notebook(output)
    blocked, facts = folder / "blocked.json", folder / "facts.json"
    return Outcome(
        seconds,
        peak,
        None,
        read_json(blocked)["reasons"] if blocked.is_file() else [],
        read_json(facts) if facts.is_file() else {},
        rows,
    )


def _run_watched(
    step: StepSource, output: Path, run: Path, client: str, limits: Limits
) -> tuple[int, str, int]:
    """Exit status, what went wrong from outside (or nothing), peak memory in MB."""
    parameters = json.dumps({"client": client, "run": run.name})
    log = output.parent.parent / "log.txt"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "joren.execute", str(step.path), str(output), parameters],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=_environment(step, run),
            start_new_session=True,
        )
        try:
            complaint, peak = _watch(process, limits)
        finally:
            _end_tree(process.pid)
            process.wait()
    if not complaint and process.returncode != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        complaint = f"the step failed: {lines[-1] if lines else f'exit {process.returncode}'}"
    return process.returncode, complaint, peak


def _watch(process: subprocess.Popen, limits: Limits) -> tuple[str, int]:
    deadline = time.monotonic() + 60 * limits.step_timeout_minutes
    allowed = limits.step_memory_gb * 2**30
    peak = 0
    while process.poll() is None:
        used = _resident_memory(process.pid)
        peak = max(peak, used)
        if used > allowed:
            return f"the step took more than {limits.step_memory_gb:g} GB of memory", peak >> 20
        if time.monotonic() > deadline:
            return f"the step took longer than {limits.step_timeout_minutes:g} minutes", peak >> 20
        time.sleep(_POLL_SECONDS)
    return "", peak >> 20


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _resident_memory(pid: int) -> int:
    total = 0
    for process in _tree(pid):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def _end_tree(pid: int) -> None:
    for process in reversed(_tree(pid)):
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue


def _environment(step: StepSource, run: Path) -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    secrets = {k: v for k, v in os.environ.items() if k.startswith("JOREN_SECRET_")}
    return passed_on | secrets | {
        "JOREN_HOME": str(project_root()),
        "JOREN_REPORTS": str(run.parent.parent),
        "JOREN_NOTEBOOKS": str(step.path.parent.parent),
        "JOREN_PARENT": str(os.getpid()),
        # the kernel must be this environment's, whatever the user has installed elsewhere
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONHASHSEED": "0",
    }  # fmt: skip


def _prove_cells(step: StepSource, output: Path, status: int) -> None:
    if not output.is_file():
        raise StepFailed("the notebook was not executed", step.name, _see(output))
    cells = read_json(output)["cells"]
    for position, cell in enumerate(cells, start=1):
        if cell["cell_type"] != "code" or not "".join(cell["source"]).strip():
            continue
        errors = [out for out in cell.get("outputs", ()) if out["output_type"] == "error"]
        if errors:
            what = f"{errors[0]['ename']}: {errors[0]['evalue']}".splitlines()[0]
            raise StepFailed(
                f"a cell ended with {what}", f"{step.name}, cell {position}", _see(output)
            )
        if cell.get("execution_count") is None:
            raise StepFailed(
                "the kernel ended before this cell", f"{step.name}, cell {position}", _see(output)
            )
    if status != 0:
        raise StepFailed(f"the step ended with exit status {status}", step.name, _see(output))


def _prove_tables(step: StepSource, folder: Path) -> dict[str, int]:
    from joren.contract import validate
    from joren.engine import connect, read_parquet

    backend = connect()
    rows = {}
    for name in step.writes:
        path = table_path(folder, name)
        if not path.is_file():
            raise StepFailed(
                f"the step declares the table {name} but did not write it",
                step.name,
                "write it with step.write, or take it out of `writes`",
            )
        table = read_parquet(backend, path)
        try:
            validate(table, name)
        except ContractError as error:
            raise StepFailed(error.what, f"{step.name}: {error.where}", error.remedy) from None
        rows[name] = int(table.count().execute())
    return rows


def _clean_notebook(output: Path) -> None:
    """Take this machine's paths out of an executed notebook."""
    notebook = output.read_text(encoding="utf-8")
    for place, name in ((str(project_root()), "."), (sys.prefix, "env"), (str(Path.home()), "~")):
        notebook = notebook.replace(place, name)
    partial = output.with_suffix(".partial")
    partial.write_text(notebook, encoding="utf-8")
    partial.replace(output)


def _see(output: Path) -> str:
    return f"open {output} and rerun the same command" if output.is_file() else "rerun with --debug"
