"""How large a request may be, how long it may take to come, and how long its answer."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import problem

READ_SECONDS = 30.0
ANSWER_SECONDS = 360.0
"""More than a client may ask to wait for a report."""

_BYTES_A_CHARACTER = 12
"""The most that one character takes in a body: two escapes of JSON, as in \\ud83d\\ude00."""
_ROOM = 65_536
"""For the other fields and the braces."""


def most_bytes(max_characters: int) -> int:
    """The most bytes of a body that hands in a text of so many characters."""
    return _BYTES_A_CHARACTER * max_characters + _ROOM


class Bounded:
    """ASGI middleware: refuses what is too large or too slow, in place of everything within it.

    A body that is announced too large (Content-Length) is refused before anything is read of it; one of no announced
    length as soon as too much has come.
    """

    def __init__(
        self, app: ASGIApp, most: int, *, read_seconds: float = READ_SECONDS, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        """Sets the bounds of every request.

        Args:
            app: what is within.
            most: the bytes of a body.
            read_seconds: from the first look at the body to its end.
            answer_seconds: from there to the beginning of the answer. An answer that has begun may take its time:
                events are sent for as long as a check goes on.
        """
        self._app = app
        self._most = most
        self._read_seconds = read_seconds
        self._answer_seconds = answer_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on within the bounds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > self._most:
            await problem("text_too_large", _too_large(self._most))(scope, receive, send)
            return
        exchange = _Exchange(receive, send, self._most, self._read_seconds, self._answer_seconds)
        if fault := await exchange.run(self._app, scope):
            # Nobody waits for the rest of such a body.
            await problem(*fault, headers={"Connection": "close"})(scope, receive, send)


class _Exchange:
    """One request and its answer, by one clock, set anew when the body begins, when it ends, and at the answer."""

    def __init__(self, receive: Receive, send: Send, most: int, read_seconds: float, answer_seconds: float) -> None:
        self._receive = receive
        self._send = send
        self._most = most
        self._read_seconds = read_seconds
        self._answer_seconds = answer_seconds
        self._late = ("overdue", f"The service had no answer within {answer_seconds:g} s. Ask again later.")
        self._fault = self._late
        self._clock = asyncio.timeout(answer_seconds)
        self._read = 0
        self._looked = self._whole = self._answered = False

    async def run(self, app: ASGIApp, scope: Scope) -> tuple[str, str] | None:
        """Runs the application. What it was stopped for, as code and sentence; None where it came to its end."""
        try:
            async with self._clock:
                await app(scope, self._receive_bounded, self._send_noted)
        except TimeoutError:
            if not self._clock.expired():
                raise
            return self._fault
        return None

    async def _receive_bounded(self) -> Message:
        if self._whole or self._answered:
            return await self._receive()
        if not self._looked:
            self._looked = True
            self._fault = ("slow_body", f"The body did not come within {self._read_seconds:g} s.")
            self._set(self._read_seconds)
        message = await self._receive()
        self._read += len(message.get("body", b""))
        if self._read > self._most:
            await self._stop("text_too_large", _too_large(self._most))
        elif not message.get("more_body", False):
            self._whole, self._fault = True, self._late
            self._set(self._answer_seconds)
        return message

    async def _send_noted(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._answered = True
            self._clock.reschedule(None)
        await self._send(message)

    async def _stop(self, code: str, detail: str) -> None:
        """Ends the application as the clock does: whoever reads the body would make another error of an error."""
        self._fault = (code, detail)
        self._set(0)
        await asyncio.get_running_loop().create_future()

    def _set(self, seconds: float) -> None:
        self._clock.reschedule(asyncio.get_running_loop().time() + seconds)


def _too_large(most: int) -> str:
    return f"The body has more than {most} bytes, which is more than the longest text taken can need."
