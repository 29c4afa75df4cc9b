"""The time of a check: what is under way when it ends is broken off, and nothing begins after it."""

import asyncio

import pytest

from service.errors import Cancelled, DeadlinePassed
from service.pipeline.term import Term


async def _waits(term: Term) -> None:
    async with term.within():
        await asyncio.Event().wait()


async def test_time_that_is_up() -> None:
    """Work is broken off, and told why; later work does not begin."""
    term = Term(0.01)
    with pytest.raises(DeadlinePassed):
        await _waits(term)
    with pytest.raises(DeadlinePassed):
        await _waits(term)


async def test_a_term_that_is_ended() -> None:
    """All that is under way is broken off at once, with the reason that was given."""
    term = Term(60)
    under_way = [asyncio.create_task(_waits(term)) for _ in range(3)]
    await asyncio.sleep(0)
    term.end(Cancelled("Somebody said so."))
    outcomes = await asyncio.gather(*under_way, _waits(term), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Cancelled] * 4


async def test_work_in_time() -> None:
    """What ends before the term is not touched, and a timeout of its own is its own."""
    term = Term(60)
    async with term.within():
        pass
    with pytest.raises(TimeoutError):
        async with term.within():
            raise TimeoutError
    term.end(Cancelled("Too late to matter."))
