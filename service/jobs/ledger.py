"""The journal of a check, kept in the store; and the replies that are kept for all checks."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, select

from schemas.check import CheckState
from service.errors import Cancelled, StoreError, Superseded
from service.jobs.checks import Run
from service.llm.kept import reply_read
from service.llm.protocol import Reply
from service.pipeline.term import Term
from service.store.database import Store, finished
from service.store.tables import CallRow, CheckRow, ReplyRow


class Ledger:
    """A `Journal` of one run. It lets nothing be asked any more where the check was cancelled or taken away."""

    def __init__(self, store: Store, run: Run, term: Term) -> None:
        """`term`: the run's; it ends where the journal fails, for what was paid for must not be lost."""
        self._store, self._run, self._term = store, run, term
        self.failed: StoreError | None = None
        """Why the run cannot be believed: it is to be done again."""

    async def recorded(self) -> Mapping[str, dict[str, Any]]:
        """See `Journal`."""
        mine = select(CallRow.key, CallRow.outcome).where(CallRow.check_id == self._run.check_id)
        with self._failing():
            return {row.key: row.outcome for row in await self._store.rows(mine.order_by(CallRow.key))}

    async def recall(self, key: str) -> dict[str, Any] | None:
        """See `Journal`.

        Raises:
            Cancelled: nothing is recorded, and nothing more is to be asked. Superseded: another worker goes on.
        """
        with self._failing():
            return await self._recalled(key)

    async def record(self, key: str, outcome: dict[str, Any]) -> None:
        """See `Journal`."""
        with self._failing():
            await finished(_added(self._store, CallRow, check_id=self._run.check_id, key=key, outcome=outcome))

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            self.failed = error
            self._term.end(error)
            raise

    async def _recalled(self, key: str) -> dict[str, Any] | None:
        recorded = and_(CallRow.check_id == CheckRow.id, CallRow.key == key)
        wanted = select(CheckRow.state, CheckRow.runs, CallRow.outcome).outerjoin(CallRow, recorded)
        rows = await self._store.rows(wanted.where(CheckRow.id == self._run.check_id))
        if not rows or rows[0].runs != self._run.number:
            raise Superseded("Another worker has taken this check up.")
        if rows[0].state in {CheckState.DONE, CheckState.FAILED}:
            raise Superseded("The check has ended.")
        outcome: dict[str, Any] | None = rows[0].outcome
        if outcome is None and rows[0].state == CheckState.CANCELLED:
            raise Cancelled("The check was cancelled before this was done.")
        return outcome


class StoredReplies:
    """`Replies` in the store. `server`: where the model answers, for one name may be another model elsewhere."""

    def __init__(self, store: Store, server: str = "", reused: Callable[[], None] = lambda: None) -> None:
        """`reused` is called when a reply answers once more."""
        self._store, self._server, self._reused = store, server, reused

    async def get(self, key: str) -> Reply | None:
        """See `Replies`."""
        with suppress(StoreError):
            rows = await self._store.rows(select(ReplyRow.reply).where(ReplyRow.key == self._key(key)))
            if reply := reply_read(rows[0].reply) if rows else None:
                self._reused()
                return reply
        return None

    async def put(self, key: str, reply: Reply) -> None:
        """See `Replies`."""
        with suppress(StoreError):
            kept = {"key": self._key(key), "reply": asdict(reply), "kept_at": datetime.now(UTC)}
            await finished(_added(self._store, ReplyRow, **kept))

    def _key(self, key: str) -> str:
        return hashlib.sha256(f"{self._server}\n{key}".encode()).hexdigest()


async def _added(store: Store, table: type[CallRow | ReplyRow], **values: Any) -> None:
    """Adds a row where there is none of its key."""
    async with store.writing() as connection:
        await connection.execute(store.insert(table).values(**values).on_conflict_do_nothing())
