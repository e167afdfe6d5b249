"""The kernels behind open pages: how many, with what in their hands, and for how long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_server._tz import utcnow
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.ioloop import PeriodicCallback
from tornado.web import HTTPError
from traitlets import Dict, Float, Integer, Unicode

STARTING_AT_ONCE = 2
REAP_EVERY_SECONDS = 5


def abandoned(
    connections: Mapping[str, int], last_seen: Mapping[str, float], now: float, grace: float
) -> list[str]:
    """The kernels whose page has been gone for longer than the grace time.

    Parameters
    ----------
    connections : kernel → open websockets
    last_seen : kernel → when it last had a page, seconds
    now : seconds, same clock
    grace : seconds
    """
    return sorted(
        kernel
        for kernel, count in connections.items()
        if count == 0 and now - last_seen.get(kernel, now) > grace
    )


class PageKernels(AsyncMappingKernelManager):
    """Kernels of one client's pages.

    Every GET of the page takes one, hence a limit; the kernel gets an environment of its own
    (Voilà would hand it the server's, with the request's address and so the token in it) and the
    folder of the run that is published at that moment. A spare one stands behind a page that
    nobody has opened yet (`preheat`): it takes no seat, and is neither abandoned nor idle.
    """

    limit = Integer(20, config=True, help="pages that may be open at once")
    grace_seconds = Float(60.0, config=True, help="how long a kernel outlives its page")
    page_env = Dict(Unicode(), config=True, help="the kernel's whole environment")
    current = Unicode(config=True, help="link to the folder of the published run")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.last_seen: dict[str, float] = {}
        self.folders: dict[str, Path] = {}
        self.waiting: list[Path] = []
        self.warming: list[Path] = []
        self.spare: set[str] = set()
        self.writing: set[str] = set()
        self._turn = asyncio.Semaphore(STARTING_AT_ONCE)
        self._reaper = PeriodicCallback(self.reap, 1000 * REAP_EVERY_SECONDS)
        self._reaper.start()

    async def start_kernel(  # type: ignore[override]
        self,
        *,
        kernel_name: str,
        path: str = "",
        env: Mapping[str, str] | None = None,
        spare: bool = False,
    ) -> str:
        """Start one kernel, or tell the viewer to wait.

        Parameters
        ----------
        kernel_name : the one there is
        path, env : what Voilà would start it in and with; neither is used
        spare : whether it is for a page that nobody has asked for

        Raises
        ------
        HTTPError 503 if as many pages are open as the limit allows
        """
        self.need_seat()
        # the run's real folder: a later switch leaves this page whole
        folder = Path(self.current).resolve()
        starting = self.warming if spare else self.waiting
        starting.append(folder)
        try:
            async with self._turn:
                kernel_id = await super().start_kernel(
                    kernel_name=kernel_name, env=dict(self.page_env), cwd=str(folder)
                )
        finally:
            starting.remove(folder)
        self.folders[kernel_id] = folder
        self.last_seen[kernel_id] = time.monotonic()
        if spare:
            self.spare.add(kernel_id)
        return kernel_id

    def need_seat(self) -> None:
        """Whether another page may open.

        Raises
        ------
        HTTPError 503 if as many are open as the limit allows
        """
        if len(self) - len(self.spare) + len(self.waiting) >= self.limit:
            raise HTTPError(503, reason="Busy")

    def seat(self, kernel_id: str) -> None:
        """A viewer takes the page of a spare kernel: from now on it is as any other.

        Raises
        ------
        HTTPError 503 as `need_seat`
        """
        self.need_seat()
        self.spare.discard(kernel_id)
        self.last_seen[kernel_id] = time.monotonic()
        # it may have waited for hours; the time until it counts as untouched begins now
        self.get_kernel(kernel_id).last_activity = utcnow()

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel whose page nobody has touched for long; a spare one is meant to wait."""
        if kernel_id not in self.spare:
            await super().cull_kernel_if_idle(kernel_id)

    def written(self, kernel_id: str) -> None:
        """Its page is whole; who opened it has the grace time to come back with a websocket."""
        self.writing.discard(kernel_id)
        self.last_seen[kernel_id] = time.monotonic()

    async def drop(self, kernel_id: str) -> None:
        """End a kernel, if it is still there, and forget it."""
        self.last_seen.pop(kernel_id, None)
        self.folders.pop(kernel_id, None)
        self.spare.discard(kernel_id)
        self.writing.discard(kernel_id)
        if kernel_id in self:
            await self.shutdown_kernel(kernel_id, now=True)

    def folders_in_use(self) -> set[Path]:
        """The run folders that open pages, and those made ready, still read."""
        return {
            *self.waiting,
            *self.warming,
            *(folder for kernel, folder in self.folders.items() if kernel in self),
        }

    async def reap(self) -> None:
        """Shut down kernels whose page is gone, forget those that died."""
        now = time.monotonic()
        connections = {
            kernel: self._kernel_connections.get(kernel, 0) for kernel in self.list_kernel_ids()
        }
        for kernel, count in connections.items():
            if count:
                self.last_seen[kernel] = now
        # a page that is still being written has nobody to leave it
        at_work = self.spare | self.writing
        open_pages = {k: count for k, count in connections.items() if k not in at_work}
        gone = set(abandoned(open_pages, self.last_seen, now, self.grace_seconds))
        for kernel in connections:
            if kernel in self and not await self.is_alive(kernel):
                gone.add(kernel)
        for kernel in gone:
            await self.drop(kernel)
