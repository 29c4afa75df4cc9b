"""Where this service may connect to. Decides only; `service.outbound.fetcher` resolves names and connects."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx2

from service.errors import UrlRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS = frozenset({80, 443})

_CARRIERS = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
"""IPv6 addresses that stand for the IPv4 address in their last 32 bits: mapped (RFC 4291), NAT64 (RFC 6052)."""

_NEVER: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "169.254.0.0/16",  # link-local: instance metadata and credentials of most clouds
            "fe80::/10",
            "fd00:ec2::/32",  # AWS, over IPv6
            "fd20:ce::254/128",  # Google
            "100.100.100.200/32",  # Alibaba
            "168.63.129.16/32",  # Azure; looks like any public address
            "192.0.0.192/32",  # Oracle
        ),
    )
)
"""What tells a machine its own secrets. No setting opens it."""

_NOT_PUBLIC: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # protocol assignments
            "192.88.99.0/24",  # relays of 6to4
            "2001::/23",  # protocol assignments, Teredo among them, which wraps an IPv4 address
            "2002::/16",  # 6to4 wraps one too; withdrawn by RFC 7526, so that nothing public is lost
            "3fff::/20",  # documentation
        ),
    )
)
"""What some supported versions of Python's `is_global` hold for public (IANA special-purpose registries)."""

_HOST_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be connected to: public addresses, and `networks` that an operator opens; at these ports alone."""

    networks: Sequence[Network] = ()
    ports: frozenset[int] = PORTS

    def admits(self, address: str) -> bool:
        """Whether an IP address may be connected to. What is no address may not."""
        try:
            given = ip_address(address)
        except ValueError:
            return False
        meant = _meant(given)
        if _within(meant, _NEVER):
            return False
        return _public(meant) or _within(meant, self.networks)

    def examined(self, url: str) -> httpx2.URL:
        """A URL that may be asked for, as far as can be told before its name is resolved.

        Raises:
            UrlRefused: not http or https, no host, with a user name, at another port, or of a host that is an odd
                spelling of an address.
        """
        try:
            target = httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError):
            raise UrlRefused("This is no URL; write it as https://host/path.") from None
        if target.scheme not in ("http", "https"):
            raise UrlRefused("Only http and https URLs are fetched.")
        if target.userinfo:
            raise UrlRefused("A URL with a user name or password is not fetched; leave them out.")
        port = port_of(target)
        if port not in self.ports:
            allowed = ", ".join(map(str, sorted(self.ports)))
            raise UrlRefused(f"Port {port} is not connected to, only {allowed}; see SECONDSOURCE_ALLOWED_PORTS.")
        _refuse_odd_hosts(target.raw_host.decode("ascii"))
        return target


def port_of(target: httpx2.URL) -> int:
    """The port of an http or https URL."""
    return target.port if target.port is not None else {"http": 80, "https": 443}[target.scheme]


def _refuse_odd_hosts(host: str) -> None:
    """Resolvers take 2130706433, 0x7f.1 and 0177.1 for addresses. Nobody writes one so who has nothing to hide.

    Raises:
        UrlRefused: the host is neither a name nor an address as they are written.
    """
    try:
        ip_address(host)
    except ValueError:
        last = host.removesuffix(".").rpartition(".")[2]
        if not _HOST_NAME.fullmatch(host) or _NUMBER.fullmatch(last) or max(map(len, host.split("."))) > 63:
            raise UrlRefused("The host of the URL is neither a name nor an IP address in its usual form.") from None


def _meant(address: Address) -> Address:
    """The address that is reached in the end."""
    return IPv4Address(int(address) & 0xFFFFFFFF) if _within(address, _CARRIERS) else address


def _public(address: Address) -> bool:
    if address.is_multicast or address.is_reserved or (address.version == 6 and address.is_site_local):
        return False
    return address.is_global and not _within(address, _NOT_PUBLIC)


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
