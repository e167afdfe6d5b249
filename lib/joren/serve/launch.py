"""Start one client's dashboard: a private folder, a socket of its own, a process with nothing else.

The client's name is the only thing that decides what is served: the process gets that client's
site, that client's token, and neither this process's environment nor its arguments.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from joren.errors import JorenError
from joren.serve.audit import open_log
from joren.serve.roles import ANALYST, known_role
from joren.workspace import Workspace

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "dashboard" / "dashboard.ipynb"
START_SECONDS = 40


@dataclass(frozen=True)
class Settings:
    """How much a dashboard may take.

    Parameters
    ----------
    pages : open at once; the next viewer is told to wait
    memory_megabytes : private memory of one page's kernel
    idle_seconds : until the kernel of a page nobody touches is ended; the page stays readable
    grace_seconds : a kernel outlives its page, so that a short loss of the network costs nothing
    preheated : pages made ready before anybody asks, each with a kernel of its own
    base_url : path the dashboard answers under, with closing slash
    role : what its folder holds, as in `roles`
    """

    pages: int = 20
    memory_megabytes: int = 512
    idle_seconds: int = 900
    grace_seconds: float = 60.0
    preheated: int = 1
    base_url: str = "/"
    role: str = ANALYST


DEFAULT = Settings()


@dataclass(frozen=True)
class Dashboard:
    """A dashboard being served.

    Parameters
    ----------
    url : address without the token
    link : address a viewer opens once
    token : what the link carries
    process : Voilà
    private : folder with the site and the sockets, gone after `stop`
    """

    url: str
    link: str
    token: str
    process: subprocess.Popen[bytes]
    private: Path

    def stop(self) -> None:
        """End the server and its kernels, and remove the private folder."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.private, ignore_errors=True)


def serve_client(
    client: str,
    reports: Path,
    port: int | None = None,
    open_browser: bool = False,
    role: str = ANALYST,
) -> None:
    """Serve the client's published run until interrupted.

    Parameters
    ----------
    client : name of the client
    reports : folder of all clients' runs
    port : on the loopback; None takes a free one
    open_browser : open the link
    role : viewer, analyst or manager

    Raises
    ------
    JorenError if nothing is published, the port is occupied, there is no such role, or the server
    ends by itself
    """
    dashboard = start(client, reports, port, Settings(role=known_role(role)))
    try:
        print(f"{client}: {dashboard.link}", flush=True)
        print(
            "The link is the key: whoever has it sees the dashboard. Stop with Ctrl-C.", flush=True
        )
        if open_browser:
            webbrowser.open(dashboard.link)
        status = dashboard.process.wait()
        raise JorenError(
            f"the dashboard of {client} ended by itself (status {status}): "
            f"{_last_line(dashboard.private / 'server.log')}"
        )
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
    finally:
        dashboard.stop()


def start(
    client: str,
    reports: Path,
    port: int | None = None,
    settings: Settings = DEFAULT,
    notebook: Path = NOTEBOOK,
) -> Dashboard:
    """Start the client's dashboard and wait until it answers.

    Parameters
    ----------
    client, reports, port : as in `serve_client`
    settings : how much it may take
    notebook : the dashboard

    Raises
    ------
    JorenError as in `serve_client`
    """
    workspace = Workspace(client, reports.resolve())
    run = workspace.latest()
    if run is None:
        raise JorenError(
            f"nothing is published for {client}",
            str(workspace.root),
            f"run `joren run {client}` first",
        )
    listening = listen_on(port)
    # cut: the addresses of sockets in this folder may have 107 characters
    private = Path(tempfile.mkdtemp(prefix=f"joren-serve-{client[:12]}-"))
    try:
        config = prepare_private(private, run, notebook, settings.memory_megabytes, settings.role)
        return _launch(config, settings, workspace, listening, private)
    except BaseException:
        shutil.rmtree(private, ignore_errors=True)
        raise
    finally:
        listening.close()


