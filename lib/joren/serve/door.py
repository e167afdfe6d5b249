"""The front door: what a browser may ask for, and who may ask.

Few addresses exist (the page, its style and scripts, its charts and typeface, its kernel's
websocket, the files its role may take away, the way out). Everything else, every other method,
every stranger and every foreign site is refused with the same plain page. Who opened and took away
what is recorded before it is sent.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from jupyter_server.base.handlers import JupyterHandler
from tornado.web import Application, HTTPError, StaticFileHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from joren.serve.audit import NOBODY
from joren.serve.explore import TARGET

ASSETS = Path(__file__).parent / "assets"
ASSET_NAMES = r"(page\.css|page\.js|charts\.js)"
DOWNLOAD_NAMES = r"([A-Za-z0-9][A-Za-z0-9_.-]{0,120}\.(?:csv|graphml))"
RUN_NAMES = r"([A-Za-z0-9][A-Za-z0-9_-]{0,40})"
PART_NAMES = r"(font\.css|[A-Za-z0-9_][\w.-]{0,120}\.svg)"
INBOUND = frozenset({"comm_open", "comm_msg", "comm_close"})
OUTBOUND = frozenset({"comm_msg", "comm_close"})
LARGEST_QUESTION = 8192
_PART = 1 << 16

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        # the icon, which there is none of, is a data image
        "img-src 'self' data:",
        # the typeface is one in a style sheet
        "font-src data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
# a chart of its own: styled, and nothing more
ALONE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "Server": "joren",
}


class Guarded(JupyterHandler):
    """A handler that answers only a known viewer at this server's own address."""

    async def prepare(self) -> None:  # type: ignore[override]
        await JupyterHandler.prepare(self, _redirect_to_login=self.leads_to_login())
        if self.current_user is None and not self._finished:
            raise HTTPError(403)

    def leads_to_login(self) -> bool:
        """Whether a stranger is sent to a login, which only a hub has."""
        return False

    def note(self, event: str, what: str) -> None:
        """Record what this viewer opens or takes away, before it is sent."""
        run = Path(self.settings["current"]).resolve().name
        self.settings["audit"](event, what, run, self.viewer())

    def viewer(self) -> str:
        """The account's name behind a hub; a link has no account."""
        return self.current_user.username if self.settings.get("behind_hub") else NOBODY

    def write_error(self, status_code: int, exc_info: Any = None) -> None:  # type: ignore[override]
        """One plain page, whatever went wrong: nothing of the server shows."""
        refusals = self.settings["refusals"]
        self.set_header("Content-Type", "text/html; charset=utf-8")
        if status_code == 503:
            self.set_header("Retry-After", "30")
        self.finish(refusals.get(status_code, refusals[404]))


class Nothing(Guarded):
    """Every address that does not exist."""

    async def prepare(self) -> None:  # type: ignore[override]
        await super().prepare()
        raise HTTPError(404)

    def check_xsrf_cookie(self) -> None:
        """Nothing is done here, so nothing can be forged."""


class Page(Guarded):
    """The dashboard."""

    def leads_to_login(self) -> bool:
        """Behind a hub, whoever wants to read the page."""
        return bool(self.settings.get("behind_hub")) and self.request.method == "GET"

    async def get(self, path: str | None = None) -> None:  # type: ignore[override]
        if self.request.query:
            # the token leaves the address bar, and no parameter ever reaches a kernel
            self.redirect(self.base_url)
            return
        making = await self.settings["pages"].take()
        self.note("view", "dashboard")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        while (part := await making.parts.get()) is not None:
            self.write(part)
            await self.flush()


class Asset(Guarded, StaticFileHandler):
    """The page's style and script."""

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", "no-cache")


class Part(Guarded):
    """A chart or the typeface of a run's pages: of the run a page was made from, not of the latest.

    Names are only compared with what the folders hold. An SVG opened by itself can do nothing.
    """

    async def get(self, run: str, name: str) -> None:
        runs = Path(self.settings["current"]).parent / "runs"
        folders = {path.name: path for path in runs.iterdir() if path.is_dir()}
        folder = folders.get(run, runs) / ("figures" if name.endswith(".svg") else "")
        held = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
        path = held.get(name)
        if run not in folders or path is None or path.is_symlink() or not path.is_file():
            raise HTTPError(404)
        self.set_header("Content-Security-Policy", ALONE)
        if path.suffix == ".svg":
            self.set_header("Content-Type", "image/svg+xml")
        else:
            # letters, not results: they may stay in the browser
            self.set_header("Content-Type", "text/css; charset=utf-8")
            self.set_header("Cache-Control", "private, max-age=604800, immutable")
        self.finish(path.read_bytes())


