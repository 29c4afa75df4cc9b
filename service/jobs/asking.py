"""How a client asks for a check: once for each of its own keys, however often it asks."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from schemas.check import Check
from service.errors import KeyReused
from service.jobs.checks import Checks, queued
from service.store.database import Store, finished
from service.store.tables import IdempotencyRow


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
        """What the same request came to before, or None.

        Raises:
            KeyReused: it was sent with something else.
        """
        mine = (IdempotencyRow.owner == once.owner) & (IdempotencyRow.key == once.key)
        rows = await self._store.rows(select(*IdempotencyRow.__table__.columns).where(mine))
        if not rows:
            return None
        row = rows[0]
        if row.sha256 != once.sha256:
            raise KeyReused("This Idempotency-Key was sent with another request before; use a new one.")
        check = await Checks(self._store).check(row.check_id) if row.check_id else None
        return Answered(row.status, row.article_id, check, again=True)

    async def ask(self, article_id: str, model: str | None, once: Once | None, status: int) -> Answered:
        """Has an article checked by a model; without one it is only written down what the request came to.

        Raises:
            KeyReused: see `before`. StoreError: the database failed.
        """

        async def write() -> str | None:
            async with self._store.writing() as connection:
                check_id = await queued(connection, article_id, model) if model else None
                if once:
                    values = {"owner": once.owner, "key": once.key, "sha256": once.sha256, "at": datetime.now(UTC)}
                    told = {"status": status, "article_id": article_id, "check_id": check_id}
                    await connection.execute(insert(IdempotencyRow).values(**values, **told))
                return check_id

        try:
            check_id = await finished(write())
        except IntegrityError:
            if once and (before := await self.before(once)):  # the same request came twice at one moment
                return before
            raise
        return Answered(status, article_id, await Checks(self._store).check(check_id) if check_id else None)
