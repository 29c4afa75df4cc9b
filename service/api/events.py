"""What happens in a check, as it happens: `GET /v1/checks/{check_id}/events`.

Everything is read from the store, so it makes no difference which process runs the check, or whether this one was
started anew meanwhile.
"""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from schemas.check import Check, CheckState
from service.api.examples import EVENT
from service.api.parts import Asked, Opened
from service.api.problems import responses
from service.errors import SecondSourceError

router = APIRouter(tags=["checks"])
log = logging.getLogger(__name__)

_LAST_WORDS = timedelta(seconds=3)
"""How long a worker may take to say what it had found of a check that was cancelled."""

_LOOK_SECONDS = 1.0
_MOST = 2**31 - 1

_EXAMPLE = f"event: {EVENT.kind}\ndata: {EVENT.model_dump_json()}\nid: {EVENT.number}\n\n"
_DATA = {"contentMediaType": "application/json", "contentSchema": {"$ref": "#/components/schemas/Event"}}
_STREAM = {
    "description": (
        "Each event's `id` is its number, its `event` what kind it is of, its `data` the event as JSON. Once the check "
        "has ended and all is told, the answer ends. Comments come while nothing happens."
    ),
    "content": {"text/event-stream": {"itemSchema": {"properties": {"data": _DATA}}, "example": _EXAMPLE}},
}


async def _after(
    response: Response,
    service: Opened,
    check: Asked,
    after: Annotated[int, Query(description="Only events behind this number.", ge=0, le=_MOST)] = 0,
    last_event_id: Annotated[
        int | None,
        Header(description="The same, as browsers send it when they come back; it goes before.", ge=0, le=_MOST),
    ] = None,
) -> int:
    """The number that the events wanted are behind. To a browser that comes back for nothing, the answer is 204."""
    if last_event_id is None:
        return after
    if _is_told(check) and not await service.checks.events(check.id, after=last_event_id, limit=1):
        response.status_code = 204
    return last_event_id


@router.get(
    "/checks/{check_id}/events",
    operation_id="follow_check",
    summary="What happens in a check, as it happens",
    description=(
        "Server-sent events: states, stretches read with the claims found in them, claims with their evidence as they "
        "are judged, and what was spent by then. Send the last number as Last-Event-ID and it goes on from there, also "
        "after a restart of the server."
    ),
    response_class=EventSourceResponse,
    responses={
        200: _STREAM,
        204: {"description": "The check has ended, and nothing is behind Last-Event-ID: no need to come back."},
        **responses("not_found", "invalid_request", "store", "internal"),
    },
)
async def get_events(
    service: Opened, check: Asked, after: Annotated[int, Depends(_after)]
) -> AsyncIterator[ServerSentEvent]:
    """Every event behind a number, until the check has ended and all is told."""
    try:
        with service.bell.listening(check.id) as news:
            while True:
                ended = _is_told(await service.checks.check(check.id))
                events = await service.checks.events(check.id, after=after)
                for event in events:
                    yield ServerSentEvent(data=event, event=event.kind, id=str(event.number))
                    after = event.number
                if (ended and not events) or service.bell.closed:
                    return
                if not events:
                    await news(_LOOK_SECONDS)
    except SecondSourceError as error:  # the answer has begun; whoever follows comes back with the last number
        log.warning("problem", extra={"code": error.code})


def _is_told(check: Check) -> bool:
    """Whether nothing more is to come. What a cancelled check had found is told a moment after its state."""
    if check.state is CheckState.CANCELLED and check.runs and not check.report and check.ended_at:
        return datetime.now(UTC) - check.ended_at > _LAST_WORDS
    return check.state.ended
