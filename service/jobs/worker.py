"""A worker: does the work of a queue, and looks after what others left undone."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from service.errors import StoreError
from service.jobs.leftovers import UNSENT, begun, tidy
from service.jobs.queue import Queue, Work
from service.jobs.slots import Slots
from service.jobs.working import working
from service.store.database import Store
from service.telemetry.logs import fault

LOOK_SECONDS = 10.0
"""How often a worker looks for what others left: work of dead workers, work that nobody was told of."""

LOST = 1
"""The exit code of a worker that the database holds for dead."""

_ROUNDS = 360
"""Of so many looks one tidies up, too: about one an hour."""

_FORGOTTEN = timedelta(days=7)
"""What the queue knows of work that has ended is dropped after that."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Worker:
    """One for each process, named by its slot."""

    number: int
    slots: Slots
    queue: Queue
    store: Store

    @property
    def name(self) -> str:
        """As the queue knows it."""
        return f"worker-{self.number}"

    async def look_after(self) -> None:
        """Looks now, and then again and again."""
        for nth in count():
            try:
                await rescue(self.queue, self.slots, self.name)
                await self.send_again()
                if nth % _ROUNDS == 0:
                    await tidy(self.store, datetime.now(UTC))
                    await self.queue.forget(datetime.now(UTC) - _FORGOTTEN)
            except StoreError as error:
                log.warning("looking after failed", extra={"code": error.code})
            except Exception as error:  # whatever it is, the next look may do better
                log.error("looking after failed", extra=fault(error))  # noqa: TRY400 - its message may hold data
            await asyncio.sleep(LOOK_SECONDS)

    async def live(self) -> None:
        """Ends the process where the database no longer holds this worker for alive: another may have its work then."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if await self.slots.lost(self.number):
                log.critical("The database lost the connection that shows that %s lives; this process ends.", self.name)
                # As if it were killed: another may have its work by now, and whoever started it starts it anew.
                os._exit(LOST)

    async def send_again(self, since: timedelta = UNSENT) -> None:
        """Sends what was written down that long ago and never sent, because the process ended in between."""
        for kind, ids in (await begun(self.store, datetime.now(UTC), since)).items():
            await self.queue.send(kind, *await self.queue.missing(kind, ids))


async def rescue(queue: Queue, slots: Slots, but: str = "") -> int:
    """Has the work of dead workers taken up again; how much there was. `but`: a worker that surely lives.

    While it looks, it holds the dead worker's slot itself: two that look at once do not both find it.

    Raises:
        StoreError: the database failed.
    """
    rescued = 0
    for other in await queue.pending():
        number = other.removeprefix("worker-")
        if other == but or not number.isdecimal():
            continue
        async with slots.held(int(number)) as dead:
            left = (await queue.pending()).get(other, []) if dead else []
            if left:
                await queue.resume(left)
                log.warning("%s is dead; what it had begun is taken up again: %d", other, len(left))
                rescued += len(left)
    return rescued


@asynccontextmanager
async def open_worker(store: Store, url: str, queue: Queue, work: Work, *, at_once: int) -> AsyncIterator[Worker]:
    """A worker in the first free slot, for as long as the context lasts.

    Raises:
        StoreError: the database failed.
    """
    slots = Slots(store, url)
    async with slots.taken() as number:
        worker = Worker(number, slots, queue, store)
        async with working(url, worker.name, work, at_once=at_once):
            beside = [asyncio.create_task(work) for work in (worker.look_after(), worker.live())]
            try:
                yield worker
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)
