"""Who may ask for what: by key, or without one from this machine alone."""

from collections.abc import Awaitable, Callable
from ipaddress import IPv6Address, ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from schemas.key import Key, Scope
from service.api.gate import AtGate, Gate
from service.api.origins import is_foreign
from service.api.problems import RequestFault
from service.errors import ConfigurationError

_READING = frozenset({"GET", "HEAD"})
_CREATE = "`secondsource keys create NAME --scope write`"
_BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", description="A key from `secondsource keys create`.")
_HEADER = APIKeyHeader(
    name="X-API-Key", auto_error=False, scheme_name="header", description="The same key in a header of its own."
)

Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
Header = Annotated[str | None, Security(_HEADER)]


def allowed(scope: Scope | None = None) -> Callable[..., Awaitable[None]]:
    """A dependency that lets in who has this scope, and sets `request.state.owner` to the key's id.

    Where no key was ever made none is needed, and the owner is the empty string; but then only requests of this
    machine are served, and of web pages only those of the server itself and of its allowed origins.

    Args:
        scope: what the key must allow; by default reading for GET, writing for all else.
    """

    async def admitted(request: Request, gate: AtGate, bearer: Bearer, header: Header) -> None:
        wanted = scope or (Scope.READ if request.method in _READING else Scope.WRITE)
        if await gate.keys.needed():
            request.state.owner = (await _key(gate, _presented(bearer, header), wanted)).id
        else:
            _check_keyless(request, wanted, gate)
            request.state.owner = ""

    return admitted


def said_at_start(host: str, *, key_needed: bool) -> str:
    """What a server that listens on this address says of keys when it starts.

    Raises:
        ConfigurationError: no key was made, and others than this machine could reach it.
    """
    if key_needed:
        return "A key is needed: Authorization: Bearer KEY, or X-API-Key: KEY."
    if not _is_loopback(host):
        raise ConfigurationError(
            f"There is no key yet, and at {host or 'every address'} others could reach the service. "
            f"Create a key first, {_CREATE}, or listen on 127.0.0.1."
        )
    return f"No key is needed, and only this machine is served. Once there is one, {_CREATE}, it is demanded."


async def _key(gate: Gate, presented: str, scope: Scope) -> Key:
    key = await gate.keys.find(presented)
    if key is None:
        raise _unauthenticated("This key is not known, or was revoked.", "invalid_token")
    if not key.allows(scope):
        raise RequestFault(
            "forbidden",
            f"This needs the scope {scope}; the key {key.prefix} has {', '.join(key.scopes)}.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'},
        )
    return key


def _presented(bearer: HTTPAuthorizationCredentials | None, header: str | None) -> str:
    """The one key that a request carries."""
    carried = {key for key in (bearer and bearer.credentials, header) if key}
    if not carried:
        raise _unauthenticated("A key is needed: Authorization: Bearer KEY, or X-API-Key: KEY.")
    if len(carried) > 1:
        raise _unauthenticated("Authorization and X-API-Key carry different keys; send one.", "invalid_request")
    return carried.pop()


def _unauthenticated(detail: str, error: str | None = None) -> RequestFault:
    """A refusal with the challenge of RFC 6750, section 3."""
    challenge = "Bearer" if error is None else f'Bearer error="{error}"'
    return RequestFault("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def _check_keyless(request: Request, scope: Scope, gate: Gate) -> None:
    if not _is_here(request):
        raise _unauthenticated(f"Without keys only the server's own machine is served. There, {_CREATE} makes one.")
    if not _is_called_by_address(request):
        raise RequestFault(
            "foreign_site", "Without keys the server is called localhost, or by its address; Host has another name."
        )
    if scope is not Scope.READ and is_foreign(request.headers, gate.origins):
        raise RequestFault("foreign_site", "A page of another website sent this; send it from a program or from here.")


def _is_here(request: Request) -> bool:
    return request.client is not None and _is_loopback(request.client.host)


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address. Of names only localhost is sure to."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _is_called_by_address(request: Request) -> bool:
    """Whether Host is localhost or an address.

    Any other name may be another website's, whose owner has it lead here (DNS rebinding): to the browser the page and
    this server are then one site, and the page reads what it likes.
    """
    try:
        name = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
        return name == "localhost" or name.endswith(".localhost") or bool(ip_address(name))
    except ValueError:
        return False
