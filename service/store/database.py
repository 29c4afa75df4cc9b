"""Opens a database and works with it: what reads, what writes, and what becomes of its errors."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Row
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import QueuePool

from service.errors import StoreError
from service.store import schema
from service.store.engines import engine_of, unusable
from service.store.tables import Table

Result = TypeVar("Result")

_LEAVE_SECONDS = 5.0


class Store:
    """An open database. One in memory ends with it."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use `open_store`."""
        self.engine = engine

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    def insert(self, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that may say what happens `on_conflict`: each database has a word of its own for that."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)

    async def rows(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """What a statement finds.

        Raises:
            StoreError: the database failed.
        """

        async def read() -> Sequence[Row[Any]]:
            with faults_told():
                async with self.engine.connect() as connection:
                    return (await connection.execute(statement, values)).all()

        return await finished(read())

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes; it is kept where the block ends well. Wrap what uses it in `finished`.

        Raises:
            StoreError: the database failed. An integrity error goes on as it is: it is an answer.
        """
        with faults_told():
            async with _writing(self.engine).begin() as connection:
                yield connection


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Store]:
    """The database at a URL, its tables made where it is empty.

    `sqlite:///FILE`, which is created where there is none; `sqlite://`, which is not kept; or PostgreSQL, by any of
    `postgresql://`, `postgres://` and `postgresql+psycopg://`.

    Raises:
        ConfigurationError: it cannot be reached, opened or written, is another program's, or of another version.
    """
    async with _prepared(url, schema.ready) as (engine, _):
        yield Store(engine)


async def upgrade(url: str) -> tuple[int, int]:
    """Brings a database to the schema of this program. Returns its versions before and after; 0 is an empty one.

    Raises:
        ConfigurationError: as `open_store`, an older version apart.
    """
    async with _prepared(url, schema.upgrade) as (_, versions):
        return versions


async def finished(work: Coroutine[Any, Any, Result]) -> Result:
    """Lets work with a connection come to its end even where its caller is cancelled; then the caller is.

    A connection that is left in the middle of a statement is lost, and with it a database in memory.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():  # a second cancellation must not reach it either
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        raise


@contextmanager
def faults_told() -> Iterator[None]:
    """The database's errors as ours, without the statement and by their first line: more may hold an article's words.

    Raises:
        StoreError: the database failed. An integrity error goes on as it is: it is an answer.
    """
    try:
        yield
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or type(error).__name__
        told = " ".join(str(cause).splitlines()[:1])[:200]
        raise StoreError(
            f"The database failed: {told}. See that it runs, that its disk has room and that it is whole."
        ) from None


def _writing(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for transactions that write: in SQLite they hold the lock from their first moment.

    Waiting for another writer, at most `BUSY_SECONDS`, happens there and nowhere else.
    """
    return engine.execution_options(writes=True)


@asynccontextmanager
async def _prepared(
    url: str, prepare: Callable[[Connection, str], Result]
) -> AsyncIterator[tuple[AsyncEngine, Result]]:
    """The engine of a URL, after `prepare` has had its way with the schema in one transaction."""
    engine, name = await asyncio.to_thread(engine_of, url)

    async def prepared() -> Result:
        try:
            async with _writing(engine).begin() as connection:
                return await connection.run_sync(prepare, name)
        except DBAPIError as error:
            raise unusable(name, error.orig) from None

    try:
        yield engine, await finished(prepared())
    finally:
        await finished(_closed(engine))


async def _closed(engine: AsyncEngine) -> None:
    """Closes an engine; first lets end what still reads, for a while: a connection that is closed under it is lost."""
    pool = engine.sync_engine.pool
    until = asyncio.get_running_loop().time() + _LEAVE_SECONDS
    while isinstance(pool, QueuePool) and pool.checkedout() and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await engine.dispose()
