"""Slots tell who lives: one holder each, the first free one taken, free again when its holder is gone."""

from pathlib import Path

from service.jobs.queue import Kind, open_queue
from service.jobs.slots import Slots
from service.store.database import open_store
from tests.jobs.databases import LOOPBACK, DatabaseUrl

pytestmark = LOOPBACK


async def test_each_slot_has_one_holder(database_url: DatabaseUrl) -> None:
    """Workers take the first free slot; nobody can hold one that is held, and everybody one that is free."""
    async with open_store(database_url) as one, open_store(database_url) as other:
        mine, theirs = Slots(one, database_url), Slots(other, database_url)
        async with mine.taken() as first, theirs.taken() as second:
            assert (first, second) == (0, 1)
            assert await mine.living() == await theirs.living() == [0, 1]
            async with theirs.held(0) as held:
                assert not held
            assert not await mine.lost(0)
        async with theirs.taken() as again:
            assert again == 0


async def test_databases_side_by_side_do_not_meet(tmp_path: Path) -> None:
    """Each file has slots and a queue of its own, whatever the names have in common."""
    urls = [f"sqlite:///{tmp_path}/news.{year}" for year in (2025, 2026)]
    async with open_store(urls[0]) as one, open_store(urls[1]) as other:
        async with Slots(one, urls[0]).taken() as first, Slots(other, urls[1]).taken() as second:
            assert (first, second) == (0, 0)
        async with open_queue(urls[0]) as mine, open_queue(urls[1]) as theirs:
            await mine.send(Kind.CHECK, "a")
            assert await theirs.missing(Kind.CHECK, ["a"]) == ["a"]
