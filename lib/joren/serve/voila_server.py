"""One client's Voilà: `python -I -m joren.serve.voila_server CONFIG`.

CONFIG is a 0600 file that is read once and removed; the listening socket is inherited, so an
occupied port is known before this process exists and is never swapped for another.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import logging
import os
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import tornado.httpserver
import tornado.ioloop
from traitlets.config import Config
from voila.app import Voila

from joren.serve import audit, door, preheat
from joren.serve.kernels import PageKernels
from joren.serve.roles import ANALYST
from joren.serve.words import both

TEMPLATE = Path(__file__).parent / "template"
CULL_EVERY_SECONDS = 30
LOOK_EVERY_SECONDS = 2
# three of the pings that go out every 30 s: with one, the first check ended every line
PING_TIMEOUT_MILLISECONDS = 90_000


def voila_config(settings: dict[str, Any]) -> Config:
    """Voilà's configuration for one client: every door shut that has a lock.

    Parameters
    ----------
    settings : site, private, failed (text by language), the fields of `launch.Settings`, and
        token, or behind a hub what `hub_identity.identity_config` takes
    """
    private = Path(settings["private"])
    c = Config()
    c.Voila.ip = "127.0.0.1"
    c.Voila.port_retries = 0
    c.Voila.open_browser = False
    c.Voila.base_url = settings["base_url"]
    c.Voila.config_file_paths = []
    c.Voila.root_dir = settings["site"]
    c.Voila.notebook_path = str(Path(settings["site"]) / "dashboard.ipynb")
    c.Voila.connection_dir_root = str(private)
    c.Voila.log_level = logging.ERROR
    if settings.get("hub"):
        from joren.serve.hub_identity import identity_config

        c.merge(identity_config(settings["hub"]))
    else:
        c.Voila.token = settings["token"]
        c.PasswordIdentityProvider.cookie_options = {"samesite": "Lax"}
        c.PasswordIdentityProvider.password_required = False

    v = c.VoilaConfiguration
    v.template, v.theme = "joren", "light"
    v.allow_template_override, v.allow_theme_override = "NO", "NO"
    v.file_allowlist, v.http_header_envs = [], []
    v.extension_allowlist, v.extension_config = [], {}
    v.resources = {"failed": settings["failed"]}
    v.strip_sources, v.show_tracebacks = True, False
    v.preheat_kernel, v.progressive_rendering = False, False
    # Voilà's heartbeat is an inline script, which the page's policy forbids
    v.http_keep_alive_timeout = 120
    v.multi_kernel_manager_class = PageKernels

    c.KernelSpecManager.allowed_kernelspecs = {"python3"}
    # sockets in a 0700 folder: on TCP any local user could read what a kernel publishes
    c.KernelManager.transport = "ipc"
    c.KernelManager.autorestart = False
    c.ZMQChannelsWebsocketConnection.kernel_ws_protocol = ""
    k = c.PageKernels
    k.limit, k.grace_seconds = settings["pages"], settings["grace_seconds"]
    k.current = str(Path(settings["site"]) / "current")
    k.page_env = kernel_environment(private)
    k.buffer_offline_messages, k.allow_tracebacks = False, False
    k.cull_idle_timeout, k.cull_interval = settings["idle_seconds"], CULL_EVERY_SECONDS
    k.cull_connected, k.cull_busy = True, True
    return c


def kernel_environment(private: Path) -> dict[str, str]:
    """The whole environment of a page's kernel."""
    return {
        "PATH": os.defpath,
        "HOME": str(private / "home"),
        "TMPDIR": str(private / "tmp"),
        "IPYTHONDIR": str(private / "home" / "ipython"),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
    }


