"""A model that does not answer before a test lets it."""

import asyncio
import threading
from collections.abc import Callable

from service.llm.protocol import Reply, Request
from tests.api.served import one_claim_that_conflicts


class HeldUp:
    """Answers as the other tests' model does, but waits before it answers some requests.

    `held`: whether it waits at the n-th request, counted from 1.
    """

    name = "held-up"

    def __init__(self, held: Callable[[Request, int], bool]) -> None:
        self.requests: list[Request] = []
        self.asked = threading.Event()
        """It waits."""
        self._held = held
        self._go = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def complete(self, request: Request) -> Reply:
        """The answer, some time."""
        self.requests.append(request)
        self._loop = asyncio.get_running_loop()
        if self._held(request, len(self.requests)):
            self.asked.set()
            await self._go.wait()
        return Reply(one_claim_that_conflicts(request), self.name, prompt_tokens=100, completion_tokens=20)

    def let_go(self) -> None:
        """Lets it answer. To be called from the test's thread, after it was asked."""
        assert self._loop
        self._loop.call_soon_threadsafe(self._go.set)

    async def aclose(self) -> None:
        """Nothing is held."""
