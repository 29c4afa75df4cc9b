"""Webhooks over HTTP: registered, tried out, rotated, removed. The receiver is a real server on loopback."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest
from fastapi import FastAPI
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from service.api import webhooks
from service.api.problems import answer_problems
from service.jobs.delivery import Courier
from service.jobs.webhooks import WebhookStore
from service.outbound.addresses import Reach
from service.outbound.fetcher import Fetcher
from service.store.database import open_store
from tests.outbound.receiver import Answer, Receiver, receiving

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

EVENTS = ["check.completed", "claim.changed"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving([Answer(204)]) as server:
        yield server


@pytest.fixture
def client(receiver: Receiver) -> Iterator[TestClient]:
    """A client of the resource alone, with an empty store and a fetcher that may reach the receiver."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Courier]]:
        async with open_store("sqlite://") as store:
            reach = Reach([ip_network("127.0.0.0/8")], frozenset({80, 443, receiver.port}))
            yield {"courier": Courier(WebhookStore(store), Fetcher(reach, seconds=5))}

    app = FastAPI(lifespan=lifespan)
    answer_problems(app)
    app.include_router(webhooks.router, prefix="/v1")
    with TestClient(app) as opened:
        yield opened


def _registered(client: TestClient, receiver: Receiver) -> dict[str, str]:
    answer = client.post("/v1/webhooks", json={"url": receiver.url, "events": EVENTS})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


def test_a_webhook_is_registered(client: TestClient, receiver: Receiver) -> None:
    """201 with where it is, and the secret, which no other answer has."""
    answer = client.post("/v1/webhooks", json={"url": receiver.url, "events": EVENTS})
    made = answer.json()
    assert (answer.status_code, made["events"], answer.headers["cache-control"]) == (201, EVENTS, "no-store")
    held = client.get(answer.headers["location"]).json()
    assert held == {name: value for name, value in made.items() if name != "secret"}
    assert client.get("/v1/webhooks").json() == {"items": [held]}
    assert receiver.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://[::1]/",
        "http://0x7f000001/",
        "https://u:p@cms.example/",
        "https://cms.example:22/",
    ],
)
def test_a_url_inside_is_refused(client: TestClient, url: str) -> None:
    """422 with a code of its own, and nothing is stored."""
    answer = client.post("/v1/webhooks", json={"url": url, "events": EVENTS})
    assert (answer.status_code, answer.json()["code"]) == (422, "url_refused")
    assert client.get("/v1/webhooks").json() == {"items": []}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"events": EVENTS}, "/url"),
        ({"url": "ftp://cms.example/", "events": EVENTS}, "/url"),
        ({"url": "https://cms.example/", "events": []}, "/events"),
        ({"url": "https://cms.example/", "events": ["check.done", EVENTS[0]]}, "/events/0"),
        ({"url": "https://cms.example/", "events": EVENTS, "secret": "mine"}, "/secret"),
    ],
)
def test_a_body_that_does_not_fit(client: TestClient, body: dict[str, object], pointer: str) -> None:
    """422 that names the field."""
    answer = client.post("/v1/webhooks", json=body)
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(("status", "state"), [(204, "delivered"), (500, "failed")])
def test_a_webhook_is_tried_out(client: TestClient, receiver: Receiver, status: int, state: str) -> None:
    """The answer tells what became of the one message, which is listed and signed like any other."""
    receiver.answers = [Answer(status)]
    made = _registered(client, receiver)
    told = client.post(f"/v1/webhooks/{made['id']}/test").json()
    assert (told["type"], told["state"], told["status"], told["attempts"]) == ("webhook.test", state, status, 1)
    assert client.get(f"/v1/webhooks/{made['id']}/deliveries").json() == {"items": [told], "next": None}
    (asked,) = receiver.asked
    assert Webhook(made["secret"]).verify(asked.body, dict(asked.headers))["data"] == {"webhook_id": made["id"]}


def test_a_secret_is_rotated(client: TestClient, receiver: Receiver) -> None:
    """The new one is shown once; old and new both sign."""
    made = _registered(client, receiver)
    answer = client.post(f"/v1/webhooks/{made['id']}/secret")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    new = answer.json()["secret"]
    assert new != made["secret"]
    client.post(f"/v1/webhooks/{made['id']}/test")
    for secret in (made["secret"], new):
        assert Webhook(secret).verify(receiver.asked[0].body, dict(receiver.asked[0].headers))


def test_deliveries_in_pages(client: TestClient, receiver: Receiver) -> None:
    """A page says where the next begins."""
    path = f"/v1/webhooks/{_registered(client, receiver)['id']}"
    sent = [client.post(f"{path}/test").json()["id"] for _ in range(3)]
    first = client.get(f"{path}/deliveries?limit=2").json()
    second = client.get(f"{path}/deliveries?limit=2&cursor={first['next']}").json()
    assert [one["id"] for page in (first, second) for one in page["items"]] == sent[::-1]
    assert second["next"] is None


def test_a_webhook_is_removed(client: TestClient, receiver: Receiver) -> None:
    """204, and it is not found afterwards, whatever is asked of it."""
    path = f"/v1/webhooks/{_registered(client, receiver)['id']}"
    assert client.delete(path).status_code == 204
    answers = [
        client.get(path),
        client.delete(path),
        client.get(f"{path}/deliveries"),
        client.post(f"{path}/secret"),
        client.post(f"{path}/test"),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}


@pytest.mark.parametrize(
    "path", ["0", "%00", "x" * 32, f"{'0' * 32}/deliveries?cursor=%00", f"{'0' * 32}/deliveries?limit=0"]
)
def test_what_is_no_id_does_not_fit(client: TestClient, path: str) -> None:
    """422 before the store is asked: PostgreSQL takes no NUL."""
    assert client.get(f"/v1/webhooks/{path}").status_code == 422
