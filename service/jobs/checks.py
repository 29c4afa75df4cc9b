"""The checks of a store: each begun once and ended once, with what happened in it and what it was answered."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.check import ARROWS, Check, CheckState, Event, EventKind, Progress
from schemas.page import CheckPage
from schemas.report import Failure, Report
from schemas.usage import StageUsage
from schemas.webhook import EventType
from service.errors import InputError, NotFound, Superseded
from service.jobs.settling import settle
from service.jobs.webhooks import announce
from service.store.database import Store, finished
from service.store.tables import CallRow, CheckRow, EventRow

_SHOWN = (
    *(column for column in CheckRow.__table__.columns if column.name != "report"),
    CheckRow.report.is_not(None).label("has_report"),
)
_UNDER_WAY = tuple(state for state in CheckState if not state.ended)

BEHIND = "behind-"
"""Marks that work in its name: the claims of others were held against the article when it came in."""


class Told(NamedTuple):
    """An event before it is numbered. `key` names it within its check: told twice, it is one."""

    key: str
    kind: EventKind
    data: dict[str, Any]


class Run(NamedTuple):
    """A check that a worker has taken up. `number` is its right to write: a later run takes it away."""

    check_id: str
    article_id: str
    number: int
    strange: bool
    """Another version of the program began it, or another model."""


class Ended(NamedTuple):
    """How a check ended, and what is left to do: messages to be sent, claims to be held against newer articles."""

    state: CheckState
    deliveries: tuple[str, ...] = ()
    behind: bool = False


class Checks:
    """Every change of a check is one transaction, and follows an arrow of `ARROWS`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def ask(self, article_id: str, model: str) -> Check:
        """A new check, queued.

        Raises:
            StoreError: the database failed.
        """

        async def add() -> Check:
            async with self._store.writing() as connection:
                return await queued(connection, article_id, model)

        return await finished(add())

    async def check(self, check_id: str) -> Check:
        """A check as it is now.

        Raises:
            NotFound: there is none of this id.
        """
        rows = await self._store.rows(select(*_SHOWN).where(CheckRow.id == check_id))
        if not rows:
            raise NotFound("There is no check of this id.")
        return _check(rows[0])

    async def page(
        self, *, state: CheckState | None = None, article_id: str | None = None, after: str | None = None, limit: int
    ) -> CheckPage:
        """Checks in a state, of an article, or all: the newest first, or those behind a page's `next`.

        Raises:
            InputError: `after` is no page's `next`.
        """
        wanted = select(*_SHOWN).order_by(CheckRow.created_at.desc(), CheckRow.id.desc()).limit(limit + 1)
        if state is not None:
            wanted = wanted.where(CheckRow.state == state)
        if article_id is not None:
            wanted = wanted.where(CheckRow.article_id == article_id)
        if after is not None:
            last = await self._store.rows(select(CheckRow.created_at).where(CheckRow.id == after))
            if not last:
                raise InputError("No page of checks begins there; send `next` of the page before.")
            wanted = wanted.where(tuple_(CheckRow.created_at, CheckRow.id) < (last[0].created_at, after))
        rows = await self._store.rows(wanted)
        items = tuple(_check(row) for row in rows[:limit])
        return CheckPage(items=items, next=items[-1].id if len(rows) > limit else None)

    async def report(self, check_id: str) -> Report | None:
        """The report of a check; None where it has none, or not yet."""
        rows = await self._store.rows(select(CheckRow.report).where(CheckRow.id == check_id))
        return Report.model_validate(rows[0].report) if rows and rows[0].report else None

    async def last(self, article_id: str) -> Check | None:
        """The check of an article that was done last."""
        done = (CheckRow.article_id == article_id) & (CheckRow.state == CheckState.DONE)
        newest = select(CheckRow.id).where(done).order_by(CheckRow.ended_at.desc(), CheckRow.id).limit(1)
        rows = await self._store.rows(newest)
        return await self.check(rows[0].id) if rows else None

    async def counts(self) -> Mapping[CheckState, int]:
        """How many checks are in each state that is not an end."""
        counted = select(CheckRow.state, func.count().label("checks")).where(CheckRow.state.in_(_UNDER_WAY))
        found = {row.state: row.checks for row in await self._store.rows(counted.group_by(CheckRow.state))}
        return {state: found.get(state, 0) for state in _UNDER_WAY}

    async def behind(self, since: datetime, before: datetime) -> Sequence[str]:
        """The checks that ended between two instants while articles came in: `caught_up` of each, newest first."""
        ended = (CheckRow.ended_at > since) & (CheckRow.ended_at < before) & CheckRow.behind
        newest = select(CheckRow.id, CheckRow.article_id).where(ended).order_by(CheckRow.ended_at.desc()).limit(1000)
        return [caught_up(row.article_id, row.id) for row in await self._store.rows(newest)]

    async def under_way(self, article_id: str) -> Sequence[str]:
        """The checks of an article that have not ended."""
        mine = (CheckRow.article_id == article_id) & CheckRow.state.in_(_UNDER_WAY)
        return [row.id for row in await self._store.rows(select(CheckRow.id).where(mine))]

    async def waiting(self, before: datetime) -> Sequence[str]:
        """The checks that were asked for before an instant and have not ended, newest first, at most 1000."""
        waiting = CheckRow.state.in_(_UNDER_WAY) & (CheckRow.created_at < before)
        rows = await self._store.rows(
            select(CheckRow.id).where(waiting).order_by(CheckRow.created_at.desc()).limit(1000)
        )
        return [row.id for row in rows]

    async def events(self, check_id: str, *, after: int = 0, limit: int = 200) -> tuple[Event, ...]:
        """The events of a check behind a number, in their order."""
        more = select(EventRow).where(EventRow.check_id == check_id, EventRow.number > after)
        rows = await self._store.rows(
            more.with_only_columns(EventRow.number, EventRow.kind, EventRow.at, EventRow.data)
            .order_by(EventRow.number)
            .limit(limit)
        )
        return tuple(Event(number=row.number, kind=row.kind, at=row.at, data=row.data) for row in rows)

    async def take_up(self, check_id: str, version: str, model: str) -> Run | None:
        """Takes a check up, for the first time or again; None where nothing is left to be done.

        The first to take it up writes its version and its model on it; see `Run` for what a later one may do. Of one
        that was cancelled, what its worker had found and could not say any more is left to be said.

        Raises:
            NotFound: there is no such check.
        """
        return await finished(self._taken_up(check_id, version, model))

    async def tell(self, run: Run, told: Sequence[Told], progress: Progress, usage: Sequence[StageUsage]) -> None:
        """Writes down what happened, each event once.

        Raises:
            Superseded: another worker has taken the check up.
        """

        async def write() -> None:
            async with self._store.writing() as connection:
                await _fenced(connection, run)
                await _append(connection, run.check_id, told)
                further = await _further(connection, run.check_id, progress)
                values = {"progress": further.model_dump(), "usage": [used.model_dump(mode="json") for used in usage]}
                await connection.execute(update(CheckRow).where(CheckRow.id == run.check_id).values(**values))

        await finished(write())

    async def end(
        self, run: Run, state: CheckState, *, report: Report | None = None, failure: Failure | None = None
    ) -> Ended:
        """Ends a check, with its report or with why there is none. One that was cancelled meanwhile stays so.

        In the same transaction the claims of a report become standing claims, and webhooks have their messages.

        Raises:
            Superseded: another worker has taken the check up.
        """
        return await finished(self._ended(run, state, report, failure))

    async def cancel(self, check_id: str) -> Check:
        """Cancels a check that has not ended. Whoever runs it sees that within half a second and asks nothing more.

        Raises:
            NotFound: there is no such check.
        """

        async def write() -> None:
            async with self._store.writing() as connection:
                row = await _locked(connection, check_id)
                if CheckState.CANCELLED in ARROWS[CheckState(row.state)]:
                    await _move(connection, check_id, CheckState.CANCELLED)

        await finished(write())
        return await self.check(check_id)

    async def state(self, run: Run) -> CheckState:
        """The state of a check that is run.

        Raises:
            Superseded: another worker has taken it up.
        """
        rows = await self._store.rows(select(CheckRow.state, CheckRow.runs).where(CheckRow.id == run.check_id))
        if not rows or rows[0].runs != run.number:
            raise Superseded("Another worker has taken this check up.")
        return CheckState(rows[0].state)

    async def _taken_up(self, check_id: str, version: str, model: str) -> Run | None:
        async with self._store.writing() as connection:
            row = await _locked(connection, check_id)
            state, number = CheckState(row.state), row.runs + 1
            if state is CheckState.CANCELLED and not await _has_calls(connection, check_id):
                return None
            if state in {CheckState.DONE, CheckState.FAILED}:
                return None
            values = {"runs": number, "started_at": row.started_at or _now()}
            if row.version is None:
                values |= {"version": version, "model": model}
            await connection.execute(update(CheckRow).where(CheckRow.id == check_id).values(**values))
            if not state.ended:
                await _move(connection, check_id, CheckState.RUNNING, run=number)
            return Run(check_id, row.article_id, number, row.version not in (None, version))

    async def _ended(self, run: Run, state: CheckState, report: Report | None, failure: Failure | None) -> Ended:
        async with self._store.writing() as connection:
            now = await _fenced(connection, run)
            await connection.execute(delete(CallRow).where(CallRow.check_id == run.check_id))  # nobody goes on with it
            found: dict[str, Any] = {"report": report.model_dump(mode="json")} if report else {}
            if now.ended:
                if found:
                    await connection.execute(update(CheckRow).where(CheckRow.id == run.check_id).values(**found))
                return Ended(now)
            ended = await _followed(connection, run, state, report)
            told = failure.model_dump() if failure else None
            await _move(connection, run.check_id, state, failure=told, behind=ended.behind, **found)
            return ended


