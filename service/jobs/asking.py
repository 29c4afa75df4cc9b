"""How a client asks for a check: once for each of its own keys, however often it asks."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.check import Check
from service.errors import KeyReused
from service.jobs.checks import Checks, queued
from service.store.database import Store, finished
from service.store.tables import IdempotencyRow

_UNFINISHED = 0
"""The status of a request that has not come to its end, or never will: its process ended."""


@dataclass(frozen=True)
class Once:
    """A client's Idempotency-Key. `owner`: whose it is; `sent`: all that came with it."""

    owner: str
    key: str
    sent: str

    @property
    def sha256(self) -> str:
        """Of what was sent."""
        return hashlib.sha256(self.sent.encode()).hexdigest()


@dataclass(frozen=True)
class Answered:
    """What a request came to: the status it was answered with, its article, and its check, where it wanted one."""

    status: int
    article_id: str
    check: Check | None
    again: bool = False
    """It had come before, and was answered as then."""


class Asking:
    """Over the same store as the checks."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def before(self, once: Once) -> Answered | None:
        """What the same request came to before; None where it is new, or was not brought to its end.

        Raises:
            KeyReused: it was sent with something else.
        """
        rows = await self._store.rows(select(*IdempotencyRow.__table__.columns).where(_mine(once)))
        return await self._as_before(once, rows[0]) if rows else None

    async def claim(self, once: Once, article_id: str) -> Answered | None:
        """Takes a client's key for a request before anything is stored for it; as `before` where that was done already.

        Raises:
            KeyReused: see `before`. StoreError: the database failed.
        """

        async def taken() -> bool:
            values = {"owner": once.owner, "key": once.key, "sha256": once.sha256, "at": datetime.now(UTC)}
            mine = self._store.insert(IdempotencyRow).values(**values, status=_UNFINISHED, article_id=article_id)
            async with self._store.writing() as connection:
                new = await connection.execute(mine.on_conflict_do_nothing().returning(IdempotencyRow.key))
                return new.first() is not None

        return None if await finished(taken()) else await self.before(once)

    async def ask(self, article_id: str, model: str | None, once: Once | None, status: int) -> Answered:
        """Has an article checked by a model; without one it is only written down what the request came to.

        A request whose key was claimed is brought to its end once, however many bring it there at one moment.

        Raises:
            StoreError: the database failed.
        """

        async def write() -> Answered | Row[Any]:
            async with self._store.writing() as connection:
                if once and (known := await _known(connection, once)) is not None:
                    return known
                check = await queued(connection, article_id, model) if model else None
                if once:
                    done = {"status": status, "article_id": article_id, "check_id": check.id if check else None}
                    await connection.execute(update(IdempotencyRow).where(_mine(once)).values(**done))
                return Answered(status, article_id, check)

        made = await finished(write())
        return made if isinstance(made, Answered) else await self._again(made)

    async def _as_before(self, once: Once, row: Row[Any]) -> Answered | None:
        if row.sha256 != once.sha256:
            raise KeyReused("This Idempotency-Key was sent with another request before; use a new one.")
        return None if row.status == _UNFINISHED else await self._again(row)

    async def _again(self, row: Row[Any]) -> Answered:
        check = await Checks(self._store).check(row.check_id) if row.check_id else None
        return Answered(row.status, row.article_id, check, again=True)


async def _known(connection: AsyncConnection, once: Once) -> Row[Any] | None:
    """What a request has come to already; its row is nobody else's until the transaction ends."""
    wanted = select(*IdempotencyRow.__table__.columns).where(_mine(once)).with_for_update()
    row = (await connection.execute(wanted)).one_or_none()
    return None if row is None or row.status == _UNFINISHED else row


def _mine(once: Once) -> ColumnElement[bool]:
    return and_(IdempotencyRow.owner == once.owner, IdempotencyRow.key == once.key)