def keep_memory_private() -> None:
    """Keep this process's memory and environment from others of its user: its kernels.

    `prctl(PR_SET_DUMPABLE, 0)`; where there is no such call, file permissions must do.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)


class DashboardServer(Voila):
    """Voilà with our template, our addresses and the inherited socket.

    `hosts` are the names viewers reach a dashboard behind the hub by; empty without a hub.
    """

    hosts: tuple[str, ...] = ()

    def setup_template_dirs(self) -> None:
        self.template_paths = [str(TEMPLATE)]
        self.static_paths = []

    def init_handlers(self) -> list[tuple[Any, ...]]:
        login = self.identity_provider.get_handlers() if self.hosts else []
        return [*login, *door.routes(self.base_url)]

    def init_settings(self) -> dict[str, Any]:
        settings = super().init_settings()
        self.kernel_manager.allowed_message_types = sorted(door.INBOUND)
        settings.pop("login_url", None)
        # Voilà answers to any Host; a name an attacker points here must not be one
        names = ["localhost", *self.hosts]
        return settings | {"allow_remote_access": False, "local_hostnames": names}

    def listen(self) -> None:
        server = tornado.httpserver.HTTPServer(
            self.app, max_body_size=64 * 1024, idle_connection_timeout=120
        )
        server.add_socket(self.listening)
        self.ioloop = tornado.ioloop.IOLoop.current()
        self.ioloop.add_handler(sys.stdin.fileno(), self._launcher_gone, self.ioloop.READ)
        # so that a viewer seldom waits for a kernel, nor for the preparation of another run
        told = self.app.settings
        pages = told["pages"] = preheat.Pages(
            self.kernel_manager,
            preheat.writer(self),
            told["refresh"],
            told["broken_off"],
            told["preheated"],
        )
        self.ioloop.add_callback(pages.tend)
        tornado.ioloop.PeriodicCallback(pages.tend, 1000 * LOOK_EVERY_SECONDS).start()
        try:
            self.ioloop.start()
        finally:
            self.stop()

    def _launcher_gone(self, fd: int, _: int) -> None:
        # the launcher holds the other end; it closes when the launcher ends, however it ends
        if not os.read(fd, 1024):
            self.ioloop.stop()


def refresher(
    latest: Path, site: Path, role: str = ANALYST
) -> Callable[[PageKernels], Awaitable[None]]:
    """Before each page: if another run is published now, prepare its folder and switch to it.

    It is prepared in a process of its own, so that this one stays small and keeps answering.
    A run that cannot be prepared leaves the previous one served.
    """
    turn = asyncio.Lock()
    unusable: set[str] = set()
    log = logging.getLogger("joren.serve")

    async def refresh(kernels: PageKernels) -> None:
        async with turn:
            current = (site / "current").resolve()
            run = latest.resolve()
            if run.name in {current.name, *unusable} or not run.is_dir():
                return
            command = (sys.executable, "-I", "-m", "joren.serve.site", str(run), str(site), role)
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL
            )
            if await process.wait() != 0:
                unusable.add(run.name)
                log.error("the run %s cannot be shown; %s stays", run.name, current.name)
                return
            keep = kernels.folders_in_use() | {(site / "current").resolve()}
            for folder in (site / "runs").iterdir():
                if folder not in keep:
                    shutil.rmtree(folder, ignore_errors=True)

    return refresh


def _refresh(settings: dict[str, Any]) -> Callable[[PageKernels], Awaitable[None]]:
    if settings.get("hub"):
        # the keeper prepares each run: this process cannot even read where runs are
        return _already_fresh
    return refresher(Path(settings["latest"]), Path(settings["site"]), settings["role"])


async def _already_fresh(kernels: PageKernels) -> None:
    """Nothing to do before a page."""


def main() -> None:
    """Read the configuration, remove it, serve until the launcher is gone."""
    os.umask(0o077)
    path = Path(sys.argv[1])
    settings = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    if settings.get("hub"):
        keep_memory_private()
    config = voila_config(settings)
    config.Voila.tornado_settings = {
        "headers": door.HEADERS,
        "default_handler_class": door.Nothing,
        "log_function": door.log_request,
        "logger": logging.getLogger("joren.serve"),
        "websocket_max_message_size": door.LARGEST_QUESTION,
        "ws_ping_timeout": PING_TIMEOUT_MILLISECONDS,
        "refusals": {int(status): page for status, page in settings["refusals"].items()},
        "refresh": _refresh(settings),
        "preheated": settings["preheated"],
        "broken_off": f'<p class="failed">{both(settings["failed"])}</p>',
        "behind_hub": bool(settings.get("hub")),
        "current": str(Path(settings["site"]) / "current"),
        "audit": audit.recorder(settings["audit"], settings["role"]),
    }
    app = DashboardServer.instance(config=config)
    app.hosts = tuple(settings["hub"]["hosts"]) if settings.get("hub") else ()
    app.listening = socket.socket(fileno=settings["socket"])
    app.listening.setblocking(False)
    app.initialize([])
    app.start()
    # the launcher may have been killed; what it made must not outlive it
    shutil.rmtree(settings["private"], ignore_errors=True)


if __name__ == "__main__":
    main()
