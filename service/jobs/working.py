"""A worker's process, as DBOS sees it: takes what is queued, and has it done on the worker's own event loop.

A workflow is a name and one id; what it does is in `Work`. DBOS runs workflows on a loop of its own, but connections
are the worker's. Why model calls are journaled by us and are not steps of DBOS: docs/decisions.md.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions

from service.errors import StoreError
from service.jobs.queue import APPLICATION, VERSION, Kind, Work, address_of, engine_of, workflow_id
from service.telemetry.logs import fault

_POLL_SECONDS = 0.2
_LONGEST_PAUSE = 60.0
_TRIES = 5

log = logging.getLogger(__name__)

_HEAVY = (Kind.CHECK, Kind.REVISE)
"""What asks a model: not too many of them at once."""

_SENT_AT_ONCE = 32
"""So many messages are sent at once: each takes a connection."""


@dataclass(frozen=True)
class _Running:
    """What workflows, which are on a loop of DBOS, need of the worker's loop."""

    loop: asyncio.AbstractEventLoop
    work: Work
    slots: asyncio.Semaphore
    sending: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_SENT_AT_ONCE))
    tasks: set[asyncio.Task[Any] | None] = field(default_factory=set)

    async def do(self, kind: Kind, one: str, nth: int) -> float | None:
        """Does the work for an id; to be called on the worker's loop."""
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            async with self.slots if kind in _HEAVY else self.sending:
                return await self.work[kind](one, nth)
        finally:
            self.tasks.discard(task)

    async def leave(self) -> None:
        """Breaks off what runs; it is taken up again."""
        tasks = [task for task in self.tasks if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


_running: _Running | None = None
"""Of the one worker that a process may have: DBOS is one for a process, too."""


@asynccontextmanager
async def working(url: str, worker: str, work: Work, *, at_once: int) -> AsyncIterator[None]:
    """Does the work of a queue for as long as the context lasts; `worker`: a name that no other living process has.

    What the worker of this name had begun when it ended, is taken up first. What runs when the context ends is left
    to the next worker. `at_once`: so many checks.
    """
    global _running  # noqa: PLW0603 - workflows are registered once in a process, and find here who does them
    _running = _Running(asyncio.get_running_loop(), work, asyncio.Semaphore(at_once))
    engine = engine_of(url)
    config = DBOSConfig(
        name=APPLICATION,
        system_database_url=address_of(url),
        system_database_engine=engine,
        application_version=VERSION,
        executor_id=worker,
        serializer=DBOSPortableJSONSerializer(),
        log_level="CRITICAL",
        console_log_level="CRITICAL",
        enable_otlp=False,
        use_listen_notify=False,  # for what we do not use, it would hold a connection
    )
    try:
        DBOS(config=config)
        await asyncio.to_thread(DBOS.launch)
        await asyncio.to_thread(_register, at_once)
        yield
    finally:
        running, _running = _running, None
        await asyncio.to_thread(DBOS.destroy)
        await running.leave()
        engine.dispose()


def _register(at_once: int) -> None:
    # In a thread without a loop: called from a loop, DBOS gives that loop its own threads, and takes them along.
    for kind in Kind:
        most = at_once if kind in _HEAVY else None  # a message that waits for its next attempt keeps no other waiting
        DBOS.register_queue(
            kind, worker_concurrency=most, polling_interval_sec=_POLL_SECONDS, on_conflict="always_update"
        )


@DBOS.workflow(name=Kind.CHECK.value)
async def _check(one: str) -> None:
    await _until_done(Kind.CHECK, one)


@DBOS.workflow(name=Kind.REVISE.value)
async def _revise(one: str, nth: int = 0) -> None:
    pause = await DBOS.run_step_async({"name": Kind.REVISE.value}, _done, Kind.REVISE, one, nth)
    if pause is None:
        return
    # Sent anew, not slept through: what sleeps takes the place of another, and only a few may run.
    options: EnqueueOptions = {
        "queue_name": Kind.REVISE.value,
        "workflow_name": Kind.REVISE.value,
        "workflow_id": f"{workflow_id(Kind.REVISE, one)}~{nth + 1}",
        "delay_seconds": pause,
    }
    await DBOS.enqueue_workflow_with_options_async(options, one, nth + 1)


@DBOS.workflow(name=Kind.DELIVER.value)
async def _deliver(one: str) -> None:
    await _until_done(Kind.DELIVER, one)


async def _until_done(kind: Kind, one: str) -> None:
    """Does the work, each time as a step, and sleeps in between: both are kept over a restart."""
    for nth in count():
        pause = await DBOS.run_step_async({"name": kind.value}, _done, kind, one, nth)
        if pause is None:
            return
        await DBOS.sleep_async(pause)


async def _done(kind: Kind, one: str, nth: int) -> float | None:
    """Does the work once on the worker's own loop.

    As often as it takes where the database fails; where nobody knows why it fails, a few times.
    """
    pause, unforeseen = 1.0, 0
    while running := _running:
        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(running.do(kind, one, nth), running.loop))
        except StoreError as error:
            log.warning("work failed", extra={"kind": kind.value, "code": error.code})
        except Exception as error:
            log.error("work failed", extra={"kind": kind.value, **fault(error)})  # noqa: TRY400 - it may quote data
            unforeseen += 1
            if unforeseen == _TRIES:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
    await asyncio.Event().wait()  # the process ends; the next one takes this up
    return None