def listen_on(port: int | None) -> socket.socket:
    """A listening socket on the loopback; an occupied port is an error, never another port.

    Raises
    ------
    JorenError if the port cannot be had
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port or 0))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        raise JorenError(
            f"the port cannot be used: {error}",
            f"127.0.0.1:{port}",
            "stop what uses it, or choose another with --port",
        ) from None
    return listening


def prepare_private(
    private: Path, run: Path, notebook: Path, memory_megabytes: int, role: str = ANALYST
) -> Path:
    """Fill the private folder: the site, the kernel's description, homes that hold nothing.

    Returns
    -------
    where the configuration is to be written
    """
    from joren.serve.site import prepare_site

    prepare_folders(private, notebook, memory_megabytes)
    prepare_site(run, private / "site", role)
    return private / "config.json"


def prepare_folders(private: Path, notebook: Path, memory_megabytes: int) -> None:
    """Fill the private folder with everything but a run."""
    if not notebook.is_file():
        raise JorenError(
            "the dashboard's notebook is missing", str(notebook), "restore it from git"
        )
    for name in ("home", "tmp", "site/runs", "runtime", "kernels/python3"):
        (private / name).mkdir(parents=True, mode=0o700)
    shutil.copyfile(notebook, private / "site" / "dashboard.ipynb")
    command = [sys.executable, "-I", "-m", "joren.serve.kernel", str(memory_megabytes)]
    kernel = {
        "argv": [*command, "-f", "{connection_file}"],
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }
    described = private / "kernels/python3/kernel.json"
    described.write_text(json.dumps(kernel), encoding="utf-8")


def server_environment(private: Path) -> dict[str, str]:
    """The whole environment of the server: nothing of this process's own."""
    return {
        "PATH": os.defpath,
        "HOME": str(private / "home"),
        "TMPDIR": str(private / "tmp"),
        "LANG": "C.UTF-8",
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_CONFIG_DIR": str(private / "home"),
        "JUPYTER_DATA_DIR": str(private / "home"),
        "JUPYTER_PATH": str(private),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "IPYTHONDIR": str(private / "home" / "ipython"),
        "OMP_NUM_THREADS": "1",
    }


def _launch(
    config: Path,
    settings: Settings,
    workspace: Workspace,
    listening: socket.socket,
    private: Path,
) -> Dashboard:
    from joren.serve.site import labels, refusals

    token = secrets.token_urlsafe(32)
    audit = open_log(workspace.state)
    content = asdict(settings) | {
        "site": str(private / "site"),
        "private": str(private),
        "latest": str(workspace.root / "latest"),
        "token": token,
        "socket": listening.fileno(),
        "audit": audit,
        "refusals": refusals(),
        "failed": {language: words["failed"] for language, words in labels().items()},
    }
    log = private / "server.log"
    process = run_server(config, content, private, listening)
    os.close(audit)
    port = listening.getsockname()[1]
    url = f"http://127.0.0.1:{port}{settings.base_url}"
    dashboard = Dashboard(url, f"{url}?token={token}", token, process, private)
    try:
        _wait_until_it_answers(process, port, log)
    except BaseException:
        dashboard.stop()
        raise
    return dashboard


def run_server(
    config: Path,
    content: dict[str, Any],
    private: Path,
    listening: socket.socket,
    owner: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start Voilà with its configuration, which it reads once and removes.

    Parameters
    ----------
    config : where the configuration is written
    content : what `voila_server.voila_config` takes; `audit` is an open log the server inherits
    private : the server's folder
    listening : socket the server inherits
    owner : numeric user and group it runs as; None for this process's own
    """
    config.unlink(missing_ok=True)
    with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(content, stream)
    if owner is not None:
        os.chown(config, owner, owner)
    one_of_its_own = {} if owner is None else {"user": owner, "group": owner, "extra_groups": []}
    with (private / "server.log").open("ab") as stream:
        return subprocess.Popen(
            [sys.executable, "-I", "-m", "joren.serve.voila_server", str(config)],
            env=server_environment(private),
            cwd=private,
            stdin=subprocess.PIPE,
            stdout=stream,
            stderr=stream,
            pass_fds=[listening.fileno(), content["audit"]],
            start_new_session=True,
            **one_of_its_own,
        )


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/")
            connection.getresponse()
            return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise JorenError(f"the dashboard did not start: {_last_line(log)}", "", "see `joren doctor`")


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.is_file() else []
    return next((line for line in reversed(lines) if line.strip()), "no message")
