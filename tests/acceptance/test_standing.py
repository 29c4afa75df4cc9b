"""An editor's question, over HTTP: what has become of what we published? On each database, with recorded answers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from service.llm.replay import ReplayBackend
from service.pipeline.desk import Limits
from service.pipeline.folder import article_files, submission
from tests.api.served import article_of, served
from tests.outbound.receiver import Answer, Receiver, receiving
from tests.recordings.recorded import IN_ORDER, ORDER
from tests.seeds import CASSETTES, SEEDS

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1", "localhost"])

CLAIM = "Aleppo is Syria's largest city."


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Who is told of what changes."""
    with receiving([Answer(204)]) as opened:
        yield opened


@pytest.fixture
def client(database_url: str, receiver: Receiver) -> Iterator[TestClient]:
    """A newsroom with a webhook, answered from the recordings."""
    reach: dict[str, Any] = {"allowed_networks": ("127.0.0.0/8",), "allowed_ports": (receiver.port,)}
    backend = ReplayBackend(CASSETTES / IN_ORDER)
    with served(backend=backend, limits=Limits(attempts=1), database_url=database_url, **reach) as opened:
        yield opened


def _come_in(client: TestClient, number: str) -> str:
    """The path of a seed that was handed in and checked, and held against earlier claims."""
    (file,) = (file for file in article_files([SEEDS]) if file.name.startswith(number))
    answer = client.post("/v1/articles", json=submission(file).model_dump(mode="json", exclude_none=True))
    assert answer.status_code == 201, answer.text
    assert client.portal is not None
    client.portal.call(client.app_state["service"].dispatch.idle)
    return article_of(answer)


def test_the_seeds_come_in_by_their_days(client: TestClient, receiver: Receiver) -> None:
    """A claim of the first article falls when the second comes in; the webhook is told; a withdrawal takes it back."""
    registered = client.post("/v1/webhooks", json={"url": f"{receiver.url}/hook", "events": ["claim.changed"]}).json()
    first, second, *_ = [_come_in(client, number) for number in ORDER]
    claims = client.get("/v1/claims", params={"query": "Aleppo largest city"}).json()["items"]
    (claim,) = [one for one in claims if one["report"]["claim"]["text"] == CLAIM]
    assert first.endswith(claim["article"]["id"])
    history = client.get(f"/v1/claims/{claim['id']}").json()["history"]
    assert [(one["cause"], one["before"], one["after"]) for one in history] == [
        ("check", None, "nothing_found"),
        ("article", "nothing_found", "contradicted"),
    ]
    assert second.endswith(history[1]["source"]["id"])
    changed = client.get("/v1/claims", params={"changed_since": history[1]["at"], "verdict": "contradicted"}).json()
    assert claim["id"] in [one["id"] for one in changed["items"]]

    told = [asked for asked in receiver.asked if claim["id"] in asked.body.decode()]
    (message,) = [Webhook(registered["secret"]).verify(one.body, dict(one.headers)) for one in told]
    assert (message["type"], message["data"]["after"]) == ("claim.changed", "contradicted")
    assert CLAIM not in json.dumps(message)

    assert client.delete(second).status_code == 204
    assert client.portal is not None
    client.portal.call(client.app_state["service"].dispatch.idle)
    last = client.get(f"/v1/claims/{claim['id']}").json()["history"][-1]
    assert (last["cause"], last["before"], last["after"]) == ("withdrawal", "contradicted", "nothing_found")
