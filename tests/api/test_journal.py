"""Every request has an id, a line and its figures; the unforeseen is answered; no line holds words of an article."""

import asyncio
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from fastapi import APIRouter, FastAPI, Request
from pydantic import TypeAdapter
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from service.api.journal import REQUEST_ID, Journal
from service.telemetry.metrics import Metrics
from tests.telemetry.piped import lines, piped
from tests.telemetry.test_metrics import figures

SECRET = "Words of an article that no log may hold."
ID = "0123456789abcdef01234567"


def _fail() -> None:
    try:
        TypeAdapter(int).validate_python(SECRET)
    except ValueError as error:
        raise RuntimeError(SECRET) from error


def _article(article_id: str, request: Request) -> str:
    request.state.owner = "key-1"
    return article_id


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def client(metrics: Metrics) -> TestClient:
    """An application with a route that fails, and one in a router with a prefix."""
    app, router = FastAPI(), APIRouter()
    app.get("/fail")(_fail)
    router.get("/articles/{article_id}")(_article)
    app.include_router(router, prefix="/v1")
    app.add_middleware(Journal, metrics=metrics)
    return TestClient(app)


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What is logged."""
    with piped() as written:
        yield written


def test_the_unforeseen_is_a_problem_without_particulars(client: TestClient) -> None:
    """The answer says that the service failed, and nothing of how."""
    answer = client.get("/fail")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "article" not in answer.text


def test_the_log_says_where_and_not_what(client: TestClient, written: StringIO) -> None:
    """Type and place of the error and of its cause are logged, their messages are not."""
    client.get("/fail")
    fault, request = lines(written)
    assert (fault["error"], fault["level"]) == ("RuntimeError", "error")
    assert "in _fail" in fault["exception"]
    assert "caused by" in fault["exception"]
    assert fault["request_id"] == request["request_id"]
    assert SECRET not in written.getvalue().replace("SECRET", "")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (f"/v1/articles/{ID}?title=Secret", {"route": "/v1/articles/{article_id}", "status": "200", "article_id": ID}),
        ("/v1/articles/Secret", {"route": "/v1/articles/{article_id}", "status": "200"}),
        ("/openapi.json", {"route": "/openapi.json", "status": "200"}),
        ("/Secret%0Aforged", {"route": "none", "status": "404"}),
    ],
)
def test_each_request_has_a_line_of_its_route(
    path: str, told: dict[str, str], client: TestClient, written: StringIO
) -> None:
    """Method, route, status, time, whose key it was, and the ids of the path; a path or query may hold a title."""
    client.get(path)
    (line,) = lines(written)
    assert line.pop("seconds") >= 0
    assert line.pop("owner", None) == ("key-1" if "articles" in path else None)
    shared = {"event", "logger", "level", "timestamp", "request_id", "method"}
    assert (line["event"], line["method"]) == ("request", "GET")
    assert {name: value for name, value in line.items() if name not in shared} == told
    assert "Secret" not in written.getvalue()


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a-1_B.2", True), ("x" * 64, True), ("", False), ("x" * 65, False), ("two words", False), ("-r", False)],
)
def test_a_request_keeps_an_id_that_is_a_plain_token(
    given: str, kept: bool, client: TestClient, written: StringIO
) -> None:
    """Any other is replaced by one of ours; the answer and the line have the same."""
    answer = client.get("/openapi.json", headers={REQUEST_ID: given})
    told = answer.headers[REQUEST_ID]
    assert lines(written)[0]["request_id"] == told
    assert told == given if kept else re.fullmatch("[0-9a-f]{32}", told)


def test_a_failure_has_its_id_too(client: TestClient) -> None:
    """Whoever reports it can say which it was."""
    assert client.get("/fail", headers={REQUEST_ID: "r-1"}).headers[REQUEST_ID] == "r-1"


def test_requests_are_counted_by_route(client: TestClient, metrics: Metrics) -> None:
    """Ids and unknown paths make no labels of their own."""
    for path in (f"/v1/articles/{ID}", "/v1/articles/another", "/one", "/two"):
        client.get(path)
    told = figures(metrics)
    assert told["secondsource_http_requests_total{method=GET,route=/v1/articles/{article_id},status=200}"] == 2
    assert told["secondsource_http_requests_total{method=GET,route=none,status=404}"] == 2
    assert told["secondsource_http_request_duration_seconds_count{method=GET,route=none}"] == 2


async def _called(app: Journal, stop: bool) -> list[Message]:
    """What is sent in answer to a request; where asked to, the server gives it up once it is under way."""
    sent = list[Message]()

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/articles", "headers": []}
    request = asyncio.create_task(app(scope, receive, send))
    await asyncio.sleep(0)
    if stop:
        request.cancel()
    await request
    return sent


async def test_a_server_that_stops_says_so() -> None:
    """A request that the server gives up on is answered with a problem, not cut off."""

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    sent = await _called(Journal(endless), stop=True)
    assert sent[0]["status"] == 503
    assert b'"code":"stopping"' in sent[1]["body"]


async def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    """Events that are being sent end when the server stops; the client asks for the rest."""
    metrics = Metrics()

    async def events(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    sent = await _called(Journal(events, metrics), stop=True)
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert figures(metrics)["secondsource_http_requests_total{method=POST,route=none,status=200}"] == 1


async def test_a_request_without_an_answer_is_told(written: StringIO) -> None:
    """Where the client went away before anything was said, the status is none."""

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        return

    await _called(Journal(silent), stop=False)
    assert lines(written)[0]["status"] == "none"
