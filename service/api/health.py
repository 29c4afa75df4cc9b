"""Health: `GET /healthz` (the process lives) and `GET /readyz` (it can work)."""

from typing import Literal

from fastapi import APIRouter

from schemas.record import Record
from service.api.parts import OpenDesk
from service.api.problems import responses

router = APIRouter(tags=["service"])

_NO_ARTICLE = "0" * 24


class Alive(Record):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(Record):
    """The store answers and a model is chosen. Whether the model answers, only a check tells."""

    status: Literal["ready"] = "ready"
    model: str
    note: str | None = None


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
    summary="Whether articles can be taken",
    response_description="The store answers and a model is chosen.",
    responses={
        200: {"content": {"application/json": {"example": Ready(model="openai/gpt-5-mini").model_dump()}}},
        **responses("store", "internal"),
    },
)
async def get_readiness(desk: OpenDesk) -> Ready:
    """Asks the store for an article; asks the model nothing, for that may cost money."""
    await desk.corpus.article(_NO_ARTICLE)
    none = desk.backend.name == "none"
    note = "No model is set: passages are found and no stance is assessed. Set SECONDSOURCE_MODEL." if none else None
    return Ready(model=desk.backend.name, note=note)
