"""Durable work as whoever sends it sees it: DBOS keeps what is to be done, who does it, and what was left undone."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, WorkflowStatus
from sqlalchemy import URL, Engine, create_engine, event, make_url

from service.errors import StoreError
from service.store.engines import patience

APPLICATION = "second-source"
VERSION = "1"
"""Of the workflows in `service.jobs.working`. Raised by hand where their steps change; which code and prompts may go on
with a check, the check itself knows."""


class Kind(StrEnum):
    """What is done durably: each is a queue, and a workflow of this name.

    The id is of a check, an article, a message; what stands behind an "@" in it only tells one time from another.
    """

    CHECK = "check"
    REVISE = "revise"
    DELIVER = "deliver"


Work = Mapping[Kind, Callable[[str, int], Awaitable[float | None]]]
"""What is done for an id, the first time (0) or a later one. Doing it again after a crash goes on where it was left.

None: it is done. A number: it is to be done again after so many seconds.
"""


class Dispatch(Protocol):
    """Has work done, some time, by somebody."""

    async def send(self, kind: Kind, *ids: str) -> None:
        """Has each be done once, however often it is sent.

        Raises:
            StoreError: it cannot be written down.
        """
        ...


_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


class Queue:
    """A `Dispatch` that survives. What is sent is written down when `send` returns."""

    def __init__(self, client: DBOSClient) -> None:
        self.client = client

    async def send(self, kind: Kind, *ids: str) -> None:
        """See `Dispatch`."""
        for one in ids:
            options: EnqueueOptions = {
                "queue_name": kind.value,
                "workflow_name": kind.value,
                "workflow_id": workflow_id(kind, one),
            }
            await _stored(self.client.enqueue_async(options, one))

    async def missing(self, kind: Kind, ids: Sequence[str]) -> list[str]:
        """What is to be sent so that each of the ids is done: those for which no work was written down.

        A check or a message that has not ended while its work has, is to be sent by another name.
        """
        if not ids:
            return []
        flows = {
            flow.workflow_id: flow for flow in await self._flows(workflow_ids=[workflow_id(kind, one) for one in ids])
        }
        missing = [one for one in ids if workflow_id(kind, one) not in flows]
        if kind is Kind.REVISE:
            return missing
        ended = [one for one in ids if one not in missing and flows[workflow_id(kind, one)].status in _ENDED]
        return missing + [again for one in ended if (again := await self._again(kind, one))]

    async def _again(self, kind: Kind, one: str) -> str | None:
        """A name for work that is to be done once more; None where it is being done."""
        flows = await self._flows(workflow_id_prefix=workflow_id(kind, one))
        return f"{one}@{len(flows)}" if all(flow.status in _ENDED for flow in flows) else None

    async def _flows(self, **wanted: Any) -> Sequence[WorkflowStatus]:
        flows = self.client.list_workflows_async(**wanted, load_input=False, load_output=False)
        found: Sequence[WorkflowStatus] = await _stored(flows)
        return found

    async def forget(self, before: datetime) -> int:
        """Drops what is known of work that ended before an instant; how much there was."""
        dropped = 0
        while ended := await self._flows(status=_ENDED, completed_before=before.isoformat(), limit=1000):
            await _stored(self.client.delete_workflows_async([flow.workflow_id for flow in ended]))
            dropped += len(ended)
        return dropped

    async def pending(self) -> dict[str, list[str]]:
        """The workflows that somebody has begun, by the worker that has."""
        flows = await self._flows(status="PENDING")
        return {
            str(worker): [flow.workflow_id for flow in flows if flow.executor_id == worker]
            for worker in sorted({str(flow.executor_id) for flow in flows})
        }

    async def resume(self, workflow_ids: Sequence[str]) -> None:
        """Has workflows taken up again, by whoever is free."""
        await _stored(self.client.resume_workflows_async(list(workflow_ids)))


def workflow_id(kind: Kind, one: str) -> str:
    """The name of the work for an id."""
    return f"{kind}-{one}"


async def _stored(asked: Awaitable[Any]) -> Any:
    try:
        return await asked
    except Exception as error:
        raise StoreError(f"The queue of the database failed: {type(error).__name__}.") from error


@asynccontextmanager
async def open_queue(url: str) -> AsyncIterator[Queue]:
    """The queue of the database at a URL; its tables are made where there are none.

    Raises:
        StoreError: the database failed.
    """
    engine = engine_of(url)
    try:
        await asyncio.to_thread(_migrate, url, engine)
        client = DBOSClient(
            system_database_engine=engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            retry_connection_errors=False,
        )
    except Exception as error:
        engine.dispose()
        raise StoreError(f"The queue of the database cannot be opened: {type(error).__name__}.") from error
    try:
        yield Queue(client)
    finally:
        await asyncio.to_thread(client.destroy)
        engine.dispose()


def address_of(url: str) -> str:
    """Where DBOS keeps its tables: in a file beside a SQLite database, in a PostgreSQL database itself."""
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///"))
        return f"sqlite:///{file.with_name(file.name + '.jobs')}"
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def engine_of(url: str) -> Engine:
    """What DBOS works with its tables over."""
    address = address_of(url)
    if not address.startswith("sqlite"):
        return create_engine(
            address, pool_pre_ping=True, hide_parameters=True, connect_args=patience(make_url(address))
        )
    # Not parsed: the name of a file may have any character.
    file = URL.create("sqlite", database=address.removeprefix("sqlite:///"))
    engine = create_engine(file, connect_args={"timeout": 30}, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    """Readers and the writer of a file do not wait for each other; a writer has the lock from its first moment."""
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    if sqlite3.sqlite_version_info < (3, 42):  # DBOS asks for fractions of seconds, which SQLite has since then
        connection.create_function("unixepoch", -1, _unixepoch)


def _unixepoch(*modifiers: str) -> float:
    return round(time.time(), 3) if {"subsec", "subsecond"} & set(modifiers) else int(time.time())


def _migrate(url: str, engine: Engine) -> None:
    """Makes DBOS's tables, or brings them up to date."""
    from dbos._sys_db import SystemDatabase  # the public way takes no engine, and SQLite needs ours

    SystemDatabase.create(
        system_database_url=address_of(url),
        engine_kwargs={},
        engine=engine,
        schema="dbos",
        serializer=DBOSPortableJSONSerializer(),
        executor_id=None,
        app_name=APPLICATION,
        use_listen_notify=False,
    ).run_migrations()