class Download(Guarded):
    """A file that stands in the role's own folder; it is never looked for anywhere else."""

    async def get(self, name: str) -> None:
        # names come from the folder itself: what a browser says is only compared with them
        folder = Path(self.settings["current"]).resolve() / "downloads"
        held = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
        path = held.get(name)
        if path is None or path.is_symlink() or not path.is_file():
            self.note("refused", name)
            raise HTTPError(404)
        self.note("download", name)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        with path.open("rb") as stream:
            while part := stream.read(_PART):
                self.write(part)
                await self.flush()


class Leave(Guarded):
    """Log out: of a link of one's own here, of a hub at the hub."""

    async def get(self) -> None:
        self.note("logout", "dashboard")
        if self.settings.get("behind_hub"):
            self.redirect("/hub/logout")
            return
        self.identity_provider.clear_login_cookie(self)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(self.settings["refusals"][200])


class Channel(Guarded, VoilaKernelWebsocketHandler):
    """The page's line to its kernel: one kind of question in, its answers out.

    A kernel also publishes code, errors and file paths; only answers pass.
    """

    def check_origin(self, origin: str | None = None) -> bool:
        origin = origin or self.request.headers.get("Origin")
        return bool(origin) and urlparse(origin).netloc == self.request.host

    async def get(self, kernel_id: str) -> None:  # type: ignore[override]
        if not self.check_origin() or kernel_id not in self.kernel_manager:
            raise HTTPError(403)
        await super().get(kernel_id=kernel_id)

    def on_message(self, ws_message: str | bytes) -> None:
        if is_question(ws_message):
            self._note_list(ws_message)
            super().on_message(ws_message)

    def _note_list(self, ws_message: str | bytes) -> None:
        """Record a list of single customers once a page, however often it is asked for."""
        content = json.loads(ws_message)["content"]
        seen: set[str] = self.__dict__.setdefault("noted", set())
        what = list_asked(content.get("data", {}))
        if what and what not in seen:
            seen.add(what)
            self.note("list", what)

    def write_message(self, message: Any, binary: bool = False) -> Any:  # type: ignore[override]
        if not binary and is_answer(message):
            return super().write_message(message)
        return None


def is_question(message: str | bytes) -> bool:
    """Whether a websocket message is one the page's own script could have sent."""
    if not isinstance(message, str) or len(message) > LARGEST_QUESTION:
        return False
    try:
        parsed = json.loads(message)
        header, content = parsed["header"], parsed["content"]
        kind, opens = header["msg_type"], header["msg_type"] == "comm_open"
        return (
            set(parsed) == {"channel", "header", "parent_header", "metadata", "content"}
            and parsed["channel"] == "shell"
            and kind in INBOUND
            and all(isinstance(value, str) for value in header.values())
            and parsed["parent_header"] == {} == parsed["metadata"]
            and isinstance(content["comm_id"], str)
            and isinstance(content.get("data", {}), dict)
            and (not opens or content["target_name"] == TARGET)
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def list_asked(data: Any) -> str | None:
    """Which list of single customers a question asks for, if it does."""
    if not isinstance(data, dict):
        return None
    if "order" in data:
        return "customers"
    return "members" if data.get("view") == "members" else None


def is_answer(message: Any) -> bool:
    """Whether a kernel's message is an answer meant for the page."""
    try:
        parsed = json.loads(message) if isinstance(message, str) else message
        return parsed["header"]["msg_type"] in OUTBOUND
    except (ValueError, KeyError, TypeError):
        return False


def routes(base_url: str) -> list[tuple[Any, ...]]:
    """The addresses that exist.

    Parameters
    ----------
    base_url : path the server answers under, with closing slash
    """
    kernel = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    return [
        (base_url, Page),
        (f"{base_url}assets/{ASSET_NAMES}", Asset, {"path": str(ASSETS)}),
        (f"{base_url}runs/{RUN_NAMES}/{PART_NAMES}", Part),
        (f"{base_url}logout", Leave),
        (f"{base_url}downloads/{DOWNLOAD_NAMES}", Download),
        (f"{base_url}api/kernels/{kernel}/channels", Channel),
    ]


def log_request(handler: Any) -> None:
    """One line a refused request, without the query: it may hold the token."""
    if handler.get_status() >= 400:
        application: Application = handler.application
        application.settings["logger"].warning(
            "%s %s %s", handler.get_status(), handler.request.method, handler.request.path
        )
