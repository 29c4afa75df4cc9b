"""`secondsource ingest`, `workers`, `db` and `work`: what an operator types, and what it answers."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from service.jobs.queue import Kind, open_queue
from service.jobs.working import working
from tests.jobs.test_queue import Done
from tests.seeds import SEEDS


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database that is kept."""
    return f"sqlite:///{tmp_path}/kept.sqlite"


def _run(url: str, *arguments: str) -> Result:
    return CliRunner(env={"SECONDSOURCE_DATABASE_URL": url, "SECONDSOURCE_MODEL": "none"}).invoke(app, arguments)


def test_articles_are_put_into_the_database(url: str) -> None:
    """Each place has its line; what cannot be taken is told, and loses nothing of the rest."""
    first = _run(url, "ingest", str(SEEDS), "http://127.0.0.1/story", str(SEEDS / "none.txt"))
    assert first.exit_code == 1
    assert first.stdout.count(" new ") == 5
    assert "error [url_refused]: http://127.0.0.1/story" in first.stderr
    assert "error [bad_input]" in first.stderr
    again = _run(url, "ingest", str(SEEDS))
    assert (again.exit_code, again.stdout.count(" held ")) == (0, 5)


@pytest.mark.parametrize("command", [("ingest", "x.txt"), ("work",), ("workers", "list"), ("db", "upgrade")])
def test_a_database_that_ends_with_the_process_is_refused(command: tuple[str, ...]) -> None:
    """Nobody could ever see what was put there."""
    answer = _run("sqlite://", *command)
    assert (answer.exit_code, "SECONDSOURCE_DATABASE_URL" in answer.stderr) == (1, True)


def test_the_schema_is_made_and_upgraded(url: str) -> None:
    """An empty database is made, one that is up to date stays as it is, and a strange one is refused."""
    assert "it was 0" in _run(url, "db", "upgrade").stdout
    assert "already" in _run(url, "db", "upgrade").stdout
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute("PRAGMA application_id = 7")
    refused = _run(url, "db", "upgrade")
    assert (refused.exit_code, "another program" in refused.stderr) == (1, True)


def test_the_work_of_the_dead_is_listed_and_rescued(url: str) -> None:
    """A worker that ended with work begun is listed as dead, until its work is taken up again."""

    async def left() -> None:
        work = Done(waits=True)
        async with open_queue(url) as queue, working(url, "worker-3", dict.fromkeys(Kind, work), at_once=1):
            await queue.send(Kind.CHECK, "a")
            await work.until(lambda: work.begun == ["a"])

    assert _run(url, "workers", "list").stdout == ""
    asyncio.run(left())
    assert _run(url, "workers", "list").stdout == "worker-3  dead  1 begun\n"
    assert _run(url, "workers", "rescue").stdout == "Taken up again: 1.\n"
    assert _run(url, "workers", "list").stdout == ""
