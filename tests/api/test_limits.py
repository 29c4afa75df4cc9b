"""How much of a body is read, and from where it may come."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message

from service.api.limits import body
from service.errors import TextTooLarge
from tests.api.served import TOWN, held, served

ROOM = 65_536


def _chunks(pieces: int) -> Iterator[bytes]:
    for _ in range(pieces):
        yield b"a" * 10_000


def test_a_chunked_body_is_counted() -> None:
    """A body without Content-Length is refused as soon as it is too large."""
    with served(max_characters=100) as client:
        answer = client.post("/v1/articles", content=_chunks(8), headers={"content-type": "text/plain"})
        assert (answer.status_code, answer.json()["code"]) == (413, "text_too_large")
        assert held(client) == 0


async def test_an_announced_length_is_enough() -> None:
    """A body too large by its Content-Length is refused without being read."""

    async def unread() -> Message:
        raise AssertionError("the body was read")

    announced = str(12 * 100 + ROOM + 1).encode()
    request = Request({"type": "http", "headers": [(b"content-length", announced)]}, unread)
    with pytest.raises(TextTooLarge):
        await body(request, 100)


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
        ({"origin": "http://testserver"}, 201),
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
    sent = client.post("/v1/articles?check=false", content=TOWN, headers={"content-type": "text/plain", **headers})
    assert sent.status_code == status
    assert held(client) == (status == 201)
