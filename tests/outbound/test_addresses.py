"""Which addresses are connected to, and which URLs are not even resolved."""

from ipaddress import ip_network

import pytest

from service.errors import UrlRefused
from service.outbound.addresses import Reach, port_of

PUBLIC = ("93.184.215.14", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "172.32.0.1")
INSIDE = (
    "127.0.0.1",
    "127.8.9.10",
    "::1",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "fd12:3456::1",
    "fec0::1",
)
SPECIAL = (
    "0.0.0.0",  # noqa: S104 not bound to
    "0.1.2.3",
    "::",
    "224.0.0.1",
    "239.255.255.250",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.5",
    "192.88.99.1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "100::1",
    "4000::1",
)
WRAPPED = (
    "::ffff:127.0.0.1",
    "::ffff:a00:1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2002:808:808::",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2001::1",
)
METADATA = (
    "169.254.169.254",
    "169.254.170.2",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "::ffff:169.254.169.254",
    "64:ff9b::a83f:8110",
)
EVERYTHING = Reach((ip_network("0.0.0.0/0"), ip_network("::/0")))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached(address: str) -> None:
    """So are those that carry a public one inside."""
    assert Reach().admits(address)


@pytest.mark.parametrize("address", [*INSIDE, *SPECIAL, *WRAPPED, *METADATA, "localhost", "", "127.1", "0x7f000001"])
def test_others_are_not(address: str) -> None:
    """Nothing private, reserved, or wrapped round such, and nothing that is no address."""
    assert not Reach().admits(address)


@pytest.mark.parametrize("address", METADATA)
def test_no_setting_opens_the_metadata(address: str) -> None:
    """What tells a machine its credentials stays closed where every network is open."""
    assert not EVERYTHING.admits(address)


@pytest.mark.parametrize("address", INSIDE)
def test_a_network_may_be_opened(address: str) -> None:
    """An operator's network is reached."""
    assert EVERYTHING.admits(address)


def test_only_the_network_opened_is_open() -> None:
    """Its neighbours stay closed; an address that wraps one of it is as open as that."""
    reach = Reach((ip_network("10.1.0.0/16"),))
    assert [reach.admits(one) for one in ("10.1.2.3", "::ffff:10.1.2.3", "10.2.0.1", "127.0.0.1")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://press.example/a?b=c#d", "press.example", 443),
        ("http://press.example", "press.example", 80),
        ("HTTP://Press.Example:443/", "press.example", 443),
        ("https://zeitung-münchen.example/", "zeitung-münchen.example", 443),
        ("https://a_b.press.example./", "a_b.press.example.", 443),
        ("http://93.184.215.14/", "93.184.215.14", 80),
        ("http://[2606:4700::1111]/", "2606:4700::1111", 80),
    ],
)
def test_usual_urls_pass(url: str, host: str, port: int) -> None:
    """Names, international ones, and addresses as they are usually written."""
    target = Reach().examined(url)
    assert (target.host, port_of(target)) == (host, port)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "press.example",
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://press.example/",
        "gopher://press.example/",
        "javascript:alert(1)",
        "//press.example/",
        "http:///path",
        "http://user@press.example/",
        "http://user:secret@press.example/",
        "http://press.example\\@127.0.0.1/",
        "http://press.example:22/",
        "http://press.example:0/",
        "http://press.example:8080/",
        "http://press.example:99999/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.0.1./",
        "http://127.0.0.0x1/",
        "http://１２７.0.0.1/",
        "http://%31%32%37.0.0.1/",
        "http://127.0.0.1%00.press.example/",
        "http://press example/",
        "http://press..example/",
        "http://press.example\r\nHost: other/",
        "http://[::1/",
        "http://[v1.x]/",
        f"http://{'a' * 64}.example/",
    ],
)
def test_odd_urls_are_refused(url: str) -> None:
    """Other schemes and ports, credentials, and addresses in disguise are refused before any name is resolved."""
    with pytest.raises(UrlRefused):
        Reach().examined(url)


def test_the_secret_in_a_url_is_not_repeated() -> None:
    """An error does not hold the credentials it is about."""
    with pytest.raises(UrlRefused) as refused:
        Reach().examined("http://user:hunter2@press.example/")
    assert "hunter2" not in str(refused.value)


def test_other_ports_can_be_opened() -> None:
    """By the operator; then the usual ones are open only where named too."""
    reach = Reach(ports=frozenset({8443}))
    assert port_of(reach.examined("https://press.example:8443/")) == 8443
    with pytest.raises(UrlRefused, match="8443"):
        reach.examined("https://press.example/")
