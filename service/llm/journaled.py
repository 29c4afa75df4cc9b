"""What a check was answered is written down as it comes in: a run that takes the check up again asks nothing twice."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

from schemas.usage import Stage
from service.llm.kept import Replies, fingerprint, is_whole, reply_read
from service.llm.limits import Budget
from service.llm.metering import Call, Meter
from service.llm.protocol import Backend, Reply, Request


class Journal(Protocol):
    """The answers that one check has had."""

    async def recall(self, key: str) -> dict[str, Any] | None:
        """What was recorded under a key, or None."""
        ...

    async def record(self, key: str, outcome: dict[str, Any]) -> None:
        """Writes an outcome down, for good when this returns. One that stands under the key already stays."""
        ...


class Journaled:
    """A backend whose every reply is in a journal, a bad one too: it was paid for.

    Calls that brought no reply are not written down: they may be tried again. What a replayed reply took is counted
    as it was then, so that a check that was interrupted costs in its report what it cost in truth.
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
        self._counted: set[str] = set()
        self.name = metered(meter).name

    async def complete(self, request: Request) -> Reply:
        """The journal's reply, else one that is kept, else the backend's; it is in the journal then.

        The journal has it first and the kept replies after that: a run that ends in between counts the call once.

        Raises:
            ModelError: the backend's. StoreError: the journal cannot be read or written.
        """
        key = fingerprint(self.name, request)
        if (told := await self._journal.recall(key)) and (reply := reply_read(told["reply"])):
            self._replay(key, reply, told["calls"])
            return reply
        kept = await self._replies.get(key) if self._replies else None
        own = Meter()
        try:
            reply = kept or await self._metered(own).complete(request)
        finally:
            self._meter.record(*own.calls)
        self._meter.note(reply.model)
        self._counted.add(key)
        await self._journal.record(key, {"reply": asdict(reply), "calls": [asdict(call) for call in own.calls]})
        if self._replies and kept is None and is_whole(reply):
            await self._replies.put(key, reply)
        return reply

    async def aclose(self) -> None:
        """Closes the backend."""
        await self._metered(self._meter).aclose()

    def _replay(self, key: str, reply: Reply, told: list[dict[str, Any]]) -> None:
        if key in self._counted:  # asked twice in one run
            return
        self._counted.add(key)
        calls = [Call(**call | {"stage": Stage(call["stage"])}) for call in told]
        self._meter.record(*calls)
        self._meter.note(reply.model)
        self._budget.take(calls)
