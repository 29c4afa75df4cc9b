"""Opens the SQLite file of a corpus: is it ours, is it ready, is it of a schema this program knows."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, event
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from service.corpus.tables import Table
from service.errors import ConfigurationError, StoreError

Result = TypeVar("Result")

IN_MEMORY = ":memory:"
APPLICATION_ID = 0x53_32_53_43
"""Marks a file as ours ("S2SC"): SQLite keeps four bytes in the header for that."""

SCHEMA_VERSION = 1
"""Kept in the header as user_version. Raised with every change to the tables."""

BUSY_SECONDS = 30

_FULL_TEXT = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS passages_fts USING fts5(
        exact, content='passages', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER IF NOT EXISTS passages_added AFTER INSERT ON passages BEGIN
        INSERT INTO passages_fts(rowid, exact) VALUES (new.id, new.exact); END""",
    """CREATE TRIGGER IF NOT EXISTS passages_removed AFTER DELETE ON passages BEGIN
        INSERT INTO passages_fts(passages_fts, rowid, exact) VALUES ('delete', old.id, old.exact); END""",
)


@asynccontextmanager
async def open_database(path: Path | str) -> AsyncIterator[AsyncEngine]:
    """An engine on a corpus file, which is created where there is none; `:memory:` is a corpus that is not kept.

    Raises:
        ConfigurationError: the file cannot be opened or written, is another program's, or a newer version's.
    """
    in_memory = str(path) == IN_MEMORY
    if not in_memory:
        await asyncio.to_thread(_examine, Path(path))
    engine = _in_memory() if in_memory else _on_file(Path(path))
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    try:
        await finished(_create(engine, path))
        yield engine
    finally:
        await finished(engine.dispose())


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
    """The database's errors as ours, without the statement: it may hold what an article says.

    Raises:
        StoreError: the database failed. An integrity error goes on as it is: it is an answer.
    """
    try:
        yield
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or type(error).__name__
        raise StoreError(
            f"The database failed: {str(cause)[:200]}. See that its disk has room and its file is whole."
        ) from None


def writing(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for transactions that write: they hold the lock from their first moment.

    Waiting for another writer, at most `BUSY_SECONDS`, happens there and nowhere else.
    """
    return engine.execution_options(writes=True)


def _examine(path: Path) -> None:
    """Looks before anything is written, and makes readers and the writer stop waiting for each other."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            _refuse(path, application, version, tables)
            connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def _refuse(path: Path, application: int, version: int, tables: int) -> None:
    if application != APPLICATION_ID and (application, version, tables) != (0, 0, 0):
        raise ConfigurationError(f"{path} is another program's database. Name another file for the corpus.")
    if version > SCHEMA_VERSION:
        raise ConfigurationError(
            f"The corpus {path} was made by a newer version (schema {version}; this one knows {SCHEMA_VERSION}). "
            "Install that version, or name another file."
        )


def _unusable(path: Path | str, error: BaseException | None) -> ConfigurationError:
    return ConfigurationError(f"The corpus {path} cannot be opened: {error}. Name a file that can be written.")


def _in_memory() -> AsyncEngine:
    """One connection, which is the database: transactions take turns."""
    url = URL.create("sqlite+aiosqlite", database=IN_MEMORY)
    return create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0)


def _on_file(path: Path) -> AsyncEngine:
    url = URL.create("sqlite+aiosqlite", database=str(path))
    return create_async_engine(url, connect_args={"timeout": BUSY_SECONDS})


def _prepare(connection: Any, _record: object) -> None:
    # Python's sqlite3 begins transactions when it sees fit; here they begin when SQLAlchemy says so.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


async def _create(engine: AsyncEngine, path: Path | str) -> None:
    """All tables in one transaction; what is there already stays as it is."""
    try:
        async with writing(engine).begin() as connection:
            await connection.run_sync(Table.metadata.create_all)
            for statement in (
                *_FULL_TEXT,
                f"PRAGMA application_id = {APPLICATION_ID}",
                f"PRAGMA user_version = {SCHEMA_VERSION}",
            ):
                await connection.exec_driver_sql(statement)
    except DBAPIError as error:
        raise _unusable(path, error.orig) from error
