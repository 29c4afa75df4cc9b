"""How much of a body is read, in what time, and from where it may come."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.limits import Bounded, most_bytes
from tests.api.served import TOWN, held, served

ROOM = 65_536
SOON = 0.05


async def _whole(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body and answers with its length."""
    read, more = 0, True
    while more:
        message = await receive()
        read, more = read + len(message["body"]), message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(read).encode()})


async def _silent(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.get_running_loop().create_future()


async def _lasting(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers at once, and goes on for longer than an answer may take to begin."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await asyncio.sleep(3 * SOON)
    await send({"type": "http.response.body", "body": b"done"})


async def _failing(scope: Scope, receive: Receive, send: Send) -> None:
    raise TimeoutError("its own")


async def _asked(
    app: ASGIApp, *chunks: bytes, ends: bool = True, length: int | None = None, most: int = 10
) -> tuple[int, bytes]:
    """Status and body of the answer to a request of these chunks. `ends`: whether the body comes to its end."""

    async def sent() -> AsyncIterator[Message]:
        for number, chunk in enumerate(chunks, start=1):
            yield {"type": "http.request", "body": chunk, "more_body": not ends or number < len(chunks)}
        await asyncio.get_running_loop().create_future()

    answer: list[Message] = []

    async def noted(message: Message) -> None:
        answer.append(message)

    headers = [] if length is None else [(b"content-length", str(length).encode())]
    messages = sent()
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    await Bounded(app, most, read_seconds=SOON, answer_seconds=SOON)(scope, messages.__anext__, noted)
    return answer[0]["status"], b"".join(message.get("body", b"") for message in answer[1:])


async def _refused(app: ASGIApp, *chunks: bytes, ends: bool = True, length: int | None = None) -> tuple[int, str]:
    """Status and code of the problem."""
    status, told = await _asked(app, *chunks, ends=ends, length=length)
    return status, json.loads(told)["code"]


@pytest.mark.parametrize("chunks", [(b"",), (b"a" * 10,), (b"a" * 5, b"a" * 5), (b"a", b"", b"a")])
async def test_what_fits_goes_through(chunks: tuple[bytes, ...]) -> None:
    """Up to the limit, in one piece or several."""
    assert await _asked(_whole, *chunks) == (200, str(sum(map(len, chunks))).encode())


async def test_an_announced_body_too_large_is_not_read() -> None:
    """Nothing within is even called."""
    assert await _refused(_failing, length=11) == (413, "text_too_large")


@pytest.mark.parametrize("chunks", [(b"a" * 11,), (b"a" * 6, b"a" * 6), (b"a",) * 100])
async def test_a_body_is_counted_as_it_comes(chunks: tuple[bytes, ...]) -> None:
    """Whatever was announced, or nothing."""
    assert await _refused(_whole, *chunks) == (413, "text_too_large")
    assert await _refused(_whole, *chunks, length=3) == (413, "text_too_large")


@pytest.mark.parametrize("chunks", [(), (b"a",), (b"a", b"a")])
async def test_a_body_that_does_not_end_is_given_up(chunks: tuple[bytes, ...]) -> None:
    """The fault is the request's: 408."""
    assert await _refused(_whole, *chunks, ends=False) == (408, "slow_body")


async def test_an_answer_that_does_not_begin_is_given_up() -> None:
    """The fault is ours: 503."""
    assert await _refused(_silent, b"") == (503, "overdue")


async def test_an_answer_that_has_begun_may_take_its_time() -> None:
    """Events are sent for as long as a check goes on."""
    assert await _asked(_lasting, b"") == (200, b"done")


async def test_other_errors_go_on_as_they_are() -> None:
    """Somebody else's time that is up is not ours."""
    with pytest.raises(TimeoutError, match="its own"):
        await _asked(_failing, b"")


async def test_after_the_body_one_may_wait_for_the_client_to_go() -> None:
    """That wait is the application's, not the body's: an answer too late is still ours."""

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await receive()

    assert await _refused(waiting, b"a") == (503, "overdue")


def test_the_limit_is_that_of_the_longest_text() -> None:
    """Twelve bytes a character, and room for the other fields."""
    assert most_bytes(100) == 1200 + ROOM


def _chunks(pieces: int) -> Iterator[bytes]:
    for _ in range(pieces):
        yield b"a" * 10_000


def test_a_chunked_body_is_counted() -> None:
    """A body without Content-Length is refused as soon as it is too large."""
    with served(max_characters=100) as client:
        answer = client.post("/v1/articles", content=_chunks(8), headers={"content-type": "text/plain"})
        assert (answer.status_code, answer.json()["code"]) == (413, "text_too_large")
        assert held(client) == 0


def test_the_longest_text_fits_however_it_is_escaped() -> None:
    """Every character of the longest text may take two escapes of six bytes."""
    sentence = "The bridge opened on Monday 🌉🌉. "
    with served(max_characters=10 * len(sentence)) as client:
        answer = client.post("/v1/articles?check=false", json={"text": (sentence * 10).strip()})
        assert answer.status_code == 201


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"origin": "{own}"}, 201),
        ({"sec-fetch-site": "same-origin", "origin": "https://behind.a.proxy"}, 201),
        ({"sec-fetch-site": "none"}, 201),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_pages_of_other_sites_store_nothing(client: TestClient, headers: dict[str, str], status: int) -> None:
    """A browser's request from another site is refused; programs and own pages are served."""
    own = str(client.base_url)
    told = {name: value.format(own=own) for name, value in headers.items()}
    sent = client.post("/v1/articles?check=false", content=TOWN, headers={"content-type": "text/plain", **told})
    assert sent.status_code == status
    assert held(client) == (status == 201)
