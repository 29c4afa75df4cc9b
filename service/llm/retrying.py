"""Tries a call again where that is worth it."""

import asyncio
from collections.abc import Awaitable, Callable

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_before_delay
from tenacity.wait import wait_random_exponential

from service.errors import BackendError
from service.llm.protocol import Backend, Reply, Request

_LONGEST_OWN_WAIT = 20.0
_PATIENCE = 120.0  # two windows of the usual limits per minute


class Retrying:
    """A backend whose retryable errors are tried again, as long as attempts and time are left.

    A provider that says when to come back is waited for exactly so long; else the wait is drawn between 0 and 1, 2,
    4 ... seconds ("full jitter": Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015). A wait that
    would pass `seconds`, counted from the first attempt, is not begun: the last error is raised at once.

    Being asked to come back in a second or more does not use `attempts` up until two minutes were waited: a provider
    that serves eight at once sends the rest of a long article's calls away again and again, and none of them failed.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        attempts: int = 6,
        seconds: float = 60,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._backend, self._sleep = backend, sleep
        self._attempts, self._too_late = attempts, stop_before_delay(seconds)

    @property
    def name(self) -> str:
        """The backend's."""
        return self._backend.name

    async def complete(self, request: Request) -> Reply:
        """Sends the request until it brings a reply.

        Raises:
            ModelError: the last attempt's, or the first that another attempt would not help.
        """
        again = AsyncRetrying(
            sleep=self._sleep, stop=self._stops, wait=_wait, retry=retry_if_exception(worth_another), reraise=True
        )
        return await again(self._backend.complete, request)

    async def aclose(self) -> None:
        """Closes the backend."""
        await self._backend.aclose()

    def _stops(self, state: RetryCallState) -> bool:
        told_to_come_back = (_asked(state) or 0) >= 1 and state.idle_for < _PATIENCE
        return self._too_late(state) or (state.attempt_number >= self._attempts and not told_to_come_back)


def worth_another(error: BaseException) -> bool:
    """Whether the same request may bring a reply if it is sent again."""
    return isinstance(error, BackendError) and error.retryable


_own = wait_random_exponential(multiplier=1, max=_LONGEST_OWN_WAIT)


def _wait(state: RetryCallState) -> float:
    asked = _asked(state)
    return _own(state) if asked is None else asked


def _asked(state: RetryCallState) -> float | None:
    """The seconds that the provider asked to wait."""
    error = state.outcome.exception() if state.outcome else None
    asked: float | None = getattr(error, "retry_after", None)
    return asked
