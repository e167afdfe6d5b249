"""Behind the hub, one keeper for each client and role: `python -I -m joren.serve.keeper SETTINGS`.

The hub starts it, and starts it again if it ends. It alone reads where runs are: it copies what
the role may see into a folder that Voilà can read and not change, starts Voilà as the client's
own user, starts it again when it dies, and switches the folder when another run is published.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlparse

from joren.errors import JorenError
from joren.serve import launch
from joren.serve.audit import open_log
from joren.workspace import Workspace

FOLDERS = "joren-hub-"
LOOK_EVERY_SECONDS = 1.0
PATIENCE_SECONDS = 20.0
SHORTEST_LIFE_SECONDS = 10.0


@dataclass(frozen=True)
class Charge:
    """What a keeper keeps.

    Parameters
    ----------
    client, role : whose dashboard
    reports : folder of all clients' runs
    folder : where folders of dashboards are made, as short-lived as they
    owner : numeric user Voilà runs as; None for the keeper's own
    hosts : names that viewers reach the hub by
    secure : whether viewers come by TLS, so that cookies must not travel without
    pages, memory_megabytes, idle_seconds, grace_seconds, preheated : as in `launch.Settings`
    """

    client: str
    role: str
    reports: str
    folder: str
    owner: int | None
    hosts: list[str]
    secure: bool
    pages: int
    memory_megabytes: int
    idle_seconds: int
    grace_seconds: float = 60.0
    preheated: int = 1


def hub_words(environment: dict[str, str]) -> dict[str, Any]:
    """What the hub tells a service, taken out of the environment so that no child inherits it.

    Parameters
    ----------
    environment : changed in place

    Returns
    -------
    api_url, api_token, prefix, client_id, scopes, port
    """
    told = {
        "api_url": environment["JUPYTERHUB_API_URL"],
        "api_token": environment["JUPYTERHUB_API_TOKEN"],
        "prefix": environment["JUPYTERHUB_SERVICE_PREFIX"],
        "client_id": environment["JUPYTERHUB_CLIENT_ID"],
        "scopes": json.loads(environment["JUPYTERHUB_OAUTH_ACCESS_SCOPES"]),
        "port": urlparse(environment["JUPYTERHUB_SERVICE_URL"]).port,
    }
    for name in [name for name in environment if name.startswith("JUPYTERHUB_")]:
        del environment[name]
    return told


class Keeper:
    """One dashboard, kept alive and up to date until the hub is gone."""

    def __init__(self, charge: Charge, hub: dict[str, Any]) -> None:
        self.charge, self.hub = charge, hub
        self.root = Path(charge.reports) / charge.client
        self.unusable: set[str] = set()
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0

    def keep(self) -> None:
        """Serve until the hub is gone or says stop."""
        hub = os.getppid()
        listening = listen_patiently(self.hub["port"])
        # a short name: addresses of sockets in it may have 107 characters
        private = Path(tempfile.mkdtemp(prefix=FOLDERS, dir=self.charge.folder))
        staging = Path(tempfile.mkdtemp(prefix=FOLDERS, dir=self.charge.folder))
        os.chdir(staging)
        try:
            while os.getppid() == hub:
                self.look(private, staging, listening)
                time.sleep(LOOK_EVERY_SECONDS)
        finally:
            self._end()
            shutil.rmtree(private, ignore_errors=True)
            shutil.rmtree(staging, ignore_errors=True)

    def look(self, private: Path, staging: Path, listening: socket.socket) -> None:
        """Show the published run, and see that Voilà lives."""
        latest = self.root / "latest"
        run = latest.resolve() if latest.exists() else None
        site = private / "site"
        if run and run.name not in {(site / "current").resolve().name, *self.unusable}:
            self._show(run, private, staging)
        if not (site / "current").exists():
            return
        if self.process is None or self.process.poll() is not None:
            wait = SHORTEST_LIFE_SECONDS if time.monotonic() - self.started < 2 else 0
            time.sleep(wait)
            self._start(private, listening)

    def _show(self, run: Path, private: Path, staging: Path) -> None:
        site = private / "site"
        if not site.is_dir():
            launch.prepare_folders(private, launch.NOTEBOOK, self.charge.memory_megabytes)
            if self.charge.owner is not None:
                give(private, self.charge.owner)
                lend([site, *site.rglob("*")], self.charge.owner)
        command = (
            sys.executable,
            "-I",
            "-m",
            "joren.serve.site",
            str(run),
            str(staging),
            self.charge.role,
        )
        # a process of its own: this one stays small
        if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode != 0:
            self.unusable.add(run.name)
            print(f"the run {run.name} of {self.charge.client} cannot be shown", file=sys.stderr)
            return
        adopt(staging / "runs" / run.name, site, self.charge.owner)
        shutil.rmtree(staging / "runs", ignore_errors=True)
        if self.process is not None:
            drop_unused(site, folders_in_use(self.process.pid))

    def _start(self, private: Path, listening: socket.socket) -> None:
        from joren.serve.site import labels, refusals

        # opened here: Voilà's user can add lines and neither find nor rewrite the log
        audit = open_log(Workspace(self.charge.client, Path(self.charge.reports)).state)
        settings = {
            "audit": audit,
            "role": self.charge.role,
            "pages": self.charge.pages,
            "memory_megabytes": self.charge.memory_megabytes,
            "idle_seconds": self.charge.idle_seconds,
            "grace_seconds": self.charge.grace_seconds,
            "preheated": self.charge.preheated,
            "base_url": self.hub["prefix"],
            "site": str(private / "site"),
            "private": str(private),
            "socket": listening.fileno(),
            "refusals": refusals(),
            "failed": {language: words["failed"] for language, words in labels().items()},
            "hub": self.hub | {"hosts": self.charge.hosts, "secure": self.charge.secure},
        }
        self.started = time.monotonic()
        try:
            self.process = launch.run_server(
                private / "config.json", settings, private, listening, self.charge.owner
            )
        finally:
            os.close(audit)

    def _end(self) -> None:
        if self.process is None or self.process.stdin is None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def listen_patiently(port: int) -> socket.socket:
    """The port, once what held it has ended: after a hub was killed its old keepers need a moment.

    Raises
    ------
    JorenError if it is still taken after twenty seconds; another port is never used
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return launch.listen_on(port)
        except JorenError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def adopt(prepared: Path, site: Path, owner: int | None) -> None:
    """Copy a prepared run into the site, readable for its user and not writable, and switch to it.

    Parameters
    ----------
    prepared : folder that `site.prepare_site` made
    site : the dashboard's site
    owner : numeric group that may read; None keeps it to this process's user
    """
    from joren.serve.site import switch

    folder, partial = site / "runs" / prepared.name, site / "runs" / f".{prepared.name}.partial"
    if not folder.is_dir():
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(prepared, partial)
        if owner is not None:
            lend([site / "runs", partial, *partial.rglob("*")], owner)
        partial.rename(folder)
    switch(site, folder)


