"""Fetches a page, or posts to a webhook, at a URL that somebody else names.

A name is resolved once, every address it has is judged, and the connection goes to such an address, not to the name:
a second answer of the name server (DNS rebinding) is never asked for. The host's name stays in the request and is what
the certificate is checked against. Redirects are followed by the same way, one by one.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import httpx2

from service.errors import FetchFailed, UrlRefused
from service.outbound.addresses import Reach, port_of

AGENT = "SecondSource"
_CONNECT_SECONDS = 5.0
"""The longest wait for one address of a name; then its next is tried."""
_CODINGS = {"", "identity", "gzip", "deflate"}


class Fetched(NamedTuple):
    """A page: the URL it came from after redirects, and its body, unpacked and at most as large as allowed."""

    url: str
    media_type: str
    """In small letters; empty where the server did not say."""
    charset: str | None
    """As the Content-Type names it, in small letters."""
    body: bytes


class Answered(NamedTuple):
    """What a webhook's receiver answered; its body is not read."""

    status: int
    headers: Mapping[str, str]


Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a host and port, best first. Raises OSError where there are none."""


async def resolved(host: str, port: int) -> Sequence[str]:
    """A `Resolve` by the machine's own resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True)
class Fetcher:
    """Goes only where `reach` lets it. `seconds` is for all of a request: names, redirects and the body.

    `tls`: whom to trust; without it, those the machine trusts. The environment's proxies are not used: a proxy would
    resolve the name anew.
    """

    reach: Reach = field(default_factory=Reach)
    seconds: float = 20
    most_bytes: int = 5_000_000
    redirects: int = 5
    resolve: Resolve = resolved
    tls: ssl.SSLContext | None = None

    async def fetch(self, url: str) -> Fetched:
        """The page at a URL.

        Raises:
            UrlRefused: it leads where this service does not go, itself or by a redirect.
            FetchFailed: no answer in time, another status than 2xx, too large, packed as it may not be, or more
                redirects than `redirects`.
        """
        async with self._in_time():
            target = self.reach.examined(url)
            for _ in range(self.redirects + 1):
                async with self._sent("GET", target, {"Accept-Encoding": "gzip, deflate"}) as response:
                    if not response.has_redirect_location:
                        return await self._page(target, response)
                    target = self.reach.examined(str(target.join(response.headers["location"])))
            raise FetchFailed(f"{target.host} redirects more than {self.redirects} times.")

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Posts, and tells how that was answered. Redirects are not followed: a 3xx is an answer like others.

        Raises:
            UrlRefused: the URL leads where this service does not go. FetchFailed: no answer in time.
        """
        target = self.reach.examined(url)
        async with self._in_time(), self._sent("POST", target, headers, body) as response:
            return Answered(response.status_code, dict(response.headers))

    async def examine(self, url: str) -> None:
        """Refuses now what would be refused later. A name without an address passes: it may have one later.

        Raises:
            UrlRefused: the URL leads where this service does not go.
        """
        target = self.reach.examined(url)
        with suppress(FetchFailed):
            async with self._in_time():
                await self._addresses(target)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.seconds):
                yield
        except TimeoutError:
            raise FetchFailed(f"The server did not answer within {self.seconds:g} seconds.") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            said = str(error)[:200].rstrip(".") or type(error).__name__
            raise FetchFailed(f"The server could not be read: {said}.") from error

    @asynccontextmanager
    async def _sent(
        self, method: str, target: httpx2.URL, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncIterator[httpx2.Response]:
        """The answer of the first address that a connection can be had to. Each request has a connection of its own:
        one that was opened for another name at the same address was checked against that name's certificate.
        """
        addresses = await self._addresses(target)
        timeout = httpx2.Timeout(self.seconds, connect=_CONNECT_SECONDS)
        async with httpx2.AsyncClient(verify=self.tls or _trusted(), trust_env=False, timeout=timeout) as client:
            said = {"User-Agent": AGENT, **headers, "Host": target.netloc.decode("ascii")}
            response = await _first(client, method, target, addresses, headers=said, content=body)
            try:
                yield response
            finally:
                await response.aclose()

    async def _addresses(self, target: httpx2.URL) -> Sequence[str]:
        """The addresses of a target's host, all of which may be connected to: a name that also leads inside is no
        mistake to be worked round.

        Raises:
            UrlRefused: one of them may not. FetchFailed: there is none.
        """
        try:
            addresses = await self.resolve(target.raw_host.decode("ascii"), port_of(target))
        except (OSError, UnicodeError):
            addresses = ()
        if not addresses:
            raise FetchFailed(f"No address is known for {target.host}.")
        if not all(map(self.reach.admits, addresses)):  # which it is stays unsaid: it tells of the network inside
            raise UrlRefused(
                f"{target.host} is not on the public internet; "
                "an operator may open its network by SECONDSOURCE_ALLOWED_NETWORKS."
            )
        return addresses

    async def _page(self, target: httpx2.URL, response: httpx2.Response) -> Fetched:
        if not response.is_success:
            raise FetchFailed(f"{target.host} answered {response.status_code}.")
        if response.headers.get("content-encoding", "").strip().lower() not in _CODINGS:
            raise FetchFailed(f"{target.host} packs its answer in a way that was not asked for.")
        body = bytearray()
        async for piece in response.aiter_bytes():  # unpacked, at most 1 MiB at a time
            body += piece
            if len(body) > self.most_bytes:
                raise FetchFailed(f"The page of {target.host} has more than {self.most_bytes} bytes.")
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Fetched(str(target), media_type, response.charset_encoding, bytes(body))


async def _first(
    client: httpx2.AsyncClient, method: str, target: httpx2.URL, addresses: Sequence[str], **said: Any
) -> httpx2.Response:
    failed: httpx2.HTTPError | None = None
    for address in addresses:
        request = client.build_request(
            method, target.copy_with(host=address), extensions={"sni_hostname": target.raw_host.decode("ascii")}, **said
        )
        try:
            return await client.send(request, stream=True, follow_redirects=False)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:  # nothing was sent yet
            failed = error
    raise failed or httpx2.ConnectError("no address")


@cache
def _trusted() -> ssl.SSLContext:
    """Read once: it takes a while."""
    return httpx2.create_ssl_context()
