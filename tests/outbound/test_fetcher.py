"""The fetcher, against a server on loopback that does its worst."""

import asyncio
import gzip
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from service.errors import FetchFailed, UrlRefused
from service.outbound.addresses import Reach
from service.outbound.fetcher import Fetcher
from tests.outbound.receiver import Answer, Asked, Receiver, receiving

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1", "127.0.0.2"])

CERTIFICATE = Path(__file__).parent / "press.example.pem"
LOOPBACK = (ip_network("127.0.0.0/8"),)
PAGE = Answer(headers={"content-type": "Text/HTML; charset=ISO-8859-1"}, body=b"<p>Gr\xfc\xdfe</p>")


class Names:
    """A resolver that answers from a table, and remembers what it was asked. An iterator is answered item by item."""

    def __init__(self, **table: Sequence[str] | Iterator[Sequence[str]]) -> None:
        self.table = {name.replace("_", "."): found for name, found in table.items()}
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        found = self.table.get(host, (host,) if host[0].isdigit() or ":" in host else ())
        return next(found) if isinstance(found, Iterator) else found


def fetcher(server: Receiver, names: Names | None = None) -> Fetcher:
    """One that may reach this server, and little else."""
    reach = Reach(LOOPBACK, frozenset({server.port, 80, 443}))
    return Fetcher(reach, seconds=5, resolve=names or Names())


@pytest.fixture
def page() -> Iterator[Receiver]:
    with receiving([PAGE]) as server:
        yield server


async def test_a_page_is_fetched(page: Receiver) -> None:
    """With its type, its charset, its bytes, and where it was found."""
    url = f"http://press.example:{page.port}/a?b=c"
    fetched = await fetcher(page, Names(press_example=("127.0.0.1",))).fetch(url)
    assert fetched == (url, "text/html", "iso-8859-1", PAGE.body)
    assert page.asked[0].path == "/a?b=c"
    assert page.asked[0].headers["host"] == f"press.example:{page.port}"
    assert page.asked[0].headers["user-agent"] == "SecondSource"


async def test_loopback_is_refused_unless_opened(page: Receiver) -> None:
    """By default nothing inside is asked, whatever it is called."""
    closed = Fetcher(Reach(ports=frozenset({page.port})), resolve=Names(press_example=("127.0.0.1",)))
    for host in ("127.0.0.1", "press.example"):
        with pytest.raises(UrlRefused, match="SECONDSOURCE_ALLOWED_NETWORKS"):
            await closed.fetch(f"http://{host}:{page.port}/")
    assert not page.asked


async def test_the_machines_own_resolver(page: Receiver) -> None:
    """Localhost is resolved by it, and refused."""
    with pytest.raises(UrlRefused):
        await Fetcher(Reach(ports=frozenset({page.port}))).fetch(f"http://localhost:{page.port}/")
    assert not page.asked


@pytest.mark.parametrize("inside", ["10.0.0.5", "169.254.169.254", "::1", "::ffff:10.0.0.5", "no address"])
async def test_one_address_inside_refuses_all(page: Receiver, inside: str) -> None:
    """A name that leads outside and inside is refused, in either order, and the address is not told."""
    for addresses in (("127.0.0.1", inside), (inside, "127.0.0.1")):
        with pytest.raises(UrlRefused) as refused:
            await fetcher(page, Names(press_example=addresses)).fetch(f"http://press.example:{page.port}/")
        assert inside not in str(refused.value)
    assert not page.asked


async def test_a_name_is_resolved_once(page: Receiver) -> None:
    """A name server that answers otherwise the second time is not asked a second time (DNS rebinding)."""
    names = Names(press_example=iter([("127.0.0.1",), ("169.254.169.254",)]))
    await fetcher(page, names).fetch(f"http://press.example:{page.port}/")
    assert names.asked == [("press.example", page.port)]


