"""Slots tell who lives: one holder each, the first free one taken, free again when its holder is gone."""

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
