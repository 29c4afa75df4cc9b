"""What nobody foresaw is answered and logged, and no log line holds words of an article."""

import asyncio
import logging

import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from service.api.journal import Journal

SECRET = "Words of an article that no log may hold."


def _fail() -> None:
    try:
        TypeAdapter(int).validate_python(SECRET)
    except ValueError as error:
        raise RuntimeError(SECRET) from error


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.add_middleware(Journal)
    app.get("/fail")(_fail)
    app.get("/fine")(lambda: "fine")
    return TestClient(app)


def test_the_unforeseen_is_a_problem_without_particulars(client: TestClient) -> None:
    """The answer says that the service failed, and nothing of how."""
    answer = client.get("/fail")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "article" not in answer.text


def test_the_log_says_where_and_not_what(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """Type and place of the error and of its cause are logged, their messages are not."""
    client.get("/fail")
    assert "RuntimeError" in caplog.text
    assert "in _fail" in caplog.text
    assert "caused by" in caplog.text
    assert SECRET not in caplog.text.replace("SECRET", "")


def test_each_request_has_a_line_without_its_query(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """Method, path, status and time; the query may hold a title and is left out."""
    caplog.set_level(logging.INFO)
    client.get("/fine?title=Secret")
    client.get("/fine%0Aforged")
    lines = [record.getMessage() for record in caplog.records if record.name == "service.api.journal"]
    assert lines[0].startswith("GET '/fine' 200 ")
    assert lines[1].startswith("GET '/fine\\nforged' 404 ")
    assert "Secret" not in "".join(lines)


async def test_a_server_that_stops_says_so() -> None:
    """A request that the server gives up on is answered with a problem, not cut off."""
    begun, sent = asyncio.Event(), list[Message]()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/articles"}
    request = asyncio.create_task(Journal(endless)(scope, receive, send))
    await begun.wait()
    request.cancel()
    await request
    assert sent[0]["status"] == 503
    assert b'"code":"stopping"' in sent[1]["body"]
