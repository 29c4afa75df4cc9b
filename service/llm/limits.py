"""How much may be asked: so many calls at once in the whole process, so many calls, tokens and dollars in one check."""

import asyncio
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal

from service.errors import BudgetSpent, ConfigurationError
from service.llm import chat
from service.llm.metering import Call, may_have_cost
from service.llm.prices import Price
from service.llm.protocol import Backend, Reply, Request


@dataclass(frozen=True, slots=True)
class Amount:
    """What a call takes, or is thought to take."""

    calls: int
    tokens: int
    dollars: Decimal

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.calls + other.calls, self.tokens + other.tokens, self.dollars + other.dollars)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.calls - other.calls, self.tokens - other.tokens, self.dollars - other.dollars)


class Budget:
    """What one check may spend. None: no limit.

    A call reserves its prompt by estimate and gives the rest back, or takes more, when its reply tells the true
    figures. So a check passes its limit at most by the replies to calls that were under way together.

    Raises:
        ConfigurationError: a limit in dollars for a model whose price is unknown.
    """

    def __init__(
        self,
        *,
        calls: int | None = None,
        tokens: int | None = None,
        dollars: Decimal | None = None,
        price: Price | None = None,
    ) -> None:
        if dollars is not None and price is None:
            raise ConfigurationError(
                "A limit in dollars needs a model whose price is known; set SECONDSOURCE_MAX_TOKENS instead."
            )
        self._limits = {"calls": calls, "tokens": tokens, "dollars": dollars}
        self._price = price
        self._spent = Amount(0, 0, Decimal(0))

    @property
    def spent(self) -> Amount:
        """What was spent and is reserved."""
        return self._spent

    def reserve(self, request: Request) -> Amount:
        """Sets aside what the request takes at least.

        Raises:
            BudgetSpent: the call would pass a limit.
        """
        reserved = self._amount(chat.estimate(*(message.content for message in request.messages)), 0)
        after = self._spent + reserved
        for unit, limit in self._limits.items():
            if limit is not None and getattr(after, unit) > limit:
                raise BudgetSpent(f"The check's {limit} {unit} are used up; raise SECONDSOURCE_MAX_{unit.upper()}.")
        self._spent = after
        return reserved

    def settle(self, reserved: Amount, reply: Reply) -> None:
        """Puts what a call took in the place of what was reserved for it."""
        prompt = reserved.tokens if reply.prompt_tokens is None else reply.prompt_tokens
        said = chat.estimate(reply.text) if reply.completion_tokens is None else reply.completion_tokens
        self._spent = self._spent - reserved + self._amount(prompt, said)

    def give_back(self, reserved: Amount, error: BaseException) -> None:
        """Gives back what was reserved for a call that was turned away; one that was cut off may have been charged."""
        if not may_have_cost(error):
            self._spent = self._spent - reserved + Amount(1, 0, Decimal(0))

    def take(self, calls: Iterable[Call]) -> None:
        """Counts calls that an earlier run of the check has made; no limit turns them away."""
        for call in calls:
            self._spent = self._spent + self._amount(call.prompt_tokens or 0, call.completion_tokens or 0)

    def _amount(self, prompt_tokens: int, completion_tokens: int) -> Amount:
        dollars = self._price.cost(prompt_tokens, completion_tokens) if self._price else Decimal(0)
        return Amount(1, prompt_tokens + completion_tokens, dollars)


class Limited:
    """A backend held to a budget, and to the slots that all checks of the process share."""

    def __init__(self, backend: Backend, slots: asyncio.Semaphore | None, budget: Budget) -> None:
        self._backend, self._slots, self._budget = backend, slots, budget

    @property
    def name(self) -> str:
        """The backend's."""
        return self._backend.name

    async def complete(self, request: Request) -> Reply:
        """Waits for a slot, then sends the request.

        Raises:
            BudgetSpent: the call would pass a limit; it was not sent.
            ModelError: the backend's.
        """
        async with self._slots or nullcontext():
            reserved = self._budget.reserve(request)
            try:
                reply = await self._backend.complete(request)
            except BaseException as error:
                self._budget.give_back(reserved, error)
                raise
            self._budget.settle(reserved, reply)
            return reply

    async def aclose(self) -> None:
        """Closes the backend."""
        await self._backend.aclose()
