"""Keys to the interface: made, listed, revoked, and found by what a request carries.

Of a key only its SHA-256 is kept. That is enough against who reads the database: a key is 256 random bits, and nobody
guesses those, however fast the hash.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Executable, Row, insert, or_, select, update

from schemas.key import Key, Scope
from service.errors import NotFound, StoreError
from service.store.database import Store, finished
from service.store.tables import KeyRow

FRESH = timedelta(seconds=3)
"""How old what is known of the keys may be: so long a revoked key may still be taken, and a new one not yet."""

_NOTED = timedelta(minutes=1)
_MARK = "ss_"
_PREFIX = len(_MARK) + 8
_COLUMNS = [getattr(KeyRow, name) for name in Key.model_fields]


class _Held(NamedTuple):
    key: Key
    sha256: str


def _now() -> datetime:
    return datetime.now(UTC)


class Keys:
    """The keys in a store. What `find` and `needed` know is `FRESH`: they look once in a while, not at each request."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = _now) -> None:
        """`clock` tells the time, with its zone."""
        self._store = store
        self._clock = clock
        self._held: Sequence[_Held] = ()
        self._read_at: datetime | None = None
        self._reading = asyncio.Lock()
        self._noted: dict[str, datetime] = {}

    async def create(self, name: str, *scopes: Scope) -> tuple[Key, str]:
        """A new key: what is kept of it, and the key itself, which nobody can tell again.

        Raises:
            StoreError: the database failed.
            ValidationError: the name is empty or longer than 100 characters, or no scope is given.
        """
        secret = _MARK + secrets.token_hex(32)
        key = Key(id=uuid4().hex, name=name, prefix=secret[:_PREFIX], scopes=scopes, created_at=self._clock())
        values = {**key.model_dump(), "scopes": [str(scope) for scope in scopes], "sha256": _sha256(secret)}
        await finished(self._write(insert(KeyRow).values(values)))
        self._read_at = None
        return key, secret

    async def listed(self) -> list[Key]:
        """All keys, revoked ones too, the newest first.

        Raises:
            StoreError: the database failed.
        """
        rows = await self._store.rows(select(*_COLUMNS).order_by(KeyRow.created_at.desc(), KeyRow.id))
        return [_key(row) for row in rows]

    async def revoke(self, name: str) -> Key:
        """Ends a key that is in use. `name`: its id, its prefix, or the key itself.

        Raises:
            NotFound: no key in use is called so.
            StoreError: the database failed.
        """
        ending = (
            update(KeyRow)
            .where(or_(KeyRow.id == name, KeyRow.prefix == name[:_PREFIX]), KeyRow.revoked_at.is_(None))
            .values(revoked_at=self._clock())
            .returning(*_COLUMNS)
        )
        rows = await finished(self._write(ending))
        self._read_at = None
        if not rows:
            raise NotFound("No key in use has this id or prefix; `secondsource keys list` shows them.")
        return _key(rows[0])

    async def needed(self) -> bool:
        """Whether a request needs a key: since the first one was made, even where all are revoked by now.

        Raises:
            StoreError: the database failed.
        """
        return bool(await self._known())

    async def find(self, presented: str) -> Key | None:
        """The key in use that this is; None where there is none. Notes, at most once a minute, that it was used.

        Raises:
            StoreError: the database failed.
        """
        sha256 = _sha256(presented)
        for key, kept in await self._known():
            if secrets.compare_digest(kept, sha256) and key.revoked_at is None:
                await self._note_use(key)
                return key
        return None

    async def _known(self) -> Sequence[_Held]:
        async with self._reading:  # requests that come together look once
            now = self._clock()
            if self._read_at is None or not timedelta() <= now - self._read_at < FRESH:
                rows = await self._store.rows(select(*_COLUMNS, KeyRow.sha256))
                self._held = [_Held(_key(row), row.sha256) for row in rows]
                self._read_at = now
            return self._held

    async def _note_use(self, key: Key) -> None:
        now = self._clock()
        last = self._noted.get(key.id, key.used_at)
        if last and now - last < _NOTED:
            return
        self._noted[key.id] = now
        unnoted = or_(KeyRow.used_at.is_(None), KeyRow.used_at <= now - _NOTED)  # another process may have noted it
        with suppress(StoreError):  # a full disk is no reason to refuse who only reads
            await finished(self._write(update(KeyRow).where(KeyRow.id == key.id, unnoted).values(used_at=now)))

    async def _write(self, statement: Executable) -> Sequence[Row[Any]]:
        async with self._store.writing() as connection:
            result = await connection.execute(statement)
            return result.all() if result.returns_rows else ()


def _key(row: Row[Any]) -> Key:
    return Key.model_validate({name: getattr(row, name) for name in Key.model_fields})


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
