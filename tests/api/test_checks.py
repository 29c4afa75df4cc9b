"""A check ends when nobody waits for it any longer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Message

from service.api.app import create_app
from service.corpus.memory import MemoryCorpus
from service.llm.protocol import Reply, Request
from service.pipeline.desk import Desk
from service.settings import Settings
from tests.api.served import TOWN


class _Endless:
    """A model that never answers, and notes that it was asked and that the asking was ended."""

    name = "endless"

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.ended = False

    async def complete(self, request: Request) -> Reply:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True
        raise AssertionError(request)

    async def aclose(self) -> None:
        """Nothing is held."""


async def test_a_client_that_goes_away_ends_its_check() -> None:
    """The model is not asked further, the article stays stored, and there is no report."""
    corpus, model = MemoryCorpus(), _Endless()
    sent: list[Message] = []

    @asynccontextmanager
    async def desk(_: Settings) -> AsyncIterator[Desk]:
        yield Desk(corpus=corpus, backend=model)

    async def receive() -> Message:
        if not sent_body.is_set():
            sent_body.set()
            return {"type": "http.request", "body": TOWN.encode(), "more_body": False}
        await model.asked.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    sent_body = asyncio.Event()
    app = create_app(Settings(), desk=desk)
    async with app.router.lifespan_context(app) as state:
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/articles",
            "query_string": b"",
            "headers": [(b"content-type", b"text/plain")],
            "state": dict(state or {}),
        }
        await app(scope, receive, send)
    assert model.ended
    assert sent[0]["status"] == 499
    assert (await corpus.snapshot(without="")).articles == 1