async def _followed(connection: AsyncConnection, run: Run, state: CheckState, report: Report | None) -> Ended:
    """What the end of a check brings about, within the transaction that ends it."""
    if state is CheckState.CANCELLED:
        return Ended(state)
    about = {"check_id": run.check_id, "article_id": run.article_id, "check": f"/v1/checks/{run.check_id}"}
    if state is CheckState.FAILED or report is None:
        return Ended(state, await announce(connection, EventType.CHECK_FAILED, about))
    settled = await settle(connection, run.check_id, report)
    deliveries = await announce(connection, EventType.CHECK_COMPLETED, about)
    for changed in settled.news:
        deliveries += await announce(connection, EventType.CLAIM_CHANGED, changed)
    return Ended(state, deliveries, settled.behind)


def caught_up(article_id: str, check_id: str) -> str:
    """The name of the work that holds an article's claims against what came in while it was checked."""
    return f"{article_id}@{BEHIND}{check_id}"


async def queued(connection: AsyncConnection, article_id: str, model: str) -> Check:
    """Adds a check within a transaction of the caller's."""
    check = Check(id=uuid4().hex, article_id=article_id, state=CheckState.QUEUED, model=model, created_at=_now())
    shown = check.model_dump(mode="json", exclude={"report", "created_at", "failure"})
    await connection.execute(insert(CheckRow).values(**shown, created_at=check.created_at))
    first = Told("state:queued", EventKind.STATE, {"state": check.state})
    event = {"check_id": check.id, "number": 1, "at": check.created_at, **first._asdict()}
    await connection.execute(insert(EventRow).values(**event))
    return check


