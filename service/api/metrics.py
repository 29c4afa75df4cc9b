"""Figures: `GET /metrics`, for Prometheus."""

from fastapi import APIRouter, Request, Response

from schemas.check import CheckState
from service.api.health import Counts
from service.api.problems import responses
from service.errors import StoreError
from service.telemetry.metrics import MEDIA_TYPE, Metrics

router = APIRouter(tags=["service"])


@router.get(
    "/metrics",
    operation_id="get_metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus' text form.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **responses("internal"),
    },
)
async def get_metrics(request: Request) -> Response:
    """What this process did since its start, and how much waits in the store now."""
    metrics: Metrics = request.app.state.metrics
    metrics.queue(*await waiting(request.state.counts))
    return Response(metrics.text(), headers={"Content-Type": MEDIA_TYPE})


async def waiting(counts: Counts) -> tuple[int | None, int | None]:
    """How many checks wait and how many run; None where the store fails, for then the other figures matter most."""
    try:
        found = await counts()
    except StoreError:
        return None, None
    return found.get(CheckState.QUEUED, 0), found.get(CheckState.RUNNING, 0)
