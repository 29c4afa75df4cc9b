"""Health: `GET /healthz` (the process lives) and `GET /readyz` (it can work, or what keeps it from it)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from fastapi import APIRouter, Request, Response

from schemas.check import CheckState
from schemas.problem import Problem
from schemas.record import Record
from service.api.problems import MEDIA_TYPE, responses
from service.errors import SecondSourceError, Unforeseen
from service.pipeline.desk import Desk

router = APIRouter(tags=["service"])

SECONDS = 2.0
"""The longest that one thing is asked for; whoever probes readiness seldom waits longer."""
_NO_ARTICLE = "0" * 24


class Alive(Record):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Probed(Record):
    """One thing that has to work, and whether it does."""

    name: str
    ok: bool
    detail: str


class Ready(Record):
    """Everything works that was asked. Whether the model answers, only a check tells."""

    status: Literal["ready"] = "ready"
    model: str
    note: str | None = None
    checks: tuple[Probed, ...]


class NotReady(Problem):
    """Something does not work; `checks` tells what does and what does not."""

    checks: tuple[Probed, ...]


Probe = Callable[[], Awaitable[tuple[bool, str]]]
"""Asks one thing: whether it is well, and a short sentence. An error counts as not well."""

Counts = Callable[[], Awaitable[Mapping[CheckState, int]]]
"""How many checks there are in each state, as the store tells."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What has to work. The application makes it when it starts; it is `request.state.readiness`."""

    model: str
    probes: Mapping[str, Probe]


def alive(workers: int) -> tuple[bool, str]:
    """Whether a worker is there to take checks up."""
    if workers:
        return True, f"{workers} at work."
    return False, "No worker is at work: checks are taken and wait. Start one: secondsource work."


def room(queued: int, most: int) -> tuple[bool, str]:
    """Whether the queue takes another check."""
    if queued < most:
        return True, f"{queued} of at most {most} checks wait."
    return False, f"{queued} checks wait, which is all that may: add workers, or raise SECONDSOURCE_QUEUE."


async def probed(probes: Mapping[str, Probe], seconds: float = SECONDS) -> tuple[Probed, ...]:
    """Asks everything at once, each for at most so many seconds."""

    async def one(name: str, probe: Probe) -> Probed:
        asked = asyncio.ensure_future(probe())
        try:
            # Left behind, not cancelled: what waits for a database that is gone cannot be cancelled.
            await asyncio.wait({asked}, timeout=seconds)
            if not asked.done():
                asked.add_done_callback(lambda late: late.cancelled() or late.exception())
                return Probed(name=name, ok=False, detail=f"It gave no answer within {seconds:g} s.")
            ok, detail = asked.result()
        except SecondSourceError as error:
            ok, detail = False, str(error)
        except Exception as error:  # whoever asks what is wrong wants an answer
            ok, detail = False, str(Unforeseen.of(error))
        return Probed(name=name, ok=ok, detail=detail)

    return tuple(await asyncio.gather(*(one(name, probe) for name, probe in probes.items())))


def summed_up(model: str, checks: tuple[Probed, ...]) -> Ready | NotReady:
    """Ready where everything is well; else a problem whose sentences say what is not."""
    wrong = [check for check in checks if not check.ok]
    if wrong:
        return NotReady(
            type="urn:second-source:problem:not_ready",
            title="The service is not ready",
            status=503,
            detail=" ".join(f"{check.name}: {check.detail}" for check in wrong),
            code="not_ready",
            checks=checks,
        )
    none = "No model is set: passages are found and no stance is assessed. Set SECONDSOURCE_MODEL."
    return Ready(model=model, note=none if model == "none" else None, checks=checks)


def readiness(desk: Desk, counts: Counts, most: int, more: Mapping[str, Probe] = MappingProxyType({})) -> Readiness:
    """What every server is asked for: its store, its queue and its model, and whatever else it has.

    Args:
        desk: what checks work with.
        counts: how many checks there are in each state.
        most: how many may wait.
        more: further things by name, a worker above all.
    """

    async def store() -> tuple[bool, str]:
        await desk.corpus.article(_NO_ARTICLE)
        return True, "It answers."

    async def queue() -> tuple[bool, str]:
        return room((await counts()).get(CheckState.QUEUED, 0), most)

    async def model() -> tuple[bool, str]:
        return True, f"{desk.backend.name}, not asked: that may cost money."

    return Readiness(desk.backend.name, {"store": store, **more, "queue": queue, "model": model})


_WELL = (Probed(name="store", ok=True, detail="It answers."), Probed(name="worker", ok=True, detail=alive(2)[1]))
_READY = Ready(model="openai/gpt-5-mini", checks=_WELL)
_NOT_READY = summed_up("openai/gpt-5-mini", (_WELL[0], Probed(name="worker", ok=False, detail=alive(0)[1])))
_SHAPE = {
    name: part
    for name, part in NotReady.model_json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    ).items()
    if name != "$defs"
}


@router.get(
    "/healthz",
    operation_id="get_health",
    summary="Whether the process lives",
    response_description="It does.",
    responses={200: {"content": {"application/json": {"example": Alive().model_dump()}}}, **responses("internal")},
)
async def get_health() -> Alive:
    """Always the same."""
    return Alive()


@router.get(
    "/readyz",
    operation_id="get_readiness",
    summary="Whether articles can be taken and checked",
    response_model=Ready,
    response_description="Everything that was asked works.",
    responses={
        200: {"content": {"application/json": {"example": _READY.model_dump(mode="json")}}},
        **responses("internal"),
        503: {
            "description": "Something does not work; `checks` tells what.",
            "content": {MEDIA_TYPE: {"schema": _SHAPE, "example": _NOT_READY.model_dump(mode="json")}},
        },
    },
)
async def get_readiness(request: Request) -> Response:
    """Asks everything that has to work, save the model, for that may cost money."""
    asked: Readiness = request.state.readiness
    found = summed_up(asked.model, await probed(asked.probes))
    status, media_type = (200, "application/json") if isinstance(found, Ready) else (503, MEDIA_TYPE)
    return Response(found.model_dump_json(), status, media_type=media_type)