async def test_the_next_address_is_tried(page: Receiver) -> None:
    """Where the first takes no connection."""
    names = Names(press_example=("127.0.0.2", "127.0.0.1"))
    allowed = fetcher(page, names)
    assert (await allowed.fetch(f"http://press.example:{page.port}/")).body == PAGE.body


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://inside.example/",
        "//10.0.0.1/",
        "http://[::1]/",
        "http://0x7f000001/",
        "http://user:pw@press.example/",
        "http://press.example:6379/",
        "file:///etc/passwd",
        "gopher://press.example/",
    ],
)
async def test_a_redirect_inside_is_refused(location: str) -> None:
    """Every hop is judged as the first was."""
    names = Names(press_example=("127.0.0.1",), inside_example=("192.168.0.1",))
    with receiving([Answer(302, {"location": location})]) as server:
        with pytest.raises(UrlRefused):
            await fetcher(server, names).fetch(f"http://press.example:{server.port}/")
        assert len(server.asked) == 1


async def test_redirects_are_followed() -> None:
    """Relative ones too; the URL told is the last; a host that is named again is resolved and judged again."""
    hops = [Answer(301, {"location": "/b"}), Answer(307, {"location": "c?d"}), PAGE]
    with receiving(hops) as server:
        names = Names(press_example=("127.0.0.1",))
        fetched = await fetcher(server, names).fetch(f"http://press.example:{server.port}/a")
        assert fetched.url == f"http://press.example:{server.port}/c?d"
        assert [asked.path for asked in server.asked] == ["/a", "/b", "/c?d"]
        assert len(names.asked) == 3


async def test_redirects_end() -> None:
    """After five, and with the sixth request."""
    with receiving([Answer(302, {"location": "/again"})]) as server:
        with pytest.raises(FetchFailed, match="more than 5 times"):
            await fetcher(server).fetch(server.url)
        assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(404), "answered 404"),
        (Answer(500, body=b"x"), "answered 500"),
        (Answer(304), "answered 304"),
        (Answer(302, {"location": "http://[::1"}), "could not be read: Invalid URL"),
        (Answer(body=b"x" * 1001), "more than 1000 bytes"),
        (Answer(headers={"content-length": "99999999"}, body=b"x" * 1001), "more than 1000 bytes"),
        (Answer(headers={"content-encoding": "gzip"}, body=gzip.compress(bytes(50_000_000))), "more than 1000 bytes"),
        (Answer(headers={"content-encoding": "gzip"}, body=b"no gzip"), "could not be read"),
        (Answer(headers={"content-encoding": "br"}, body=b"x"), "packs"),
        (Answer(headers={"content-encoding": "gzip, gzip"}, body=b"x"), "packs"),
        (Answer(headers={"content-length": "nonsense"}), "could not be read"),
    ],
)
async def test_a_page_that_cannot_be_taken(answer: Answer, told: str) -> None:
    """Another status, too many bytes packed or unpacked, or an answer that is no HTTP: it fails with a sentence."""
    with receiving([answer]) as server, pytest.raises(FetchFailed, match=told):
        await replace(fetcher(server), most_bytes=1000).fetch(server.url)


async def test_what_is_packed_is_unpacked() -> None:
    """Gzip was asked for."""
    packed = Answer(headers={"content-encoding": "gzip", "content-type": "text/plain"}, body=gzip.compress(b"news"))
    with receiving([packed]) as server:
        assert (await fetcher(server).fetch(server.url)).body == b"news"
        assert server.asked[0].headers["accept-encoding"] == "gzip, deflate"


