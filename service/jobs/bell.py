"""Tells those who follow a check in this process that there is news of it. Elsewhere it is seen a moment later."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress

Wait = Callable[[float], Coroutine[None, None, None]]
"""Waits until it has rung since the last wait, no longer than so many seconds."""


class Bell:
    """A bell for each check. Use one in one event loop."""

    def __init__(self) -> None:
        self._listening: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.closed = False

    def ring(self, check_id: str) -> None:
        """There is news of a check."""
        for rung in self._listening.get(check_id, ()):
            rung.set()

    def close(self) -> None:
        """The process ends: lets all who wait go on, and nobody wait any more."""
        self.closed = True
        for listening in self._listening.values():
            for rung in listening:
                rung.set()

    @contextmanager
    def listening(self, check_id: str) -> Iterator[Wait]:
        """Listens to a check, so that nothing is missed between a look and the wait for the next.

        A check that another process runs rings no bell here: wait for a moment, and look again.
        """
        rung = asyncio.Event()

        async def wait(seconds: float) -> None:
            if self.closed:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await rung.wait()
            rung.clear()

        self._listening[check_id].add(rung)
        try:
            yield wait
        finally:
            self._listening[check_id].discard(rung)
            if not self._listening[check_id]:
                del self._listening[check_id]
