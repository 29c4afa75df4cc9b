"""A check is the service's, not its client's."""

import asyncio
from typing import Any

from starlette.types import Message

from schemas.check import CheckState
from service.api.app import create_app
from service.bootstrap import Service
from service.llm.protocol import Reply, Request
from service.settings import Settings
from tests.api.served import TOWN, one_claim_that_conflicts, scripted_service


class _Slow:
    """A model that answers when it is let go."""

    name = "slow"

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def complete(self, request: Request) -> Reply:
        self.asked.set()
        await self.go.wait()
        return Reply(one_claim_that_conflicts(request), self.name)

    async def aclose(self) -> None:
        """Nothing is held."""


async def test_a_client_that_goes_away_leaves_its_check() -> None:
    """Nobody waits for the answer any longer; the check goes on to its end, and the report is there."""
    model, sent = _Slow(), list[Message]()

    async def receive() -> Message:
        if not sent_body.is_set():
            sent_body.set()
            return {"type": "http.request", "body": TOWN.encode(), "more_body": False}
        await model.asked.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    sent_body = asyncio.Event()
    settings = Settings(database_url="sqlite://")
    app = create_app(settings, service=lambda given, metrics: scripted_service(given, metrics, model))
    async with app.router.lifespan_context(app) as state:
        await app(_posting(dict(state or {})), receive, send)
        assert sent[0]["status"] == 202
        model.go.set()
        service: Service = dict(state or {})["service"]
        (check,) = (await service.checks.page(limit=2)).items
        with service.bell.listening(check.id) as news:
            while not (await service.checks.check(check.id)).state.ended:
                await news(0.2)
        assert (await service.checks.check(check.id)).state is CheckState.DONE
        assert await service.checks.report(check.id)


def _posting(state: dict[str, Any]) -> dict[str, Any]:
    """A request that stores and checks a text, and waits for the report."""
    return {
        "type": "http",
        "method": "POST",
        "path": "/v1/articles",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"text/plain"), (b"prefer", b"wait=60")],
        "client": ("127.0.0.1", 50000),
        "state": state,
    }
