"""Who listens misses nothing, and leaves nothing behind."""

import asyncio

from service.jobs.bell import Bell

CHECK = "0" * 32


async def test_what_rang_before_the_wait_is_heard() -> None:
    """News that came between a look and the wait ends the wait at once; then it is quiet again."""
    bell = Bell()
    with bell.listening(CHECK) as news:
        bell.ring(CHECK)
        async with asyncio.timeout(5):
            await news(60)
        waiting = asyncio.create_task(news(60))
        await asyncio.sleep(0)
        assert not waiting.done()
        bell.ring(CHECK)
        await waiting


async def test_only_its_own_bell_is_heard() -> None:
    """Another check's news is none; who hears nothing waits no longer than it was told to."""
    bell = Bell()
    with bell.listening(CHECK) as news, bell.listening("1" * 32) as other:
        bell.ring("1" * 32)
        await other(60)
        await news(0.01)
    assert not bell._listening


async def test_when_it_is_closed_nobody_waits() -> None:
    """Whoever waits goes on, and whoever would wait does too."""
    bell = Bell()
    with bell.listening(CHECK) as news:
        waiting = asyncio.create_task(news(60))
        await asyncio.sleep(0)
        bell.close()
        async with asyncio.timeout(5):
            await waiting
            await news(60)
