"""Work without a queue, for a database that ends with the process, and for tests: begun at once, lost with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from service.errors import SecondSourceError
from service.jobs.queue import Kind, Work


class Inline:
    """A `Dispatch` whose work runs as tasks of this process, so many at once. `work` is to be set before it is sent."""

    def __init__(self, at_once: int) -> None:
        self.work: Work = {}
        self._slots = asyncio.Semaphore(at_once)
        self._tasks: dict[tuple[Kind, str], asyncio.Task[None]] = {}

    async def send(self, kind: Kind, *ids: str) -> None:
        """See `Dispatch`."""
        for one in ids:
            if (kind, one) not in self._tasks:
                self._tasks[kind, one] = asyncio.create_task(self._do(kind, one))

    async def idle(self) -> None:
        """Returns when all that was sent is done, what came of that too."""
        while under_way := [task for task in self._tasks.values() if not task.done()]:
            await asyncio.wait(under_way)

    async def aclose(self) -> None:
        """Breaks off what runs."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _do(self, kind: Kind, one: str) -> None:
        for nth in count():
            try:
                async with self._slots:
                    pause = await self.work[kind](one, nth)
            except SecondSourceError:  # the database failed, and nobody comes back to this
                return
            if pause is None:
                return
            await asyncio.sleep(pause)


@asynccontextmanager
async def open_inline(*, at_once: int) -> AsyncIterator[Inline]:
    """An `Inline` for as long as the context lasts."""
    inline = Inline(at_once)
    try:
        yield inline
    finally:
        await inline.aclose()
