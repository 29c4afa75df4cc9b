"""What stands between a request and the work it asks for: who it comes from, how often, and whether there is room."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from service.api.problems import RequestFault
from service.api.rates import Rate
from service.jobs.keys import Keys

REFUSALS = ("unauthenticated", "forbidden", "foreign_site", "too_many_requests")
"""What every operation behind `allowed` and `counted` may answer; behind `may_start` also overloaded."""

_COME_BACK_SECONDS = 10
"""After a full queue. Checks take from seconds to minutes, so some have ended by then."""


async def _none_queued() -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Gate:
    """What requests are let in by. The application opens it with the store; it is `request.state.gate`."""

    keys: Keys
    requests: Rate | None = None
    checks: Rate | None = None
    """Of the requests that start a check, beside the rate of all requests."""
    queue: int = 1000
    """The most checks that may wait."""
    queued: Callable[[], Awaitable[int]] = _none_queued
    """How many wait now."""
    origins: frozenset[str] = frozenset()
    """The sites whose pages may ask from a browser."""


def _gate(request: Request) -> Gate:
    gate: Gate = request.state.gate
    return gate


AtGate = Annotated[Gate, Depends(_gate)]


async def counted(request: Request, gate: AtGate) -> None:
    """A dependency: counts a request, by its key. It stands behind `allowed`, which tells whose it is.

    Raises:
        RequestFault: too many came.
    """
    await _spend(gate.requests, request)


async def may_start(request: Request, gate: AtGate) -> None:
    """A dependency, or a call where only the request tells it: whether one more check may be queued now.

    Requests that come together may together pass the limit of the queue by as many as they are.

    Raises:
        RequestFault: the queue is full, or too many checks were asked for.
        StoreError: the database failed.
    """
    if not has_room(await gate.queued(), gate.queue):
        raise RequestFault(
            "overloaded",
            f"{gate.queue} checks are waiting already, and no more are taken for now. Send it again later.",
            headers={"Retry-After": str(_COME_BACK_SECONDS)},
        )
    await _spend(gate.checks, request)


def has_room(queued: int, most: int) -> bool:
    """Whether one more may wait where so many do."""
    return queued < most


async def _spend(rate: Rate | None, request: Request) -> None:
    """Counts a request. What is left is told by the journal, on every answer: some handlers make theirs themselves."""
    if rate is None:
        return
    address = request.client.host if request.client else ""
    standing = await rate.spend(request.state.owner or address)
    request.state.rate = standing.headers
    if not standing.admitted:
        raise RequestFault(
            "too_many_requests",
            f"More than {standing.most} requests came within the time that is set. Wait {standing.seconds} s.",
            headers={"Retry-After": str(standing.seconds)},
        )
