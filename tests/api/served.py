"""The application as tests serve it: a scripted model, a database of its own, and everything else as in earnest."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from schemas.key import Scope
from schemas.usage import Stage
from service.api.app import create_app
from service.bootstrap import Service, serving
from service.corpus.opening import open_corpus
from service.corpus.protocol import Corpus
from service.errors import ModelError
from service.jobs.keys import Keys
from service.llm.protocol import Backend, Reply, Request
from service.llm.scripted import Scripted
from service.pipeline.desk import Desk, Limits
from service.settings import Settings
from service.store.database import open_store
from service.telemetry.metrics import Metrics

TOWN = "The new bridge in Marbach opened on Monday. It carries lorries of up to 40 tonnes, the mayor said."
POST = "Lorries of more than 30 tonnes may not use the new bridge in Marbach. It opened on Monday."
NDR = "A new bridge opened in Marbach on Monday. Residents had waited four years for it."

WAITING = {"prefer": "wait=60"}
"""What `served` clients send where a test does not say otherwise."""
AT_ONCE = {"prefer": "respond-async"}

ONCE = Limits(attempts=1)
"""A call that fails is not tried again."""

_SET: dict[str, Any] = {
    "rate": "off",
    "check_rate": "off",
    "languages": ("en",),
    "max_characters": 200_000,
    "database_url": "sqlite://",
}
"""Whatever the environment says."""

Answer = Callable[[Request], Reply | str | ModelError]


def one_claim_that_conflicts(request: Request) -> str:
    """The first line asked about is a claim; the first line shown conflicts with it."""
    if request.stage is Stage.EXTRACT:
        claim = "The new bridge in Marbach opened on Monday."
        said = {"lines": [1], "words": "", "claim": claim, "who": "", "where": "Marbach", "speaker": "", "worth": 2}
        return json.dumps({"claims": [said]})
    found = {"lines": [1], "why": "30 is not 40.", "stance": "conflicts_number", "confidence": "high"}
    return json.dumps({"claims": [{"claim": 1, "evidence": [found]}]})


def failing(error: ModelError) -> Answer:
    """A model that always fails in one way."""
    return lambda _: error


@asynccontextmanager
async def scripted_service(
    settings: Settings, metrics: Metrics, backend: Backend, limits: Limits = ONCE, corpus: Corpus | None = None
) -> AsyncIterator[Service]:
    """A service whose work is done in this process and ends with it, whatever its database is."""
    async with open_store(settings.database_url) as store, open_corpus(store) as stored:
        desk = Desk(corpus=corpus or stored, backend=backend, limits=limits, code_version="test")
        inline = settings.model_copy(update={"database_url": "sqlite://"})
        async with serving(inline, store, desk, metrics) as service:
            yield service


HERE = "http://127.0.0.1"
"""Without a key only this machine is served, by its address."""


@contextmanager
def served(
    answer: Answer = one_claim_that_conflicts,
    *,
    backend: Backend | None = None,
    limits: Limits = ONCE,
    corpus: Corpus | None = None,
    **settings: Any,
) -> Iterator[TestClient]:
    """A client of a fresh application, which waits for its checks."""

    def opened(given: Settings, metrics: Metrics) -> AbstractAsyncContextManager[Service]:
        return scripted_service(given, metrics, backend or Scripted(answer), limits, corpus)

    app = create_app(Settings(**{**_SET, **settings}), service=opened)
    with TestClient(app, headers=WAITING, base_url=HERE, client=("127.0.0.1", 50000)) as client:
        yield client


def made_key(client: TestClient, scope: Scope) -> str:
    """A new key of the application; from the first on it needs one."""
    keys: Keys = client.app_state["gate"].keys
    assert client.portal
    _, secret = client.portal.call(keys.create, "desk", scope)
    return secret


def article_of(answer: Response) -> str:
    """The path of the article that was stored, or checked."""
    told = answer.json()
    return f"/v1/articles/{told['article']['id'] if 'article' in told else told.get('article_id') or told['id']}"


def held(client: TestClient) -> int:
    """How many articles the application holds."""
    return len(client.get("/v1/articles?limit=200").json()["items"])
