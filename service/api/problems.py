"""Errors as they are answered: one table from stable code to status and title, and problem documents (RFC 9457).

4xx: the request is at fault and nothing was stored. 5xx: this service, its store or its model is; what was stored
before stays stored.
"""

import logging
import math
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.routing import Match

from schemas.problem import FieldProblem, Problem
from service.errors import RateLimited, SecondSourceError, ServerFault

MEDIA_TYPE = "application/problem+json"
_MOST_FIELDS = 20
_LONGEST_NAME = 60

log = logging.getLogger(__name__)


class Kind(NamedTuple):
    """What is the same for every problem of one code."""

    status: int
    title: str


# What cannot be read at all is 400, what was read and cannot be taken is 422.
_REQUEST = {
    "malformed_json": Kind(400, "The body is not JSON"),
    "not_text": Kind(400, "This is not UTF-8 text"),
    "unauthenticated": Kind(401, "A valid key is needed"),
    "forbidden": Kind(403, "The key does not allow this"),
    "foreign_site": Kind(403, "Another website sent this"),
    "no_such_path": Kind(404, "There is no such path"),
    "not_found": Kind(404, "Nothing is held under this id"),
    "no_report": Kind(404, "There is no report"),
    "method_not_allowed": Kind(405, "The path does not take this method"),
    "not_acceptable": Kind(406, "The report has no such form"),
    "withdrawn": Kind(410, "The article was withdrawn"),
    "changed_since": Kind(412, "The article was changed since"),
    "slow_body": Kind(408, "The body came too slowly"),
    "text_too_large": Kind(413, "The text is too large"),
    "unsupported_media_type": Kind(415, "The body is of a type that is not taken"),
    "invalid_request": Kind(422, "The request does not fit"),
    "bad_input": Kind(422, "What was sent cannot be taken"),
    "empty_text": Kind(422, "The article has no text"),
    "no_sentences": Kind(422, "The text holds no sentences of an article"),
    "unsupported_language": Kind(422, "The language is not configured"),
    "url_refused": Kind(422, "The URL leads where this service does not go"),
    "published_in_future": Kind(422, "The date of publication has not come yet"),
    "too_many_requests": Kind(429, "Too many requests"),
    "key_reused": Kind(422, "The Idempotency-Key was used for another request"),
}
_SERVICE = {
    "internal": Kind(500, "The service failed"),
    "unforeseen": Kind(500, "The program has a fault"),
    "wrong_setting": Kind(500, "A setting is wrong"),
    "configuration": Kind(500, "The service is not set up right"),
    "extra_missing": Kind(500, "An optional package is not installed"),
    "check": Kind(500, "The check cannot go on"),
    "cancelled": Kind(409, "The check was cancelled"),
    "version_changed": Kind(503, "Another version of the program began the check"),
    "superseded": Kind(409, "Another worker runs the check"),
    "not_ready": Kind(503, "The service is not ready"),
    "overloaded": Kind(503, "Too many checks are waiting"),
    "overdue": Kind(503, "The answer took too long"),
    "stopping": Kind(503, "The server was stopped"),
    "store": Kind(503, "The database failed"),
}
# No key, no credit and the like are the operator's to mend, hence not 401 or 402.
_MODEL = {
    "model": Kind(502, "The model gave no usable answer"),
    "no_model": Kind(503, "No model is configured"),
    "backend": Kind(502, "The model did not answer"),
    "unreachable": Kind(502, "The model cannot be reached"),
    "timed_out": Kind(504, "The model did not answer in time"),
    "rate_limited": Kind(503, "The model's provider takes no more requests for now"),
    "server_fault": Kind(502, "The model's provider failed"),
    "unauthorized": Kind(502, "The model's provider does not accept the service's key"),
    "model_not_found": Kind(502, "The provider does not know the model"),
    "prompt_too_long": Kind(502, "The article is too long for the model"),
    "payment_required": Kind(502, "The account at the model's provider has no credit"),
    "format_refused": Kind(502, "The model's server takes no such response format"),
    "request_refused": Kind(502, "The model's provider refused the request"),
    "recording_missing": Kind(502, "No recording answers this"),
    "reply": Kind(502, "The model's reply cannot be used"),
    "refused": Kind(502, "The model declined to answer"),
    "cut_off": Kind(502, "The model's reply was cut off"),
    "empty_reply": Kind(502, "The model's reply was empty"),
    "unreadable": Kind(502, "The model's reply cannot be read"),
    "invalid": Kind(502, "The model's reply does not fit"),
    "budget": Kind(503, "The budget of the check is spent"),
    "deadline": Kind(504, "The time of the check is up"),
}

_FETCHING = {"fetch_failed": Kind(502, "The page could not be fetched")}

