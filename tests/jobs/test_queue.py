"""Durable work: done once, done after a delay, left by a worker that ends and taken up by the next."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from service.errors import StoreError
from service.jobs.queue import Kind, Work, open_queue
from service.jobs.working import working
from tests.jobs.databases import LOOPBACK, DatabaseUrl

pytestmark = LOOPBACK


class Done:
    """Work that notes what it did, and may be told to wait or to fail at first."""

    def __init__(self, *, waits: bool = False, fails: int = 0, pauses: Sequence[float] = ()) -> None:
        self.begun: list[str] = []
        self.done: list[str] = []
        self.times: list[int] = []
        self._waits, self._fails, self._pauses = waits, fails, list(pauses)
        self.news = asyncio.Event()

    async def __call__(self, one: str, nth: int) -> float | None:
        self.begun.append(one)
        self.times.append(nth)
        self.news.set()
        if self._waits:
            await asyncio.Event().wait()
        if self._fails:
            self._fails -= 1
            raise StoreError("It failed.")
        self.done.append(one)
        self.news.set()
        return self._pauses.pop(0) if one == "again" and self._pauses else None

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not is_so():
                self.news.clear()
                await self.news.wait()


def _work(work: Done) -> Work:
    return dict.fromkeys(Kind, work)


async def test_work_is_done_once(database_url: DatabaseUrl) -> None:
    """However often it is sent, and by the kind it was sent as; what was never sent is missing."""
    work = Done()
    async with open_queue(database_url) as queue, working(database_url, "worker-0", _work(work), at_once=2):
        for _ in range(2):
            await queue.send(Kind.CHECK, "a", "b")
        await queue.send(Kind.REVISE, "a")
        await work.until(lambda: len(work.done) == 3)
        assert sorted(work.done) == ["a", "a", "b"]
        assert await queue.missing(Kind.REVISE, ["a", "c"]) == ["c"]
        assert await queue.missing(Kind.CHECK, []) == []


async def test_work_that_ended_without_effect_is_done_once_more(database_url: DatabaseUrl) -> None:
    """Who asks for what is missing says that it has not ended; its work has, so it is to be sent by another name."""
    work = Done()
    async with open_queue(database_url) as queue, working(database_url, "worker-0", _work(work), at_once=2):
        await queue.send(Kind.CHECK, "a")
        await work.until(lambda: work.done == ["a"])
        async with asyncio.timeout(30):
            while await queue.pending():  # noqa: ASYNC110 - only the queue knows
                await asyncio.sleep(0.05)
        assert await queue.missing(Kind.CHECK, ["a", "b"]) == ["b", "a@1"]
        await queue.send(Kind.CHECK, "a@1")
        await work.until(lambda: work.done == ["a", "a@1"])


async def test_work_may_be_done_again_later(database_url: DatabaseUrl) -> None:
    """What says that it is to be done again is, after a pause that keeps nothing else waiting, until it is done."""
    work = Done(pauses=[0.3, 0.0])
    async with open_queue(database_url) as queue, working(database_url, "worker-0", _work(work), at_once=1):
        await queue.send(Kind.DELIVER, "again")
        await work.until(lambda: work.done == ["again"])
        await queue.send(Kind.DELIVER, "now")
        await work.until(lambda: len(work.done) == 4)
        assert sorted(work.done) == ["again", "again", "again", "now"]


async def test_claims_that_wait_to_be_judged_again_keep_no_others_waiting(database_url: DatabaseUrl) -> None:
    """However few may be judged at once: what waits for its time takes nobody's place."""
    work = Done(pauses=[3600.0])
    async with open_queue(database_url) as queue, working(database_url, "worker-0", _work(work), at_once=1):
        await queue.send(Kind.REVISE, "again")
        await work.until(lambda: work.done == ["again"])
        await queue.send(Kind.REVISE, "now")
        await work.until(lambda: work.done == ["again", "now"])


@pytest.mark.parametrize("kind", [Kind.REVISE, Kind.DELIVER])
async def test_work_knows_how_often_it_was_done(database_url: DatabaseUrl, kind: Kind) -> None:
    """It is done again until it says that it is not to be."""
    work = Done(pauses=[0.1, 0.1])
    async with open_queue(database_url) as queue, working(database_url, "worker-0", _work(work), at_once=1):
        await queue.send(kind, "again")
        await work.until(lambda: len(work.done) == 3)
        assert work.times == [0, 1, 2]


async def test_work_that_was_left_is_taken_up(database_url: DatabaseUrl) -> None:
    """A worker that ends leaves what it had begun; the next one of its name begins it again, unasked."""
    async with open_queue(database_url) as queue:
        left = Done(waits=True)
        async with working(database_url, "worker-0", _work(left), at_once=2):
            await queue.send(Kind.CHECK, "a")
            await left.until(lambda: left.begun == ["a"])
        assert await queue.pending() == {"worker-0": ["check-a"]}
        again = Done()
        async with working(database_url, "worker-0", _work(again), at_once=2):
            await again.until(lambda: again.done == ["a"])


async def test_a_database_that_fails_is_tried_again(database_url: DatabaseUrl) -> None:
    """Work whose database failed is not lost."""
    work = Done(fails=1)
    async with open_queue(database_url) as queue, working(database_url, "worker-0", _work(work), at_once=2):
        await queue.send(Kind.CHECK, "a")
        await work.until(lambda: work.done == ["a"])
        assert work.begun == ["a", "a"]


async def test_every_database_has_its_own_queue(tmp_path: Path) -> None:
    """Beside it, whatever characters its name has."""
    async with open_queue(f"sqlite:///{tmp_path}/news?1.sqlite"):
        assert "news?1.sqlite.jobs" in await asyncio.to_thread(os.listdir, tmp_path)


async def test_a_queue_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """The error is ours, and names no path or password."""
    with pytest.raises(StoreError, match="cannot be opened"):
        async with open_queue(f"sqlite:///{tmp_path}/nowhere/x.sqlite"):
            pass
