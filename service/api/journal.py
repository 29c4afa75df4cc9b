"""The outermost layer: an id for each request, its log line and its figures, and an answer to what nobody foresaw.

Every answer also tells what is left of the rate, where the gate has counted the request (`request.state.rate`).

No line holds a path as it was sent, a query, a body or the message of an unforeseen error: any of them may carry words
of an article. The route's template is told, and the ids in the path.
"""

import asyncio
import logging
import re
import time
from dataclasses import dataclass
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from service.api.problems import problem
from service.telemetry.logs import fault
from service.telemetry.metrics import Metrics

REQUEST_ID = "X-Request-ID"

log = logging.getLogger(__name__)

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ID = re.compile(r"[0-9a-f]{12,64}")


@dataclass(slots=True)
class _Answer:
    """What was answered so far. `began`: the seconds until the answer began."""

    started: float
    status: int | None = None
    began: float | None = None

    @property
    def seconds(self) -> float:
        """Since the request came."""
        return time.monotonic() - self.started


class Journal:
    """ASGI middleware. Add it last, so that it stands round all others."""

    def __init__(self, app: ASGIApp, metrics: Metrics | None = None) -> None:
        self._app, self._metrics = app, metrics or Metrics()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on, and notes how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, answer = _request_id(scope), _Answer(time.monotonic())

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.began = message["status"], answer.seconds
                MutableHeaders(scope=message).update({**scope.get("state", {}).get("rate", {}), REQUEST_ID: request_id})
            await send(message)

        with bound_contextvars(request_id=request_id):
            try:
                await self._answer(scope, receive, noted, answer)
            finally:
                self._note(scope, answer)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, answer: _Answer) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:  # by the server, which waits no longer; nobody is above us whom it would concern
            if answer.status is None:
                await problem("stopping", "The server was stopped; ask again later.")(scope, receive, send)
        except Exception as error:  # whatever it is, the caller gets an answer and the log its place
            log.error("unforeseen", extra=fault(error))  # noqa: TRY400
            if answer.status is None:
                told = problem("internal", "The service failed; its log says where. Trying again may help.")
                await told(scope, receive, send)

    def _note(self, scope: Scope, answer: _Answer) -> None:
        method, route, status = scope["method"], template(scope), str(answer.status or "none")
        seconds = answer.seconds
        self._metrics.request_answered(method, route, status, seconds if answer.began is None else answer.began)
        ids = {name: value for name, value in scope.get("path_params", {}).items() if _ID.fullmatch(str(value))}
        told = {"method": method[:20], "route": route, "status": status, "seconds": round(seconds, 4)}
        owner = scope.get("state", {}).get("owner")
        log.info("request", extra=ids | told | ({"owner": owner} if owner else {}))


def template(scope: Scope) -> str:
    """The route that answered, as it was declared: `/v1/articles/{article_id}`; `none` where there is no such path.

    FastAPI keeps a route as its router declares it, without the prefix that the router was included with. No parameter
    of ours holds a slash, so the prefix is as many leading parts of the path as the route has too few.
    """
    route = scope.get("route")
    if route is None:
        return str(scope["path"]) if "endpoint" in scope else "none"
    parts, declared = scope["path"].split("/"), str(route.path).split("/")
    missing = len(parts) - len(declared)
    return "/".join([*parts[: missing + 1], *declared[1:]])


def _request_id(scope: Scope) -> str:
    """The client's own id where it is a plain token, else a new one."""
    given = Headers(scope=scope).get(REQUEST_ID, "")
    return given if _TOKEN.fullmatch(given) else uuid4().hex
