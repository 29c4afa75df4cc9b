"""What a request may be before anything is read of it: its size, and where it comes from."""

from urllib.parse import urlsplit

from fastapi import Request

from service.api.problems import RequestFault
from service.errors import TextTooLarge

_BYTES_A_CHARACTER = 12
"""The most that one character takes in a body: two escapes of JSON, as in \\ud83d\\ude00."""
_ROOM = 65_536
"""For the other fields and the braces."""


async def body(request: Request, max_characters: int) -> bytes:
    """The whole body. Not more of it is read than a text of `max_characters` can take.

    Raises:
        TextTooLarge: the body is larger, by its Content-Length or by count.
    """
    limit = _BYTES_A_CHARACTER * max_characters + _ROOM
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise _too_large(limit)
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > limit:
            raise _too_large(limit)
    return bytes(read)


def _too_large(limit: int) -> TextTooLarge:
    return TextTooLarge(f"The body has more than {limit} bytes, which is more than the longest text taken can need.")


async def from_here(request: Request) -> None:
    """Refuses what a page of another website has a reader's browser send.

    A browser posts text/plain anywhere without asking first. So any page that a journalist opens could put articles
    into a server on the journalist's own machine. Browsers say where a request comes from; programs need not.

    Raises:
        RequestFault: another site sent it.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is None and origin is not None:
        site = "same-origin" if urlsplit(origin).netloc == request.headers.get("host") else "cross-site"
    if site not in (None, "same-origin", "none"):
        raise RequestFault("foreign_site", "A page of another website sent this; send it from a program or from here.")