KINDS: Mapping[str, Kind] = _FETCHING | _REQUEST | _SERVICE | _MODEL
OURS = tuple(_SERVICE)
"""What a check may fail with on our side."""
MODEL = tuple(_MODEL)
"""What a check may fail with where no stretch of the article could be read."""

_METHODS = ("DELETE", "GET", "POST", "PUT")
_OF_ROUTING = {404: "no_such_path", 405: "method_not_allowed"}


class RequestFault(Exception):
    """What is wrong with a request in terms of HTTP, by its code in the table."""

    def __init__(
        self, code: str, detail: str, *, errors: Iterable[FieldProblem] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.errors = tuple(errors)
        self.headers = headers


def problem(
    code: str,
    detail: str,
    *,
    instance: str | None = None,
    errors: Iterable[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem document as the answer."""
    return Response(document(code, detail, instance, errors).model_dump_json(), KINDS[code].status, headers, MEDIA_TYPE)


def document(code: str, detail: str, instance: str | None = None, errors: Iterable[FieldProblem] = ()) -> Problem:
    """A problem of a code that the table knows."""
    return Problem(
        type=f"urn:second-source:problem:{code}",
        title=KINDS[code].title,
        status=KINDS[code].status,
        detail=detail,
        code=code,
        instance=instance,
        errors=tuple(errors),
    )


def field_problems(errors: Iterable[ErrorDetails], *, below: int = 0) -> tuple[FieldProblem, ...]:
    """Pydantic's errors without the values. `below`: how many leading parts of each place the pointer leaves out."""

    def pointer(parts: Iterable[int | str]) -> str:
        names = (str(part)[:_LONGEST_NAME].replace("~", "~0").replace("/", "~1") for part in parts)
        return "".join(f"/{name}" for name in names)

    first = list(errors)[:_MOST_FIELDS]
    return tuple(FieldProblem(pointer=pointer(error["loc"][below:]), detail=f"{error['msg']}.") for error in first)


def answer_problems(app: FastAPI) -> None:
    """Has every error of ours, of the routing and of FastAPI's own validation answered as a problem document."""
    app.exception_handler(SecondSourceError)(_ours)
    app.exception_handler(RequestFault)(_fault)
    app.exception_handler(HTTPException)(_routing)
    app.exception_handler(RequestValidationError)(_parameters)


async def _ours(request: Request, error: SecondSourceError) -> Response:
    if KINDS[error.code].status >= 500:
        log.warning("problem", extra={"code": error.code})
    wait = error.retry_after if isinstance(error, RateLimited | ServerFault) else None
    return problem(
        error.code,
        str(error) or KINDS[error.code].title,
        instance=getattr(request.state, "instance", None),
        headers=None if wait is None else {"Retry-After": str(math.ceil(wait))},
    )


async def _fault(request: Request, error: RequestFault) -> Response:
    instance = getattr(request.state, "instance", None)
    return problem(error.code, str(error), instance=instance, errors=error.errors, headers=error.headers)


async def _routing(request: Request, error: HTTPException) -> Response:
    detail = {
        "no_such_path": "There is no such path; /openapi.json lists those there are.",
        "method_not_allowed": f"This path does not take {request.method[:20]}.",
    }
    code = _OF_ROUTING.get(error.status_code, "invalid_request")
    headers = {"Allow": _allowed(request)} if code == "method_not_allowed" else error.headers
    return problem(code, detail.get(code, "The request cannot be taken."), headers=headers)


def _allowed(request: Request) -> str:
    """The methods that a path takes. The routing names only those of the first route that has the path."""

    def takes(method: str) -> bool:
        asked = {**request.scope, "method": method}
        return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)

    return ", ".join(filter(takes, _METHODS))


async def _parameters(_: Request, error: RequestValidationError) -> Response:
    place = error.errors()[0]["loc"][0]
    faults = field_problems(error.errors(), below=1)
    return problem("invalid_request", f"The {place} does not fit; each fault names its place.", errors=faults)


def responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The problems that an operation may answer with, for its OpenAPI description, one example of each code."""
    by_status = groupby(sorted(codes, key=_status), key=_status)
    described: dict[int | str, dict[str, Any]] = {status: _described(*alike) for status, alike in by_status}
    return described | {"default": _described()}


def _status(code: str) -> int:
    return KINDS[code].status


def _described(*codes: str) -> dict[str, Any]:
    """The problems of one status; without any, those that every path may answer with."""
    content: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if codes:
        values = {code: document(code, f"{KINDS[code].title}.").model_dump(mode="json") for code in codes}
        content["examples"] = {code: {"summary": KINDS[code].title, "value": value} for code, value in values.items()}
    titles = "; ".join(KINDS[code].title for code in codes)
    return {"description": titles or "Any other problem", "content": {MEDIA_TYPE: content}}
