"""Many clients behind one login: `joren serve --all` writes JupyterHub's configuration and runs it.

What must outlive a restart (sessions, the cookies' key, each client's numeric user) stands in
`state/.hub`, readable by its owner only.
"""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from joren.errors import JorenError, ParameterError
from joren.params import Params, clients, load_client, project_root
from joren.serve import launch
from joren.serve.keeper import FOLDERS, Charge
from joren.serve.users import all_users, door_of

PROXY = "configurable-http-proxy"
TOOLS = Path(__file__).parents[3] / ".tools"
FIRST_OWNER = 70_001
LOOK_EVERY_SECONDS = 1.0
START_SECONDS = 240
REFRESH_SECONDS = 15


@dataclass(frozen=True)
class Hub:
    """Where the hub answers and what it serves.

    Parameters
    ----------
    reports : folder of all clients' runs
    port : of the loopback; a proxy that speaks TLS stands before it
    public : address viewers use; None for the loopback itself
    config : an operator's JupyterHub configuration, read before ours: another login service
    refresh_seconds : so long a user who was taken out, or given another role, keeps the old one
    separate : one numeric user for each client; None does so when started by root
    """

    reports: Path
    port: int = 8000
    public: str | None = None
    config: Path | None = None
    refresh_seconds: int = REFRESH_SECONDS
    separate: bool | None = None

    @property
    def state(self) -> Path:
        return self.reports.parent / "state"

    @property
    def folder(self) -> Path:
        return self.state / ".hub"

    @property
    def address(self) -> str:
        return (self.public or f"http://127.0.0.1:{self.port}").rstrip("/") + "/"


def serve_all(hub: Hub) -> None:
    """Serve every client that has users, until interrupted; a hub that dies is started again.

    Parameters
    ----------
    hub : what and where

    Raises
    ------
    JorenError if a part is missing, nobody may log in, a port is occupied, or the hub does not
        stay up
    """
    check_parts()
    process: subprocess.Popen[bytes] | None = None
    try:
        while True:
            doors = _doors(hub)
            file = write_configuration(hub)
            process = _start(file.parent)
            _wait_until_it_answers(process, hub.port, file.parent / "hub.log")
            print(f"{len(doors)} dashboards: {hub.address}  Stop with Ctrl-C.", flush=True)
            stamp = _stamp(hub)
            while process.poll() is None:
                time.sleep(LOOK_EVERY_SECONDS)
                if stamp != (stamp := _stamp(hub)) and _doors(hub, doors) != doors:
                    break
            if process.poll() is None:
                print("The users' roles changed: the hub starts again.", flush=True)
                _stop(process)
            else:
                print(f"The hub ended (status {process.returncode}) and starts again.", flush=True)
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
    finally:
        if process is not None:
            _stop(process)
            _end_proxy(hub.folder / "proxy.pid")


def check_parts() -> None:
    """Whether JupyterHub and its proxy are installed.

    Raises
    ------
    JorenError naming what is missing
    """
    if importlib.util.find_spec("jupyterhub") is None:
        raise JorenError("JupyterHub is not installed", "", "pip install 'joren[hub]'")
    if proxy_program() is None:
        raise JorenError(
            f"{PROXY} is not installed",
            "",
            f"with Node 18 or newer: npm install --prefix .tools {PROXY}",
        )


def proxy_program() -> str | None:
    """The proxy of this project's tools, else of the machine."""
    own = TOOLS / "node_modules" / ".bin" / PROXY
    return str(own) if own.is_file() else shutil.which(PROXY)


def _stamp(hub: Hub) -> list[tuple[str, int]]:
    """What changes when users do: cheap to look at each second."""
    files = [*(project_root() / "params").glob("*.yaml"), *hub.state.glob("*/secrets/users")]
    return sorted((str(file), file.stat().st_mtime_ns) for file in files)


Doors = dict[str, tuple[str, str]]


def _doors(hub: Hub, known: Doors | None = None) -> Doors:
    """Dashboard → (client, role), of those that have a user; the known ones if users are broken."""
    try:
        told = {name: _told(params) for name, params in _all_params().items()}
        found = all_users(hub.state, told).values()
        return {user.door: (user.client, user.role) for user in found}
    except JorenError as error:
        if known is None:
            raise
        print(f"joren: {error}", file=sys.stderr, flush=True)
        return known


def _all_params() -> dict[str, Params]:
    return {name: load_client(name).params for name in clients()}


def _told(params: Params) -> list[dict[str, Any]]:
    return [user.model_dump() for user in params.dashboard.users]