def lend(paths: Iterable[Path], group: int) -> None:
    """Let a group read these and change nothing."""
    for path in paths:
        if not path.is_symlink():
            os.chown(path, os.getuid(), group)
            path.chmod(0o750 if path.is_dir() else 0o640)


def give(folder: Path, owner: int) -> None:
    """Make a folder and all in it a user's own."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, owner)


def folders_in_use(pid: int) -> set[Path] | None:
    """The folders that a server's kernels stand in; None if they changed meanwhile."""
    import psutil

    try:
        return {Path(child.cwd()) for child in psutil.Process(pid).children(recursive=True)}
    except psutil.Error:
        return None


def drop_unused(site: Path, used: set[Path] | None) -> None:
    """Remove runs that are neither served nor read by an open page; the next publication may, too.

    Parameters
    ----------
    site : the dashboard's site
    used : as `folders_in_use` gives it; None removes nothing
    """
    if used is None:
        return
    keep = {(site / "current").resolve(), *(folder.resolve() for folder in used)}
    for folder in (site / "runs").iterdir():
        if folder.resolve() not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _stop(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    """Read what to keep, then keep it."""
    signal.signal(signal.SIGTERM, _stop)
    os.umask(0o077)
    content = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Keeper(Charge(**content), hub_words(os.environ)).keep()  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
