"""The application as tests serve it: a corpus in memory, a scripted model, and everything else as in earnest."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from starlette.testclient import TestClient

from schemas.usage import Stage
from service.api.app import create_app
from service.corpus.memory import MemoryCorpus
from service.corpus.protocol import Corpus
from service.errors import ModelError
from service.llm.protocol import Backend, Reply, Request
from service.llm.scripted import Scripted
from service.pipeline.desk import Desk, Limits
from service.settings import Settings

TOWN = "The new bridge in Marbach opened on Monday. It carries lorries of up to 40 tonnes, the mayor said."
POST = "Lorries of more than 30 tonnes may not use the new bridge in Marbach. It opened on Monday."
NDR = "A new bridge opened in Marbach on Monday. Residents had waited four years for it."

_SET = {"languages": ("en",), "max_characters": 200_000}
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


@contextmanager
def served(
    answer: Answer = one_claim_that_conflicts,
    *,
    corpus: Corpus | None = None,
    backend: Backend | None = None,
    **settings: Any,
) -> Iterator[TestClient]:
    """A client of a fresh application. A call that fails is tried again only where the model says when."""
    held = corpus or MemoryCorpus()

    @asynccontextmanager
    async def desk(_: Settings) -> AsyncIterator[Desk]:
        yield Desk(corpus=held, backend=backend or Scripted(answer), limits=Limits(attempts=1), code_version="test")

    with TestClient(create_app(Settings(**{**_SET, **settings}), desk=desk)) as client:
        yield client


def held(client: TestClient) -> int:
    """How many articles the application holds, told by a check of one more."""
    probe = client.post("/v1/articles", json={"text": "The probe of this test was launched from Kourou on Friday."})
    articles: int = probe.json()["provenance"]["corpus"]["articles"]
    return articles
