"""From a URL to an engine: a SQLite file, a SQLite database in memory, or PostgreSQL."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from service.errors import ConfigurationError
from service.store.schema import APPLICATION_ID

IN_MEMORY = ":memory:"
NOT_KEPT = ("sqlite://", f"sqlite:///{IN_MEMORY}")
"""The URLs of databases that end with the process."""

BUSY_SECONDS = 30
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

_POSTGRESQL = ("postgresql+psycopg://", "postgresql://", "postgres://")
_FORMS = "sqlite:///FILE, sqlite:// for one that is not kept, or postgresql://USER:PASSWORD@HOST/NAME"


def engine_of(url: str) -> tuple[AsyncEngine, str]:
    """An engine that has connected to nothing yet, and what errors call the database: without a password.

    The name of a SQLite file is taken as it stands behind the third slash, whatever characters it has; of the file
    itself is seen whether it is ours. It is made to let readers and a writer work at once (WAL).

    Raises:
        ConfigurationError: no such URL, or the file is another program's or cannot be opened.
    """
    if url.startswith(_POSTGRESQL):
        return _postgresql(url)
    if url == "sqlite://":
        return _listened(_in_memory()), IN_MEMORY
    if not url.startswith("sqlite:///") or url == "sqlite:///":
        scheme = url.partition("://")[0] if "://" in url else "a name alone"
        raise ConfigurationError(f"The database's URL cannot be {scheme}. Write {_FORMS}.")
    path = url.removeprefix("sqlite:///")
    if path == IN_MEMORY:
        return _listened(_in_memory()), IN_MEMORY
    _examine(Path(path))
    return _listened(_on_file(path)), path


def patience(url: URL) -> dict[str, Any]:
    """How long a connection to PostgreSQL is waited for, by libpq's names, where the URL does not say it.

    A server that is gone without a word is noticed in half a minute.
    """
    return {name: value for name, value in _PATIENCE.items() if name not in url.query}


def unusable(name: str, error: BaseException | None) -> ConfigurationError:
    """What to say where a database cannot be opened: `error` by its first line, which holds no data."""
    told = " ".join(str(error).splitlines()[:1])[:300]
    remedy = "Name a file that can be written" if "://" not in name else "See that it runs, and what the URL says"
    return ConfigurationError(f"The database {name} cannot be opened: {told}. {remedy}.")


def _postgresql(url: str) -> tuple[AsyncEngine, str]:
    try:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        # Statements are planned for their values each time: how common a word is decides how it is looked for.
        arguments = {"prepare_threshold": None, **patience(parsed)}
        engine = create_async_engine(parsed, connect_args=arguments, pool_pre_ping=True)
    except (SQLAlchemyError, ValueError):
        raise ConfigurationError(f"The database's URL cannot be read. Write {_FORMS}.") from None
    event.listen(engine.sync_engine, "connect", _prepare_postgresql)
    return engine, f"postgresql://{parsed.host or ''}/{parsed.database or ''}"


def _prepare_postgresql(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SET jit = off")  # to compile a search takes longer than to run it
    cursor.close()
    connection.commit()


def _in_memory() -> AsyncEngine:
    """One connection, which is the database: transactions take turns."""
    url = URL.create("sqlite+aiosqlite", database=IN_MEMORY)
    return create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0)


def _on_file(path: str) -> AsyncEngine:
    url = URL.create("sqlite+aiosqlite", database=path)
    return create_async_engine(url, connect_args={"timeout": BUSY_SECONDS})


def _listened(engine: AsyncEngine) -> AsyncEngine:
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    # Python's sqlite3 begins transactions when it sees fit; here they begin when SQLAlchemy says so.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def _examine(path: Path) -> None:
    """Looks before anything is written, and makes readers and the writer stop waiting for each other."""
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if application != APPLICATION_ID and (application, version, tables) != (0, 0, 0):
                raise ConfigurationError(f"{path} is another program's database. Name another one for the corpus.")
            connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise unusable(str(path), error) from error
