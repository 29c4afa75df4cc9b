"""What the calls of one check cost, stage by stage."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.usage import Stage, StageUsage
from service.errors import NoModel, TimedOut, Unreachable
from service.llm.prices import Price
from service.llm.protocol import Backend, Reply, Request


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was sent, and what came of it. Without a reply it failed."""

    stage: Stage
    seconds: float
    replied: bool
    model: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    unknown: bool = False
    """It brought no reply and may have cost something all the same."""


class Meter:
    """Counts one check's calls. `price`: the model's; None leaves every cost unknown."""

    def __init__(self, price: Price | None = None) -> None:
        self._price = price
        self.calls: list[Call] = []
        self.names: set[str] = set()

    @property
    def answered_by(self) -> tuple[str, ...]:
        """The names under which the model answered, sorted."""
        return tuple(sorted(self.names))

    def record(self, *calls: Call) -> None:
        """Counts calls."""
        self.calls += calls
        self.note(*(call.model for call in calls))

    def note(self, *models: str) -> None:
        """Replies of these models answered, which need not have been calls."""
        self.names |= set(models) - {""}

    def usage(self) -> tuple[StageUsage, ...]:
        """The stages that asked the model, in their order. Tokens are None where any call did not tell them."""
        by_stage = {stage: [call for call in self.calls if call.stage is stage] for stage in Stage}
        return tuple(self._of(stage, calls) for stage, calls in by_stage.items() if calls)

    def _of(self, stage: Stage, calls: Sequence[Call]) -> StageUsage:
        replied = [call for call in calls if call.replied]
        prompt, completion = (
            summed(call.prompt_tokens for call in replied),
            summed(call.completion_tokens for call in replied),
        )
        if any(call.unknown for call in calls):
            prompt = completion = None
        return StageUsage(
            stage=stage,
            calls=len(calls),
            failed=len(calls) - len(replied),
            prompt_tokens=prompt,
            completion_tokens=completion,
            seconds=math.fsum(call.seconds for call in calls),
            cost=self._cost(prompt, completion),
        )

    def _cost(self, prompt: int | None, completion: int | None) -> Decimal | None:
        if self._price is None or prompt is None or completion is None:
            return None
        return self._price.cost(prompt, completion)


def may_have_cost(error: BaseException) -> bool:
    """Whether a call that brought no reply may have been worked on and charged: cut off, not turned away."""
    return not isinstance(error, Exception) or isinstance(error, TimedOut | Unreachable)


class Metered:
    """A backend whose every call is counted, cancelled ones among the failed."""

    def __init__(self, backend: Backend, meter: Meter, clock: Callable[[], float] = time.monotonic) -> None:
        self._backend, self._meter, self._clock = backend, meter, clock

    @property
    def name(self) -> str:
        """The backend's."""
        return self._backend.name

    async def complete(self, request: Request) -> Reply:
        """Sends the request and counts it, whatever comes of it.

        Raises:
            ModelError: the backend's.
        """
        began = self._clock()
        try:
            reply = await self._backend.complete(request)
        except NoModel:
            raise  # nothing was asked of anybody
        except BaseException as error:
            seconds = self._clock() - began
            self._meter.record(Call(request.stage, seconds, replied=False, unknown=may_have_cost(error)))
            raise
        tokens = reply.prompt_tokens, reply.completion_tokens
        self._meter.record(Call(request.stage, self._clock() - began, True, reply.model, *tokens))
        return reply

    async def aclose(self) -> None:
        """Closes the backend."""
        await self._backend.aclose()


def summed(counts: Iterable[int | None]) -> int | None:
    """The sum of token counts; None where any is unknown."""
    told = list(counts)
    return None if None in told else sum(count or 0 for count in told)