async def _locked(connection: AsyncConnection, check_id: str) -> Any:
    """A check's row, which nobody else changes before this transaction ends."""
    wanted = (CheckRow.state, CheckRow.runs, CheckRow.version, CheckRow.article_id, CheckRow.started_at)
    row = (await connection.execute(select(*wanted).where(CheckRow.id == check_id).with_for_update())).one_or_none()
    if row is None:
        raise NotFound("There is no check of this id.")
    return row


async def _further(connection: AsyncConnection, check_id: str, progress: Progress) -> Progress:
    """The progress that was told, or that an earlier run had made, whichever is further."""
    before = await connection.scalar(select(CheckRow.progress).where(CheckRow.id == check_id))
    earlier = Progress.model_validate(before)
    return Progress(**{name: max(getattr(earlier, name), count) for name, count in progress})


async def _has_calls(connection: AsyncConnection, check_id: str) -> bool:
    return (
        await connection.execute(select(CallRow.key).where(CallRow.check_id == check_id).limit(1))
    ).first() is not None


async def _fenced(connection: AsyncConnection, run: Run) -> CheckState:
    row = await _locked(connection, run.check_id)
    if row.runs != run.number:
        raise Superseded("Another worker has taken this check up.")
    return CheckState(row.state)


async def _move(connection: AsyncConnection, check_id: str, to: CheckState, *, run: int = 0, **more: Any) -> None:
    """Follows an arrow; that there is one, the caller has seen in the row it locked."""
    if to.ended:
        more["ended_at"] = _now()
    await connection.execute(update(CheckRow).where(CheckRow.id == check_id).values(state=to, **more))
    data = {"state": to} | ({"failure": more["failure"]} if more.get("failure") else {})
    await _append(connection, check_id, [Told(f"state:{to}:{run}", EventKind.STATE, data)])


async def _append(connection: AsyncConnection, check_id: str, told: Sequence[Told]) -> None:
    """Numbers events and adds those that are not told yet."""
    keys = select(EventRow.key).where(EventRow.check_id == check_id, EventRow.key.in_([one.key for one in told]))
    known = set((await connection.scalars(keys)).all())
    last = await connection.scalar(select(func.max(EventRow.number)).where(EventRow.check_id == check_id)) or 0
    new = {one.key: one for one in told if one.key not in known}
    rows = [
        {"check_id": check_id, "number": number, "at": _now(), **one._asdict()}
        for number, one in enumerate(new.values(), start=last + 1)
    ]
    if rows:
        await connection.execute(insert(EventRow), rows)


def _check(row: Any) -> Check:
    columns = {name: getattr(row, name) for name in Check.model_fields if name != "report"}
    return Check(**columns, report=row.has_report)


def _now() -> datetime:
    return datetime.now(UTC)
