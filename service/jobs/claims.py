"""The standing claims of a store: what has become of what was published, and the history of each.

Every change is one transaction, with the change itself told beside it. Two that change one claim at once do not write
over each other: the second is told that its claim is stale.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.report import ClaimReport, Verdict
from schemas.standing import Change, ClaimHistory, StandingClaim
from schemas.webhook import EventType
from service.errors import NotFound
from service.jobs.bearing import stems
from service.jobs.changes import Because, amended, holds, news
from service.pipeline.revise import differs
from service.store.database import Store, finished
from service.store.tables import ArticleRow, ChangeRow, CheckRow, ClaimRow, ClaimSourceRow, ClaimWordRow

Announce = Callable[[AsyncConnection, EventType, Mapping[str, Any]], Awaitable[Sequence[str]]]
"""Makes messages within a transaction of the caller's; returns what is to be delivered once that is kept."""

_SHOWN = tuple(
    getattr(ClaimRow, name) for name in ("id", "check_id", "first_at", "changed_at", "changes", "retired_at")
)


CLOCKS = timedelta(minutes=2)
"""So much the clocks of servers and workers may differ, and an article's transaction may take."""


class Place(NamedTuple):
    """Where a page of claims ends. A claim that changes after the page was read moves before all places."""

    changed_at: datetime
    id: str


@dataclass(frozen=True)
class Wanted:
    """Which claims a list is of. `query`: those that have all its content words, in any form."""

    query: str | None = None
    verdict: Verdict | None = None
    changed_since: datetime | None = None
    article_id: str | None = None
    retired: bool = False
    """Those that their articles' checks find no more, and those of articles that were withdrawn, too."""


class Amended(NamedTuple):
    """What came of a write. `stale`: claims that somebody changed since they were read; nothing of them was written."""

    changed: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    deliveries: tuple[str, ...] = ()


class Claims:
    """Over the same store as the checks. Every method raises StoreError where the database fails."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, wanted: Wanted, *, after: Place | None = None, limit: int = 50) -> tuple[StandingClaim, ...]:
        """Standing claims, the one that changed last first: from the beginning, or behind a place."""
        found = _claims().where(*_conditions(wanted))
        if after is not None:
            found = found.where(tuple_(ClaimRow.changed_at, ClaimRow.id) < (after.changed_at, after.id))
        rows = await self._store.rows(found.order_by(ClaimRow.changed_at.desc(), ClaimRow.id.desc()).limit(limit))
        return tuple(map(_claim, rows))

    async def one(self, claim_id: str) -> ClaimHistory:
        """The claim of an id, with its history.

        Raises:
            NotFound: there is none.
        """
        claims = await self.these([claim_id])
        if not claims:
            raise NotFound("There is no claim of this id.")
        history = select(ChangeRow.document).where(ChangeRow.claim_id == claim_id).order_by(ChangeRow.number)
        changes = tuple(Change.model_validate(row.document) for row in await self._store.rows(history))
        return ClaimHistory(**dict(claims[0]), history=changes[: claims[0].changes])

    async def these(self, claim_ids: Sequence[str]) -> tuple[StandingClaim, ...]:
        """The claims of these ids, in their order; ids of none are left out."""
        rows = await self._store.rows(_claims().where(ClaimRow.id.in_(claim_ids)))
        by_id = {row.id: _claim(row) for row in rows}
        return tuple(by_id[one] for one in claim_ids if one in by_id)

    async def using(self, article_id: str) -> tuple[StandingClaim, ...]:
        """The claims whose evidence quotes an article, retired ones too, in the order of their ids."""
        quoting = select(ClaimSourceRow.claim_id).where(ClaimSourceRow.article_id == article_id)
        return tuple(
            map(_claim, await self._store.rows(_claims().where(ClaimRow.id.in_(quoting)).order_by(ClaimRow.id)))
        )

    async def of(self, article_id: str) -> tuple[StandingClaim, ...]:
        """The claims of an article that stand and were assessed."""
        mine = (ClaimRow.article_id == article_id) & (ClaimRow.verdict != Verdict.NOT_ASSESSED)
        rows = await self._store.rows(_claims().where(mine, ClaimRow.retired_at.is_(None)).order_by(ClaimRow.id))
        return tuple(map(_claim, rows))

    async def late(self, article_id: str, among: Sequence[str] | None = None) -> frozenset[str]:
        """The articles that came in since the last check of an article began, and are held; at most 1000.

        `among`: of these alone.
        """
        checks = select(ClaimRow.check_id).where(ClaimRow.article_id == article_id)
        began = await self._store.rows(select(func.max(CheckRow.started_at).label("at")).where(CheckRow.id.in_(checks)))
        if began[0].at is None:
            return frozenset()
        came = select(ArticleRow.id).where(ArticleRow.added_at >= began[0].at - CLOCKS, ArticleRow.id != article_id)
        if among is not None:
            came = came.where(ArticleRow.id.in_(among))
        rows = await self._store.rows(came.where(ArticleRow.withdrawn_at.is_(None)).limit(1000))
        return frozenset(row.id for row in rows)

    async def amend(
        self, revised: Sequence[tuple[StandingClaim, ClaimReport]], because: Because, announce: Announce
    ) -> Amended:
        """Writes claims as they are now, each as it was read and its new report, all or nothing but for stale ones.

        A report that differs in neither verdict nor evidence is not written. Neither is anything where the cause
        holds no longer: an article that came in was withdrawn meanwhile, or one that was withdrawn is back.
        """

        async def write() -> Amended:
            changed: list[str] = []
            stale: list[str] = []
            deliveries: list[str] = []
            async with self._store.writing() as connection:
                if not await holds(connection, because):
                    return Amended()
                for before, after in sorted(revised, key=lambda pair: pair[0].id):
                    if not differs(after, before.report):
                        continue
                    if change := await amended(connection, before, after, because):
                        changed.append(before.id)
                        deliveries += await announce(connection, EventType.CLAIM_CHANGED, news(after, change))
                    else:
                        stale.append(before.id)
            return Amended(tuple(changed), tuple(stale), tuple(deliveries))

        return await finished(write())


async def standing(connection: AsyncConnection, article_id: str) -> tuple[StandingClaim, ...]:
    """All claims of an article, retired ones too, which nobody else changes before the transaction ends."""
    mine = _claims().where(ClaimRow.article_id == article_id).order_by(ClaimRow.id)
    return tuple(map(_claim, await connection.execute(mine.with_for_update())))


def _claims() -> Any:
    return select(*_SHOWN, ClaimRow.document)


def _claim(row: Any) -> StandingClaim:
    columns = {column.key: getattr(row, column.key) for column in _SHOWN}
    return StandingClaim(**columns, **row.document)


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.query is not None:
        yield _having(stems(wanted.query))
    if wanted.verdict is not None:
        yield ClaimRow.verdict == wanted.verdict
    if wanted.changed_since is not None:
        yield ClaimRow.changed_at >= wanted.changed_since
    if wanted.article_id is not None:
        yield ClaimRow.article_id == wanted.article_id
    if not wanted.retired:
        yield ClaimRow.retired_at.is_(None)
        yield ClaimRow.article_id.not_in(select(ArticleRow.id).where(ArticleRow.withdrawn_at.is_not(None)))


def _having(sought: frozenset[str]) -> ColumnElement[bool]:
    """Claims that have every one of these words; without a word, none."""
    entries = select(ClaimWordRow.claim_number).where(ClaimWordRow.word.in_(sorted(sought)))
    every = func.count() == max(len(sought), 1)
    return ClaimRow.number.in_(entries.group_by(ClaimWordRow.claim_number).having(every))
