"""A page made ready before anybody asks: its kernel started, its notebook run, its HTML written.

Voilà preheats too, but then tells each kernel who asked over an address that takes anonymous
websockets, and goes on serving what it rendered after another run is published. Here nothing is
told to a kernel, and a page is handed out only while its run is the one that is published.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.web import HTTPError

from joren.serve.kernels import PageKernels

# a page just handed out is drawn first; the next one is made after that
PAUSE_SECONDS = 1.0
# a page that cannot be written would else be tried again and again
AFTER_A_FAILURE_SECONDS = 60.0
MARK = 'id="dashboard"'

Write = Callable[[str], Any]


@dataclass
class Making:
    """A page on its way: what is written of it so far, and what comes.

    Parameters
    ----------
    kernel : behind the page
    folder : the run's folder the kernel stands in
    parts : pieces of HTML in order; None is the end
    """

    kernel: str
    folder: Path
    parts: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue)
    whole: bool = False
    task: asyncio.Task[None] | None = None


class Pages:
    """Pages of one client's dashboard, with some always ready.

    Parameters
    ----------
    kernels : where kernels come from
    write : kernel → an asynchronous generator of the page's HTML
    refresh : looks whether another run is published
    failed : what stands in the place of a page whose writing broke off
    ready : pages to keep ready
    """

    def __init__(
        self,
        kernels: PageKernels,
        write: Write,
        refresh: Callable[[PageKernels], Awaitable[None]],
        failed: str,
        ready: int = 1,
    ) -> None:
        self.kernels, self.write, self.refresh = kernels, write, refresh
        self.failed, self.ready = failed, ready
        self.spares: list[Making] = []
        self._turn = asyncio.Lock()
        self._not_before = 0.0

    async def take(self) -> Making:
        """A page of the run that is published now: one made ready, or begun for this viewer.

        Raises
        ------
        HTTPError 503 if as many pages are open as may be
        """
        await self.refresh(self.kernels)
        self._not_before = max(self._not_before, time.monotonic() + PAUSE_SECONDS)
        if not self.spares:
            async with self._turn:
                pass  # one may be on its way
        current = Path(self.kernels.current).resolve()
        for spare in self.spares:
            if spare.folder == current and spare.kernel in self.kernels:
                self.kernels.seat(spare.kernel)
                self.spares.remove(spare)
                return spare
        return await self._begin(spare=False)

    async def tend(self) -> None:
        """Look for another run; drop what was made of an older one; make what is missing."""
        await self.refresh(self.kernels)
        if self._turn.locked():
            return
        async with self._turn:
            current = Path(self.kernels.current).resolve()
            for spare in list(self.spares):
                if spare.folder != current or spare.kernel not in self.kernels:
                    self.spares.remove(spare)
                    await self.kernels.drop(spare.kernel)
            if len(self.spares) >= self.ready or time.monotonic() < self._not_before:
                return
            try:
                self.spares.append(await self._begin(spare=True))
            except HTTPError:
                return  # a full house: nobody could be given the page

    async def _begin(self, spare: bool) -> Making:
        kernel = await self.kernels.start_kernel(kernel_name="python3", spare=spare)
        making = Making(kernel, self.kernels.folders[kernel])
        self.kernels.writing.add(kernel)
        making.task = asyncio.create_task(self._fill(making))
        return making

    async def _fill(self, making: Making) -> None:
        """Write the page, whoever waits for it; a broken one is not kept for another viewer."""
        try:
            async for part in self.write(making.kernel):
                making.whole = making.whole or MARK in part
                making.parts.put_nowait(part)
        except Exception:
            logging.getLogger("joren.serve").exception("a page could not be written")
            making.parts.put_nowait(self.failed)
        finally:
            self.kernels.written(making.kernel)
            making.parts.put_nowait(None)
        if not making.whole and making in self.spares:
            self._not_before = time.monotonic() + AFTER_A_FAILURE_SECONDS
            self.spares.remove(making)
            await self.kernels.drop(making.kernel)


def writer(app: Any) -> Write:
    """Voilà's own rendering of the notebook, without a request: a kernel learns of none.

    Parameters
    ----------
    app : the running `DashboardServer`
    """
    from voila.notebook_renderer import NotebookRenderer

    async def write(kernel: str) -> Any:
        renderer = NotebookRenderer(
            voila_configuration=app.voila_configuration,
            traitlet_config=app.config,
            notebook_path=Path(app.notebook_path).name,
            template_paths=app.template_paths,
            config_manager=app.config_manager,
            contents_manager=app.contents_manager,
            base_url=app.base_url,
            kernel_spec_manager=app.kernel_spec_manager,
            page_config={},
        )
        await renderer.initialize()
        manager = app.kernel_manager.get_kernel(kernel)
        async for part, _ in renderer.generate_content_generator(kernel, manager):
            yield part

    return write
