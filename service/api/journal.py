"""The outermost layer: one log line for each request, and an answer to what nobody foresaw.

No line holds a query, a body or the message of an unforeseen error: any of them may carry words of an article.
"""

import asyncio
import logging
import time
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import problem

log = logging.getLogger(__name__)


class Journal:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on, and notes how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.monotonic(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:  # by the server, which waits no longer; nobody is above us whom it would concern
            if not status:
                await problem("stopping", "The server was stopped; ask again later.")(scope, receive, noted)
        except Exception as error:  # whatever it is, the caller gets an answer and the log its place
            log.error("%s, its message left out, at\n%s", type(error).__name__, _places(error))  # noqa: TRY400
            if not status:
                answer = problem("internal", "The service failed; its log says where. Trying again may help.")
                await answer(scope, receive, noted)
        finally:
            log.info("%s %r %s %.3f s", scope["method"], scope["path"][:200], status or "-", time.monotonic() - started)


def _places(error: BaseException) -> str:
    """The lines of code that led to an error, and to what caused it."""
    causes = [error]
    while before := causes[-1].__cause__ or causes[-1].__context__:
        causes.append(before)
    return "caused by\n".join("".join(traceback.format_tb(cause.__traceback__)) for cause in causes)
