"""Which workers live. Each holds a numbered slot of its database, which the system takes from it when it dies.

On SQLite a slot is a locked file beside the database, on PostgreSQL an advisory lock of a session.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from service.errors import StoreError
from service.store.database import Store

MOST = 1000
"""So many slots there are."""

_ANSWERS_SECONDS = 15
"""A connection that is silent for longer is taken for broken."""

_LOCKS = 0x53325343
"""The first half of our advisory locks ("S2SC"); the second is the number of the slot."""


class Slots:
    """The slots of the database at a URL, numbered from 0."""

    def __init__(self, store: Store, url: str) -> None:
        self._store = store
        self._file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
        self._sessions: dict[int, AsyncConnection] = {}

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[int]:
        """The first slot that is free, held for as long as the context lasts.

        So a worker that is started anew gets the slot, and the work, of the one that ended.

        Raises:
            StoreError: the database failed.
        """
        for number in range(MOST):
            async with self.held(number) as ours:
                if ours:
                    yield number
                    return
        raise StoreError(f"There are {MOST} workers already.")

    @asynccontextmanager
    async def held(self, number: int) -> AsyncIterator[bool]:
        """Holds a slot for as long as the context lasts; False where somebody else does."""
        async with self._locked_file(self._file, number) if self._file else self._locked(number) as ours:
            yield ours

    async def living(self) -> list[int]:
        """The slots that are held, in their order. On PostgreSQL nothing is locked in order to look.

        Raises:
            StoreError: the database failed.
        """
        if self._file:
            return sorted(number for number in _begun(self._file) if _is_held(self._file, number))
        held = text(
            "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = :locks AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return sorted(row.objid for row in await self._store.rows(held, {"locks": _LOCKS}))

    async def lost(self, number: int) -> bool:
        """Whether a slot that was taken here is so no longer: the connection that held it broke."""
        session = self._sessions.get(number)
        if session is None:
            return False
        try:
            async with asyncio.timeout(_ANSWERS_SECONDS):
                await session.execute(text("SELECT 1"))
        except (SQLAlchemyError, TimeoutError):
            return True
        return False

    @asynccontextmanager
    async def _locked_file(self, file: Path, number: int) -> AsyncIterator[bool]:
        lock = os.open(_lock(file, number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(lock)

    @asynccontextmanager
    async def _locked(self, number: int) -> AsyncIterator[bool]:
        """A lock of a session of its own, which the server ends when it hears nothing from us for a while."""
        names = {"locks": _LOCKS, "number": number}
        try:
            async with self._store.engine.connect() as connection:
                session = await connection.execution_options(isolation_level="AUTOCOMMIT")
                for setting in ("tcp_keepalives_idle = 10", "tcp_keepalives_interval = 5", "tcp_keepalives_count = 3"):
                    await session.execute(text(f"SET {setting}"))
                ours = bool(await session.scalar(text("SELECT pg_try_advisory_lock(:locks, :number)"), names))
                if ours:
                    self._sessions[number] = session
                try:
                    yield ours
                finally:
                    if ours and not await self.lost(number):
                        await session.execute(text("SELECT pg_advisory_unlock(:locks, :number)"), names)
                    self._sessions.pop(number, None)
        except SQLAlchemyError as error:
            raise StoreError(f"The database failed: {type(error).__name__}.") from error


def _lock(file: Path, number: int) -> Path:
    return file.with_name(f"{file.name}.worker-{number}.lock")


def _begun(file: Path) -> list[int]:
    """The slots of which there is a file."""
    numbers = (one.name.removeprefix(f"{file.name}.worker-").removesuffix(".lock") for one in file.parent.iterdir())
    return [int(number) for number in numbers if number.isdecimal()]


def _is_held(file: Path, number: int) -> bool:
    """Whether a worker holds a slot. Those who look do not meet: their locks are shared."""
    try:
        lock = os.open(_lock(file, number), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
