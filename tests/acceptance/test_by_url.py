"""Articles by URL: fetched where that is configured, and from nowhere inside."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.api.served import TOWN, held, served
from tests.outbound.receiver import Answer, Receiver, receiving

PAGE = f"<html><body><nav><a href='/'>Home</a></nav><article><p>{TOWN}</p></article></body></html>"
LOOPBACK = pytest.mark.block_network(allowed_hosts=["127.0.0.1", "localhost"])


@pytest.fixture
def press() -> Iterator[Receiver]:
    """A site with a page that leads to another, which is the article."""
    pages = {
        "/moved": Answer(302, {"location": "/bridge"}),
        "/bridge": Answer(200, {"content-type": "text/html; charset=utf-8"}, PAGE.encode()),
        "/picture": Answer(200, {"content-type": "image/png"}, b"\x89PNG"),
    }
    with receiving(lambda asked: pages.get(asked.path, Answer(404))) as receiver:
        yield receiver


def _served(press: Receiver) -> Iterator[TestClient]:
    with served(fetch=True, allowed_networks=["127.0.0.0/8"], allowed_ports=[press.port]) as client:
        yield client


fetching = pytest.fixture(_served, name="fetching")


@LOOPBACK
def test_a_page_is_stored_by_its_url(fetching: TestClient, press: Receiver) -> None:
    """Its text, the URL that it came from in the end, and what the client says of it."""
    body = {"url": f"{press.url}/moved", "publisher": "Marbach Courier", "published_at": "2024-12-09T08:30:00+01:00"}
    answer = fetching.post("/v1/articles?check=false", json=body)
    assert answer.status_code == 201
    assert TOWN in answer.json()["text"]
    assert answer.json() | body | {"url": f"{press.url}/bridge"} == answer.json()


@LOOPBACK
def test_a_page_is_fetched_once_for_a_key(fetching: TestClient, press: Receiver) -> None:
    """The same request is the same check, whatever the page says by then."""
    answers = [
        fetching.post("/v1/articles", json={"url": f"{press.url}/bridge"}, headers={"idempotency-key": "story-1"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len(press.asked) == 1


@LOOPBACK
@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("{site}/picture", 502, "fetch_failed"),
        ("{site}/nothing", 502, "fetch_failed"),
        ("http://10.0.0.1/bridge", 422, "url_refused"),
        ("http://169.254.169.254/latest/meta-data", 422, "url_refused"),
        ("ftp://press.example/bridge", 422, "invalid_request"),
    ],
)
def test_what_cannot_be_fetched_is_said(
    fetching: TestClient, press: Receiver, url: str, status: int, code: str
) -> None:
    """No page, no answer, or a place inside; nothing is stored."""
    answer = fetching.post("/v1/articles", json={"url": url.format(site=press.url)})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert held(fetching) == 0


@pytest.mark.parametrize("body", [{"url": "https://press.example/a"}, {"url": "https://press.example/a", "text": ""}])
def test_without_the_setting_nothing_is_fetched(body: dict[str, str]) -> None:
    """An article without a text is refused as ever."""
    with served() as client:
        answer = client.post("/v1/articles", json=body)
        assert answer.status_code == 422
        assert answer.json()["code"] in ("invalid_request", "empty_text")
