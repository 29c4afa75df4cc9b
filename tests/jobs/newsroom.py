"""A newsroom in small: articles are checked, standing claims are revised, and what is announced is noted."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.article import Article
from schemas.report import Report
from schemas.standing import StandingClaim
from schemas.webhook import EventType
from service.corpus.opening import open_corpus
from service.corpus.protocol import Corpus
from service.jobs.checks import queued
from service.jobs.claims import CLOCKS, Claims, Wanted
from service.jobs.ledger import StoredReplies
from service.jobs.revision import Revised, Revision
from service.jobs.settling import Settled, settle
from service.pipeline.desk import Desk, Limits
from service.pipeline.run import check
from service.store.database import Store, finished, open_store
from service.store.tables import CheckRow
from tests.pipeline.reader import Reader


@dataclass(frozen=True)
class Newsroom:
    """The parts, and what was announced so far."""

    store: Store
    corpus: Corpus
    desk: Desk
    model: Reader
    announced: list[dict[str, Any]] = field(default_factory=list)

    @property
    def claims(self) -> Claims:
        return Claims(self.store)

    def revision(self, standing: int = 24) -> Revision:
        return Revision(self.store, self.desk, self.announce, standing)

    async def announce(self, _: AsyncConnection, event: EventType, data: Mapping[str, Any]) -> Sequence[str]:
        assert event is EventType.CLAIM_CHANGED
        self.announced.append(dict(data))
        return [f"msg_{len(self.announced)}"]

    async def begun(self, article: Article) -> str:
        """The id of a check that a worker has taken up."""

        async def begin() -> str:
            async with self.store.writing() as connection:
                check_id = (await queued(connection, article.id, "m")).id
                began = datetime.now(UTC) + CLOCKS  # what came in before did so long enough ago
                taken = update(CheckRow).where(CheckRow.id == check_id).values(started_at=began)
                await connection.execute(taken)
                return check_id

        return await finished(begin())

    async def settled(self, check_id: str, report: Report) -> Settled:
        """What the end of a check with this report comes to."""

        async def end() -> Settled:
            async with self.store.writing() as connection:
                return await settle(connection, check_id, report)

        return await finished(end())

    async def checked(self, article: Article) -> Settled:
        """Stores an article, and checks it."""
        await self.corpus.add(article)
        check_id = await self.begun(article)
        return await self.settled(check_id, await check(article, self.desk))

    async def comes_in(self, article: Article) -> Revised:
        """Stores an article, and revises the claims that it bears on."""
        await self.corpus.add(article)
        return await self.revision().run(article.id)

    async def standing(self) -> list[StandingClaim]:
        """All claims that stand, in order of their texts."""
        return sorted(await self.claims.find(Wanted(), limit=1000), key=lambda one: one.report.claim.text)


@asynccontextmanager
async def newsroom(url: str, *, replies: bool = False) -> AsyncIterator[Newsroom]:
    """A newsroom over a database. `replies`: the model's are kept."""
    model = Reader()
    async with open_store(url) as store, open_corpus(store) as corpus:
        kept = StoredReplies(store) if replies else None
        yield Newsroom(store, corpus, Desk(corpus, model, Limits(attempts=1, window=100), replies=kept), model)
