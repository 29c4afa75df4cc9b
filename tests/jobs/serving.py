"""A store with two articles, one about to be checked, and what runs checks over it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from schemas.usage import Stage
from service.corpus.opening import open_corpus
from service.jobs.bell import Bell
from service.jobs.checks import Checks
from service.jobs.queue import Kind
from service.jobs.runner import Runner
from service.llm.protocol import Backend, Reply, Request
from service.llm.scripted import Scripted
from service.pipeline.desk import Desk, Limits
from service.store.database import Store, open_store
from tests.pipeline.test_garbage import CHECKED, CLAIM, EVIDENCE, OTHER, article, extraction, judgement

ARTICLE = article(CHECKED)


def agreeing(request: Request) -> str:
    """One claim in each window; one piece of evidence for each."""
    return extraction(CLAIM) if request.stage is Stage.EXTRACT else judgement(EVIDENCE)


@dataclass
class Waiting:
    """A backend that answers nothing to a stage until it is let go."""

    stage: Stage
    answer: Callable[[Request], str] = agreeing
    name: str = "waiting"
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    requests: list[Request] = field(default_factory=list)

    async def complete(self, request: Request) -> Reply:
        self.requests.append(request)
        if request.stage is self.stage:
            self.asked.set()
            await self.go.wait()
        return Reply(self.answer(request), self.name, prompt_tokens=10, completion_tokens=5)

    async def aclose(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class Served:
    """The parts, and what has ended so far."""

    store: Store
    desk: Desk
    checks: Checks
    runner: Runner
    sent: list[tuple[Kind, str]]

    async def ask(self) -> str:
        """The id of a new check of `ARTICLE`."""
        return (await self.checks.ask(ARTICLE.id, "m")).id


class Noted:
    """A `Dispatch` that notes what it is sent, and does none of it."""

    def __init__(self) -> None:
        self.sent: list[tuple[Kind, str]] = []

    async def send(self, kind: Kind, *ids: str) -> None:
        self.sent += [(kind, one) for one in ids]


@asynccontextmanager
async def serving(backend: Backend | None = None, url: str = "sqlite://", version: str = "1") -> AsyncIterator[Served]:
    """The parts over a database, which has the articles already where it was served before."""
    noted = Noted()
    async with open_store(url) as store, open_corpus(store) as corpus:
        for one in (ARTICLE, article(OTHER)):
            await corpus.add(one)
        desk = Desk(corpus, backend or Scripted(agreeing), Limits(attempts=1, window=1), code_version=version)
        yield Served(store, desk, Checks(store), Runner(store, desk, Bell(), noted), noted.sent)
