"""A worker takes up what the dead left, leaves the living alone, and finds checks that nobody was told of."""

import asyncio
from datetime import UTC, datetime, timedelta

from service.jobs.queue import Kind, open_queue
from service.jobs.slots import Slots
from service.jobs.worker import Worker, open_worker, rescue
from service.jobs.working import working
from service.store.database import open_store
from tests.jobs.databases import LOOPBACK, DatabaseUrl
from tests.jobs.serving import ARTICLE, serving
from tests.jobs.test_queue import Done

pytestmark = LOOPBACK


async def test_the_work_of_the_dead_is_taken_up(database_url: DatabaseUrl) -> None:
    """While its worker's slot is held the work stays with it; when it is free, another does it."""
    async with open_store(database_url) as store, open_queue(database_url) as queue:
        left = Done(waits=True)
        async with working(database_url, "worker-7", {Kind.CHECK: left}, at_once=2):
            await queue.send(Kind.CHECK, "a")
            await left.until(lambda: left.begun == ["a"])
        slots, work = Slots(store, database_url), Done()
        async with slots.held(7), open_worker(store, database_url, queue, {Kind.CHECK: work}, at_once=2) as worker:
            assert worker.name == "worker-0"
            assert await rescue(queue, slots, worker.name) == 0
            assert work.begun == []
        async with open_worker(store, database_url, queue, {Kind.CHECK: work}, at_once=2):
            await work.until(lambda: work.done == ["a"])


async def test_work_that_was_not_sent_is_found(database_url: DatabaseUrl) -> None:
    """A process that ended between writing something down and sending it loses nothing; what was sent stays one."""
    async with serving(url=database_url) as served, open_queue(database_url) as queue:
        sent, unsent = await served.ask(), await served.ask()
        await queue.send(Kind.CHECK, sent)
        worker = Worker(0, Slots(served.store, database_url), queue, served.store)
        await asyncio.sleep(0.01)
        await worker.send_again()
        assert await queue.missing(Kind.CHECK, [sent, unsent]) == [unsent]
        await worker.send_again(timedelta(0))
        assert await queue.missing(Kind.CHECK, [sent, unsent]) == []
        assert await queue.missing(Kind.REVISE, [ARTICLE.id]) == []


async def test_what_has_ended_is_forgotten(database_url: DatabaseUrl) -> None:
    """What the queue knows of work is dropped a while after its end, and not before."""
    async with open_store(database_url) as store, open_queue(database_url) as queue:
        work = Done()
        async with open_worker(store, database_url, queue, {Kind.CHECK: work}, at_once=2):
            await queue.send(Kind.CHECK, "a")
            await work.until(lambda: work.done == ["a"])
            async with asyncio.timeout(30):
                while await queue.pending():  # noqa: ASYNC110 - only the queue knows
                    await asyncio.sleep(0.05)
        assert await queue.forget(datetime.now(UTC) - timedelta(days=1)) == 0
        assert await queue.forget(datetime.now(UTC) + timedelta(days=1)) == 1
        assert await queue.missing(Kind.CHECK, ["a"]) == ["a"]