def write_configuration(hub: Hub) -> Path:
    """Write what the hub and its keepers read.

    Returns
    -------
    the hub's settings, in a folder that only its owner reads

    Raises
    ------
    ParameterError if nobody may log in, or a user is of two clients
    JorenError if the clients' numeric users could not reach Python or the folder
    """
    params = _all_params()
    told = {name: _told(one) for name, one in params.items()}
    users = all_users(hub.state, told)
    if not users:
        raise ParameterError(
            "nobody may log in", "dashboard.users", "run `joren user CLIENT NAME --role viewer`"
        )
    private, folder = hub.folder, Path(tempfile.gettempdir())
    private.mkdir(parents=True, exist_ok=True)
    private.chmod(0o700)
    separate = hub.separate if hub.separate is not None else os.getuid() == 0
    shown = sorted({(user.client, user.role) for user in users.values()})
    owners = owners_of(private, [client for client, _ in shown]) if separate else {}
    for owner in list(owners.values())[:1]:
        check_reach(folder, owner)
    clear(folder)
    doors = {}
    for client, role in shown:
        door = door_of(client, role)
        own = params[client].dashboard
        charge = Charge(
            client=client,
            role=role,
            reports=str(hub.reports),
            folder=str(folder),
            owner=owners.get(client),
            hosts=[urlparse(hub.address).hostname or ""],
            secure=hub.address.startswith("https:"),
            pages=own.pages,
            memory_megabytes=own.memory_megabytes,
            idle_seconds=max(1, round(own.idle_minutes * 60)),
        )
        _write(private / f"{door}.json", asdict(charge))
        doors[door] = {"port": _free_port()}
    _end_proxy(private / "proxy.pid")
    with launch.listen_on(hub.port):
        pass  # an occupied port is known now, with a remedy
    settings = {
        "port": hub.port,
        "hub_port": _free_port(),
        "proxy_port": _free_port(),
        "proxy": proxy_program() or PROXY,
        "public": hub.address if hub.public else "",
        "secure": hub.address.startswith("https:"),
        "state": str(hub.state),
        "users": told,
        "doors": doors,
        "refresh_seconds": hub.refresh_seconds,
    }
    _write(private / "hub.json", settings)
    first = f"load_subconfig({str(hub.config.resolve())!r})\n" if hub.config else ""
    (private / "jupyterhub_config.py").write_text(
        f"from pathlib import Path\n\nfrom joren.serve.hub_config import configure\n\n{first}"
        f"configure(get_config(), Path({str(private / 'hub.json')!r}))\n",
        encoding="utf-8",
    )
    return private / "hub.json"


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(content, stream, ensure_ascii=False)


def _free_port() -> int:
    with launch.listen_on(None) as listening:
        return listening.getsockname()[1]


def clear(folder: Path) -> None:
    """Remove folders of dashboards whose keeper was killed, so that none accumulate."""
    for left in folder.glob(f"{FOLDERS}*"):
        owner = left.lstat().st_uid
        if (owner == os.getuid() or owner >= FIRST_OWNER) and not _in_use(left):
            shutil.rmtree(left, ignore_errors=True)


def _in_use(folder: Path) -> bool:
    import psutil

    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder):
                return True
        except psutil.Error:
            continue
    return False


def owners_of(private: Path, names: Iterable[str]) -> dict[str, int]:
    """Each client's numeric user, the same for good.

    Parameters
    ----------
    private : folder that remembers them
    names : of clients
    """
    file = private / "owners.json"
    known: dict[str, int] = json.loads(file.read_text()) if file.is_file() else {}
    for name in sorted(set(names) - set(known)):
        known[name] = max(known.values(), default=FIRST_OWNER - 1) + 1
    _write(file, known)
    return known


def check_reach(folder: Path, owner: int) -> None:
    """Whether a client's numeric user can run this Python and pass to where its folder is made.

    Raises
    ------
    JorenError if not
    """
    code = f"import os, joren.serve.door; os.stat({str(folder / '.')!r})"
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", code],
            user=owner,
            group=owner,
            extra_groups=[],
            cwd="/",
            env={"PATH": os.defpath},
            capture_output=True,
            check=False,
        )
        reached = done.returncode == 0
    except OSError:
        reached = False
    if not reached:
        raise JorenError(
            "the clients' own numeric users cannot reach Python, the code or the folder",
            f"{Path(sys.executable).resolve()}, {folder}",
            "install under /opt or /srv (see docs/security.md), or give --one-user",
        )


def _end_proxy(file: Path) -> None:
    """End the proxy of a hub that was killed: it would hold the port, and lead nowhere."""
    import psutil

    try:
        process = psutil.Process(int(file.read_text()))
        if any(PROXY in word for word in process.cmdline()):
            process.terminate()
            process.wait(10)
    except (OSError, ValueError, psutil.Error):
        return  # there is none


def _start(private: Path) -> subprocess.Popen[bytes]:
    descriptor = os.open(private / "hub.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-I", "-m", "jupyterhub", "-f", str(private / "jupyterhub_config.py")],
            cwd=private,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            line.request("GET", "/hub/api/")
            if line.getresponse().status == 200:
                return
        except OSError:
            pass  # not yet
        finally:
            line.close()
        time.sleep(0.5)
    said = f"status {process.returncode}" if process.poll() is not None else "no answer"
    raise JorenError(f"the hub did not start ({said})", str(log), "its log says why")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