async def test_the_time_is_for_everything() -> None:
    """A server that holds its answer back, and a resolver that does."""

    async def silent(_: str, __: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    with receiving([Answer(hold=True)]) as server:
        hasty = replace(fetcher(server), seconds=0.1)
        for impatient in (hasty, replace(hasty, resolve=silent)):
            with pytest.raises(FetchFailed, match=r"within 0\.1 seconds"):
                await impatient.fetch(server.url)


async def test_nobody_there(page: Receiver) -> None:
    """A name without an address, a name too long to have one, and an address where nothing listens."""
    for url in (f"http://nowhere.example:{page.port}/", f"http://127.0.0.2:{page.port}/"):
        with pytest.raises(FetchFailed):
            await fetcher(page).fetch(url)


async def test_proxies_of_the_environment_are_not_used(page: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve the name anew."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.2:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.2:9")
    assert (await fetcher(page).fetch(page.url)).body == PAGE.body


async def test_no_cookie_is_kept() -> None:
    """What a redirect sets is not sent on."""
    with receiving([Answer(302, {"location": "/b", "set-cookie": "a=b; Path=/"}), PAGE]) as server:
        await fetcher(server).fetch(server.url)
        assert all("cookie" not in asked.headers for asked in server.asked)


@pytest.mark.parametrize(("host", "told"), [("press.example", None), ("other.example", "(?i)certificate")])
async def test_the_certificate_must_be_of_the_name(host: str, told: str | None) -> None:
    """Though the connection goes to an address, the certificate is checked against the host of the URL."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(CERTIFICATE)
    names = Names(press_example=("127.0.0.1",), other_example=("127.0.0.1",))
    with receiving([PAGE], tls=serving) as server:
        trusting = replace(fetcher(server, names), tls=ssl.create_default_context(cafile=str(CERTIFICATE)))
        if told is None:
            assert (await trusting.fetch(f"https://{host}:{server.port}/")).body == PAGE.body
            return
        with pytest.raises(FetchFailed, match=told):
            await trusting.fetch(f"https://{host}:{server.port}/")
        assert not server.asked


async def test_a_stranger_is_not_trusted() -> None:
    """Without a context of its own, the fetcher trusts whom the machine trusts."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(CERTIFICATE)
    with receiving([PAGE], tls=serving) as server, pytest.raises(FetchFailed, match=r"(?i)certificate"):
        await fetcher(server, Names(press_example=("127.0.0.1",))).fetch(f"https://press.example:{server.port}/")


@pytest.mark.parametrize("status", [200, 204, 302, 410, 500])
async def test_a_post_tells_the_status(status: int) -> None:
    """Redirects among them, which are not followed; and the headers."""
    with receiving([Answer(status, {"location": "http://169.254.169.254/", "retry-after": "7"})]) as server:
        answered = await fetcher(server).post(server.url, b"{}", {"content-type": "application/json", "x-y": "z"})
        assert (answered.status, answered.headers["retry-after"]) == (status, "7")
        asked = server.asked[0]
        assert (asked.method, asked.body, asked.headers["x-y"]) == ("POST", b"{}", "z")
        assert len(server.asked) == 1


async def test_a_post_inside_is_refused(page: Receiver) -> None:
    """As a page is."""
    with pytest.raises(UrlRefused):
        await fetcher(page).post(f"http://10.0.0.1:{page.port}/", b"{}", {})


async def test_a_url_is_examined_before_it_is_used(page: Receiver) -> None:
    """What leads inside is refused; a name that has no address yet is not; nothing is sent."""
    examining = fetcher(page, Names(press_example=("127.0.0.1",), inside_example=("10.0.0.1",)))
    await examining.examine(f"http://press.example:{page.port}/")
    await examining.examine("http://nowhere.example/")
    for url in ("http://inside.example/", "http://192.168.1.1/", "http://press.example:22/"):
        with pytest.raises(UrlRefused):
            await examining.examine(url)
    assert not page.asked


async def test_many_at_once() -> None:
    """Requests do not wait for each other, and each gets its own answer."""

    def echo(asked: Asked) -> Answer:
        return Answer(body=asked.path.encode())

    with receiving(echo) as server:
        pages = await asyncio.gather(*(fetcher(server).fetch(f"{server.url}/{n}") for n in range(20)))
        assert [page.body for page in pages] == [f"/{n}".encode() for n in range(20)]
