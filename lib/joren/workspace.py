"""A run on disk: a folder of its own, published whole or not at all.

`latest` is a symbolic link that switches atomically; whatever interrupts a run, the previous one
stays served. What a run adds to the client's memory (`state/`) is appended after the switch, and
an append that a crash prevented is caught up at the next start.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from joren.errors import JorenError, RunInProgress

OPEN = ("tables", "notebooks", "figures")
RESTRICTED = ("restricted", "exports", "state")


@dataclass(frozen=True)
class Workspace:
    """One client's folder under reports/ and its memory beside it."""

    client: str
    reports: Path

    @property
    def root(self) -> Path:
        return self.reports / self.client

    @property
    def state(self) -> Path:
        return self.reports.parent / "state" / self.client

    @property
    def cache(self) -> Path:
        return self.root / ".cache"

    def run_folder(self, run_id: str) -> Path:
        return self.root / run_id

    def latest(self) -> Path | None:
        """The folder of the last published run, if there is one."""
        link = self.root / "latest"
        return link.resolve() if link.exists() else None

    def runs(self) -> list[Path]:
        """All run folders, oldest first (run IDs sort by time)."""
        folders = (path.parent for path in self.root.glob("*/run.json"))
        return sorted(folder for folder in folders if not folder.is_symlink())


@contextmanager
def client_lock(workspace: Workspace) -> Iterator[None]:
    """Hold the client's lock, so that only one run of it is under way.

    Raises
    ------
    RunInProgress if another process holds it
    """
    workspace.root.mkdir(parents=True, exist_ok=True)
    holder = workspace.root / ".lock.json"
    lock = FileLock(workspace.root / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        other = read_json(holder) if holder.is_file() else {}
        raise RunInProgress(
            f"another run of {workspace.client} is under way",
            f"process {other.get('pid', 'unknown')}, since {other.get('since', 'unknown')}",
            "wait until it has ended; `joren status` shows it",
        ) from None
    try:
        write_json(holder, {"pid": os.getpid(), "since": utc_now().isoformat(timespec="seconds")})
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def is_locked(workspace: Workspace) -> bool:
    """Whether a run of the client is under way now."""
    if not (workspace.root / ".lock").exists():
        return False
    lock = FileLock(workspace.root / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def create_run(workspace: Workspace) -> Path:
    """A new, empty run folder; its name is the UTC start."""
    now = utc_now()
    while True:
        folder = workspace.run_folder(now.strftime("%Y%m%dT%H%M%SZ"))
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            now = datetime.fromtimestamp(now.timestamp() + 1, UTC)
            continue
        make_parts(folder)
        return folder


def make_parts(folder: Path) -> None:
    """The folders of a run or step; what may hold personal data is closed to others."""
    for name in OPEN:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in RESTRICTED:
        (folder / name).mkdir(exist_ok=True, mode=0o700)


def publish(workspace: Workspace, run: Path, record: dict[str, Any]) -> None:
    """Make `run` the served one, then append what it adds to the client's memory."""
    write_json(run / "run.json", record | {"status": "publishing"})
    switch_latest(workspace, run)
    append_state(workspace, run)
    write_json(run / "run.json", record | {"status": "published"})


def switch_latest(workspace: Workspace, run: Path) -> None:
    """Point `latest` at `run`; readers see the old run or the new one, never neither."""
    link = workspace.root / ".latest.new"
    link.unlink(missing_ok=True)
    link.symlink_to(run.name)
    link.replace(workspace.root / "latest")


def append_state(workspace: Workspace, run: Path) -> None:
    """Append the run's additions to state/; what is there already is left as it is."""
    for addition in sorted((run / "state").glob("*/*.parquet")):
        log = workspace.state / addition.parent.name
        target = log / addition.name
        if target.exists():
            continue
        log.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = log / f".{addition.name}.partial"
        shutil.copyfile(addition, partial)
        partial.chmod(0o600)
        partial.replace(target)


def recover(workspace: Workspace) -> None:
    """Put right what a crash left behind: a publication half done, runs that still say `running`.

    Call it only while holding the client's lock.
    """
    latest = workspace.latest()
    for run in workspace.runs():
        record = read_json(run / "run.json")
        if record["status"] not in ("running", "publishing"):
            continue
        if run == latest:
            append_state(workspace, run)
            write_json(run / "run.json", record | {"status": "published"})
        else:
            failure = {"status": "failed", "failure": "interrupted before it was published"}
            write_json(run / "run.json", record | failure)


def state_digest(workspace: Workspace, log: str, additions: Path | None = None) -> str:
    """A digest of a state log, as it stands or as it will once `additions` were appended."""
    folders = [workspace.state / log, *([additions] if additions else [])]
    sizes = {path.name: path.stat().st_size for f in folders for path in f.glob("*.parquet")}
    return digest_of(sorted(sizes.items()))


def link_file(source: Path, target: Path) -> None:
    """Hard-link a file of an earlier run, or copy it where links are not possible."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise JorenError(
            f"this file cannot be read: {error}", str(path), "rerun with --force"
        ) from None


def write_json(path: Path, content: Any) -> None:
    """Write JSON whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8"
    )
    partial.replace(path)


def digest_of(content: Any) -> str:
    """SHA-256 of a JSON-like value."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_scratch(workspace: Workspace, name: str) -> Path:
    """An empty folder for a notebook that is run by hand."""
    folder = workspace.root / "scratch" / f"{utc_now():%Y%m%dT%H%M%S%fZ}__{name}"
    folder.mkdir(parents=True, mode=0o700)
    return folder


def table_path(folder: Path, name: str) -> Path:
    """Where a table stands in a run or step folder."""
    if name.startswith("canonical/"):
        return folder / "restricted" / f"{name}.parquet"
    if name.startswith("restricted/"):
        return folder / f"{name}.parquet"
    return folder / "tables" / f"{name}.parquet"
