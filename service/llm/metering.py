"""What the calls of one check cost, stage by stage."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.usage import Stage, StageUsage
from service.errors import NoModel, TimedOut, Unreachable
from service.llm.prices import Price
from service.llm.protocol import Backend, Reply, Request


@dataclass(slots=True)
class _Tally:
    calls: int = 0
    seconds: float = 0.0
    unknown: bool = False
    replies: list[tuple[int | None, int | None]] = field(default_factory=list)


class Meter:
    """Counts one check's calls. `price`: the model's; None leaves every cost unknown."""

    def __init__(self, price: Price | None = None) -> None:
        self._price = price
        self._tallies: dict[Stage, _Tally] = defaultdict(_Tally)
        self._names: set[str] = set()

    @property
    def answered_by(self) -> tuple[str, ...]:
        """The names under which the model answered, sorted."""
        return tuple(sorted(self._names))

    def record(self, stage: Stage, seconds: float, reply: Reply | None, *, unknown: bool = False) -> None:
        """Counts one call; without a reply it failed. `unknown`: it may have cost something all the same."""
        tally = self._tallies[stage]
        tally.calls += 1
        tally.seconds += seconds
        tally.unknown |= unknown
        if reply is not None:
            tally.replies.append((reply.prompt_tokens, reply.completion_tokens))
            self._names |= {reply.model} - {""}

    def note(self, model: str) -> None:
        """A kept reply of this model answered: no call."""
        self._names |= {model} - {""}

    def usage(self) -> tuple[StageUsage, ...]:
        """The stages that asked the model, in their order. Tokens are None where any call did not tell them."""
        return tuple(self._of(stage, self._tallies[stage]) for stage in Stage if stage in self._tallies)

    def _of(self, stage: Stage, tally: _Tally) -> StageUsage:
        prompt, completion = (
            summed(tokens for tokens, _ in tally.replies),
            summed(tokens for _, tokens in tally.replies),
        )
        if tally.unknown:
            prompt = completion = None
        return StageUsage(
            stage=stage,
            calls=tally.calls,
            failed=tally.calls - len(tally.replies),
            prompt_tokens=prompt,
            completion_tokens=completion,
            seconds=tally.seconds,
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
            self._meter.record(request.stage, self._clock() - began, None, unknown=may_have_cost(error))
            raise
        self._meter.record(request.stage, self._clock() - began, reply)
        return reply

    async def aclose(self) -> None:
        """Closes the backend."""
        await self._backend.aclose()


def summed(counts: Iterable[int | None]) -> int | None:
    """The sum of token counts; None where any is unknown."""
    told = list(counts)
    return None if None in told else sum(count or 0 for count in told)
