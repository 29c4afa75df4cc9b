"""A check that is asked for: what the client wants to wait, and what it is answered."""

import asyncio
import re
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Header, Request, Response

from schemas.check import Check, CheckState
from schemas.report import Report
from service.api import parts
from service.api.examples import CHECK
from service.api.problems import RequestFault
from service.bootstrap import Service
from service.jobs.asking import Answered, Once
from service.jobs.queue import Kind

LONGEST_WAIT = 300
_LOOK_SECONDS = 1.0
ASKING = ("key_reused", "version_changed")
"""What may go wrong with a request for a check besides."""

CHECK_ANSWER: dict[str, Any] = {
    "model": Check,
    "description": "The check goes on.",
    "content": {"application/json": {"example": CHECK.model_dump(mode="json")}},
    "headers": {"Location": {"description": "The check.", "schema": {"type": "string"}}},
}
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class Wish(NamedTuple):
    """What a request says of how it is to be answered."""

    wait: float = 0
    key: str | None = None


async def _wish(
    prefer: Annotated[
        str | None,
        Header(
            description=f"wait=SECONDS, at most {LONGEST_WAIT}: answer when the check is done, if it is by then.",
            examples=["wait=30"],
        ),
    ] = None,
    idempotency_key: Annotated[
        str | None,
        Header(description="A name of your own for this request: sent again, it is the same check.", examples=["a1b2"]),
    ] = None,
) -> Wish:
    """What the headers say.

    Raises:
        RequestFault: an Idempotency-Key that is none.
    """
    if idempotency_key is not None and not _KEY.fullmatch(idempotency_key):
        raise RequestFault("invalid_request", "An Idempotency-Key has 1 to 200 visible ASCII characters.")
    wait = re.search(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})", prefer or "", re.IGNORECASE)
    return Wish(min(float(wait[1]), LONGEST_WAIT) if wait else 0, idempotency_key)


Wished = Annotated[Wish, Depends(_wish)]


def only_once(request: Request, wish: Wish, *sent: str) -> Once | None:
    """The request as one that is done once, where it has a key. `sent`: all of it that makes a difference."""
    if wish.key is None:
        return None
    return Once(getattr(request.state, "owner", ""), wish.key, "\n".join((request.method, request.url.path, *sent)))


async def answer(
    request: Request, response: Response, service: Service, answered: Answered, wish: Wish
) -> Report | Check:
    """The report, where it is there before the client's wait is over; else the check as it is.

    Raises:
        RequestFault: the check failed while the client waited, with its reason.
    """
    check = answered.check
    if check is None:
        raise AssertionError("a request that wants a check has one")
    request.state.instance = f"/v1/checks/{check.id}"
    if not answered.again:
        await service.dispatch.send(Kind.CHECK, check.id)
    if wish.wait:
        response.headers["Preference-Applied"] = f"wait={wish.wait:.0f}"
        check = await _waited(request, service, check, wish.wait)
    response.headers["Location"] = f"/v1/checks/{check.id}"
    report = await parts.report(service, check.id) if check.state is CheckState.DONE and wish.wait else None
    if report is None:
        if check.failure and wish.wait:
            raise RequestFault(check.failure.code, check.failure.detail)
        response.status_code = 202
        return check
    response.status_code = 201
    response.headers["Location"] += "/report"
    return report


async def _waited(request: Request, service: Service, check: Check, seconds: float) -> Check:
    """The check when it has ended, the time is over, or client or server go away; it goes on all the same."""
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    with service.bell.listening(check.id) as news:
        while True:
            check = await service.checks.check(check.id)
            left = until - clock()
            if check.state.ended or left <= 0 or service.bell.closed or await request.is_disconnected():
                return check
            await news(min(left, _LOOK_SECONDS))
