"""What a check was answered is written down as it comes in: a run that takes the check up again asks nothing twice."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Protocol

from schemas.usage import Stage
from service.llm.kept import Replies, fingerprint, is_whole, reply_read
from service.llm.limits import Budget
from service.llm.metering import Call, Meter
from service.llm.protocol import Backend, Reply, Request


class Journal(Protocol):
    """The answers that one check has had."""

    async def recorded(self) -> Mapping[str, dict[str, Any]]:
        """All that was recorded, by its keys."""
        ...

    async def recall(self, key: str) -> dict[str, Any] | None:
        """What was recorded under a key, or None."""
        ...

    async def record(self, key: str, outcome: dict[str, Any]) -> None:
        """Writes an outcome down, for good when this returns. One that stands under the key already stays."""
        ...


class Journaled:
    """A backend whose every reply is in a journal, a bad one too: it was paid for.

    Calls that brought no reply are not written down: they may be tried again. What earlier runs of the check took is
    counted before the first call, whether it is asked again or not (an article that came in meanwhile changes
    questions): a check that was interrupted costs in its report what it cost in truth.
    """

    def __init__(
        self,
        metered: Callable[[Meter], Backend],
        journal: Journal,
        meter: Meter,
        budget: Budget,
        replies: Replies | None = None,
    ) -> None:
        """`metered` makes the backend that asks, counted by a meter. `replies`: those kept for all checks."""
        self._metered, self._journal, self._meter, self._budget = metered, journal, meter, budget
        self._replies = replies
        self._counting, self._counted = asyncio.Lock(), False
        self.name = metered(meter).name

    async def complete(self, request: Request) -> Reply:
        """The journal's reply, else one that is kept, else the backend's; it is in the journal then.

        The journal has it first and the kept replies after that: a run that ends in between counts the call once.

        Raises:
            ModelError: the backend's. StoreError: the journal cannot be read or written.
        """
        key = fingerprint(self.name, request)
        await self._count_earlier()
        if (told := await self._journal.recall(key)) and (reply := reply_read(told["reply"])):
            return reply
        kept = await self._replies.get(key) if self._replies else None
        own = Meter()
        try:
            reply = kept or await self._metered(own).complete(request)
        finally:
            self._meter.record(*own.calls)
        self._meter.note(reply.model)
        await self._journal.record(key, {"reply": asdict(reply), "calls": [asdict(call) for call in own.calls]})
        if self._replies and kept is None and is_whole(reply):
            await self._replies.put(key, reply)
        return reply

    async def aclose(self) -> None:
        """Closes the backend."""
        await self._metered(self._meter).aclose()

    async def _count_earlier(self) -> None:
        async with self._counting:
            earlier = {} if self._counted else await self._journal.recorded()
            self._counted = True
        for told in earlier.values():
            calls = [Call(**call | {"stage": Stage(call["stage"])}) for call in told["calls"]]
            self._meter.record(*calls)
            self._budget.take(calls)
            if reply := reply_read(told["reply"]):
                self._meter.note(reply.model)
