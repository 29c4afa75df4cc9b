"""From one release's schema to the next: nothing is lost, and what comes out is what an empty database gets."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, select, text

from schemas.check import CheckState
from schemas.report import Report
from service.corpus.opening import open_corpus
from service.errors import ConfigurationError
from service.store.database import open_store, upgrade
from service.store.schema import VERSION
from service.store.tables import CheckRow, Table

OLD = (Path(__file__).parent / "release_0_1_0.sql").read_text("utf-8")
ALEPPO, BANK = "4928f07b45e75c2d5e84789a", "33dcb29c4a8cd795563500d7"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A corpus as release 0.1.0 left it, in a folder whose name a configuration file would misread."""
    file = tmp_path / "50 %(here)s" / "corpus.sqlite"
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(OLD)
    return file


def _sync(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


def _difference(connection: Connection) -> Sequence[Any]:
    """What the tables in the code have that the database has not. What searches need beside them is compared apart."""

    def ours(_object: object, _name: str | None, _type: str, reflected: bool, compared: object) -> bool:
        return not reflected or compared is not None

    context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
    return list(compare_metadata(context, Table.metadata))


def _beside(connection: Connection) -> set[tuple[str, ...]]:
    """All tables, indexes and triggers, and what the latter two do."""
    if connection.dialect.name == "sqlite":
        statement = """SELECT type, name, CASE WHEN type = 'trigger' OR sql LIKE '%VIRTUAL%' THEN sql ELSE '' END
            FROM sqlite_master WHERE sql IS NOT NULL"""
    else:
        statement = """SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
            UNION SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
            UNION SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')
            UNION SELECT 'column', table_name || '.' || column_name,
                data_type || is_nullable || coalesce(column_default, '')
                FROM information_schema.columns WHERE table_schema = 'public'"""
    return {tuple(row) for row in connection.exec_driver_sql(statement)}


async def _made(url: str) -> set[tuple[str, ...]]:
    engine = create_engine(_sync(url))
    with engine.connect() as connection:
        assert _difference(connection) == []
        beside = _beside(connection)
    engine.dispose()
    return beside


async def test_the_steps_lead_to_the_tables(
    file: Path, tmp_path: Path, empty_postgres_url: str, postgres_url: str
) -> None:
    """An upgraded database and a new one have the same tables, indexes and triggers: those that the code knows."""
    new = f"sqlite:///{tmp_path / 'new.sqlite'}"
    async with open_store(new):
        pass
    assert await upgrade(f"sqlite:///{file}") == (1, VERSION)
    assert await _made(f"sqlite:///{file}") == await _made(new)
    assert await upgrade(empty_postgres_url) == (0, VERSION)
    assert await _made(empty_postgres_url) == await _made(postgres_url)


async def test_a_corpus_of_the_first_release_is_kept(file: Path) -> None:
    """It is refused until it is upgraded; then its articles are found, in order, and its report is a check's."""
    url = f"sqlite:///{file}"
    with pytest.raises(ConfigurationError, match="secondsource db upgrade"):
        async with open_store(url):
            pass
    assert await upgrade(url) == (1, VERSION)
    async with open_store(url) as store, open_corpus(store) as corpus:
        assert [one.source.id for one in (await corpus.articles(limit=9)).items] == [BANK, ALEPPO]
        assert [one.article_id for one in await corpus.search("a rebel seizing", without="", limit=9)] == [ALEPPO]
        assert (await corpus.snapshot(without="")).articles == 2
        (check,) = await store.rows(select(CheckRow.__table__))
    report = Report.model_validate(check.report)
    assert (check.article_id, check.state, check.failure) == (ALEPPO, CheckState.DONE, None)
    assert (report.article.id, report.warnings) == (ALEPPO, ("a warning",))
    assert check.created_at == check.ended_at == datetime(2024, 12, 2, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_upgrading_again_changes_nothing(kind: str, tmp_path: Path, empty_postgres_url: str) -> None:
    """An empty database is made, one that is current is left, and a newer one is refused."""
    url = empty_postgres_url if kind == "postgresql" else f"sqlite:///{tmp_path / 'new.sqlite'}"
    assert await upgrade(url) == (0, VERSION)
    assert await upgrade(url) == (VERSION, VERSION)
    async with open_store(url) as store, store.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    with pytest.raises(ConfigurationError, match="schema 99"):
        await upgrade(url)


async def test_a_broken_step_leaves_the_database_as_it_was(file: Path) -> None:
    """All or nothing: what cannot be read as a report stops the upgrade, and the old release can still use the file."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE reports SET document = '{}'")
        before = list(connection.iterdump())
    with pytest.raises(KeyError):
        await upgrade(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        assert list(connection.iterdump()) == before
