"""Opening a database: whose it is, of which version, and what is said where it cannot be used."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert, make_url, text
from sqlalchemy.exc import IntegrityError

from service.errors import ConfigurationError, StoreError
from service.store.database import open_store
from service.store.engines import patience
from service.store.schema import APPLICATION_ID, VERSION
from service.store.tables import KeyRow


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database is kept; the name has signs that URLs care about."""
    return tmp_path / "a corpus?mode=ro#%20é.sqlite"


async def _open(url: str) -> None:
    async with open_store(url):
        pass


def _refused(url: str | Path, sentence: str) -> None:
    url = f"sqlite:///{url}" if isinstance(url, Path) else url
    with pytest.raises(ConfigurationError, match=sentence):
        asyncio.run(_open(url))


def _ask(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection, connection:
        return connection.execute(statement).fetchall()


async def test_a_file_is_made_ready_and_kept(file: Path) -> None:
    """It says whose it is and of which version, and its readers do not wait for a writer."""
    for _ in range(2):
        async with open_store(f"sqlite:///{file}") as store:
            assert store.dialect == "sqlite"
    assert _ask(file, "PRAGMA journal_mode") == [("wal",)]
    assert _ask(file, "PRAGMA user_version") == [(VERSION,)]
    assert _ask(file, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert _ask(file, "SELECT version_num FROM alembic_version") == [(f"{VERSION:04}",)]


def test_two_in_memory_are_two() -> None:
    """What is not kept is not shared, and leaves no file."""

    async def used() -> None:
        async with open_store("sqlite://") as one, open_store("sqlite:///:memory:") as other:
            async with one.writing() as connection:
                await connection.execute(text("DROP TABLE keys"))
            assert await other.rows(text("SELECT * FROM keys")) == []

    asyncio.run(used())
    assert not Path(":memory:").exists()


async def test_what_still_reads_comes_to_its_end(file: Path) -> None:
    """A store that is closed does not take the connection away from a statement that nobody waits for any more."""
    counting = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT max(i) FROM n"
    async with open_store(f"sqlite:///{file}") as store:
        left = asyncio.ensure_future(store.rows(text(counting)))
        await asyncio.sleep(0.05)
        assert not left.done()
    assert (await left)[0][0] == 300_000


@pytest.mark.parametrize("form", ["postgresql://", "postgres://", "postgresql+psycopg://"])
async def test_postgresql_is_opened_by_any_name(postgres_url: str, form: str) -> None:
    """However its URL is written, it is opened by one driver."""
    async with open_store(postgres_url.replace("postgresql://", form)) as store:
        assert store.dialect == "postgresql"
        assert [row.version_num for row in await store.rows(text("SELECT version_num FROM alembic_version"))] == [
            "0002"
        ]


def test_what_the_url_says_of_waiting_stands() -> None:
    """Only what it does not say is set for it."""
    said = patience(make_url("postgresql://host/name?connect_timeout=3&tcp_user_timeout=5"))
    assert {"keepalives_idle"} < said.keys()
    assert said.keys().isdisjoint({"connect_timeout", "tcp_user_timeout"})


async def test_many_may_open_an_empty_one_at_once(file: Path, empty_postgres_url: str) -> None:
    """Of several that find nothing one makes the tables, and the others find them."""
    for url in (f"sqlite:///{file}", empty_postgres_url):
        await asyncio.gather(*(_open(url) for _ in range(5)))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"This is a text, and long enough not to be taken for an empty file." * 20, "not a database"),
        (None, "unable to open"),
    ],
    ids=["text", "folder"],
)
def test_what_is_no_database_is_refused(file: Path, content: bytes | None, sentence: str) -> None:
    """A wrong path is a wrong setting, named in a sentence, and the file stays as it was."""
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    _refused(file, sentence)
    assert content is None or file.read_bytes() == content


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """Folders are not made on a guess."""
    _refused(tmp_path / "missing" / "corpus.sqlite", "missing")


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE articles (id TEXT)", "PRAGMA user_version = 1", "PRAGMA application_id = 7"]
)
def test_another_programs_file_is_refused(file: Path, statement: str) -> None:
    """It is not touched, not even where its tables are called as ours are."""
    _ask(file, statement)
    before = file.read_bytes()
    _refused(file, "another program")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE articles (id TEXT)", "CREATE TABLE alembic_version AS SELECT 'ae1027a6acf' AS version_num"],
)
def test_another_programs_postgresql_is_refused(empty_postgres_url: str, statement: str) -> None:
    """Nothing is made beside its tables."""
    with psycopg.connect(empty_postgres_url) as connection:
        connection.execute(statement.encode())
    _refused(empty_postgres_url, "another program")
    with psycopg.connect(empty_postgres_url) as connection:
        assert connection.execute("SELECT to_regclass('passages')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("version", "sentence"), [(1, "older version.*secondsource db upgrade"), (VERSION + 1, f"schema {VERSION + 1}")]
)
async def test_another_version_is_refused(file: Path, postgres_url: str, version: int, sentence: str) -> None:
    """An older one is to be upgraded by a command that the sentence names; a newer one this program does not know."""
    for url in (f"sqlite:///{file}", postgres_url):
        async with open_store(url) as store, store.writing() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": f"{version:04}"})
        with pytest.raises(ConfigurationError, match=sentence):
            await _open(url)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("secondsource.sqlite", "cannot be a name alone"),
        ("mysql://me:secret@localhost/news", "cannot be mysql"),
        ("postgres:me:secret@localhost", "cannot be a name alone"),
        ("sqlite:///", "cannot be sqlite"),
        ("postgresql://me:secret@localhost:port/news", "cannot be read"),
        ("postgresql://me:secret@/news?host=/nowhere&password=secret", "No such file"),
        ("postgres://me:secret@/news?host=/nowhere&connect_timeout=2", "postgresql:///news cannot be opened"),
    ],
)
def test_a_wrong_url_is_told_without_its_password(url: str, sentence: str) -> None:
    """What can be written is named, or what the server said; who reads the log learns no password."""
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        asyncio.run(_open(url))
    assert "secret" not in str(refused.value)


async def test_a_failure_tells_no_text(file: Path, postgres_url: str) -> None:
    """Neither the statement nor the values are in the sentence; a broken rule goes on as what it is."""
    row: dict[str, Any] = {
        "id": "1",
        "name": "private words",
        "prefix": "p",
        "sha256": "s",
        "scopes": [],
        "created_at": None,
    }
    for url in (f"sqlite:///{file}", postgres_url):
        async with open_store(url) as store:
            with pytest.raises(StoreError) as failed:
                await store.rows(text("SELECT 'private words' FROM nowhere"))
            assert "private" not in str(failed.value)
            with pytest.raises(IntegrityError):
                async with store.writing() as connection:
                    await connection.execute(insert(KeyRow).values(row))
