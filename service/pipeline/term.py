"""The time that a check has: until it is up, or until somebody ends the check."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.errors import DeadlinePassed, SecondSourceError


class Term:
    """Begins when it is made, in the event loop that runs."""

    def __init__(self, seconds: float) -> None:
        self._until = asyncio.get_running_loop().time() + seconds
        self._reason: SecondSourceError = DeadlinePassed(
            "The check's time was up; raise SECONDSOURCE_SECONDS or check a shorter text."
        )
        self._under_way: set[asyncio.Timeout] = set()

    def end(self, reason: SecondSourceError) -> None:
        """Ends it now: what is under way is broken off, nothing more begins, and `reason` is why."""
        self._until, self._reason = asyncio.get_running_loop().time(), reason
        for timeout in self._under_way:
            timeout.reschedule(self._until)

    @asynccontextmanager
    async def within(self) -> AsyncIterator[None]:
        """Lets nothing begin, or go on, inside after the term.

        Raises:
            DeadlinePassed: the time was up. SecondSourceError: the reason for which it was ended.
        """
        if asyncio.get_running_loop().time() >= self._until:
            raise self._reason
        timeout = asyncio.timeout_at(self._until)
        self._under_way.add(timeout)
        try:
            async with timeout:
                yield
        except TimeoutError:
            if not timeout.expired():  # somebody else's
                raise
            raise self._reason from None
        finally:
            self._under_way.discard(timeout)
