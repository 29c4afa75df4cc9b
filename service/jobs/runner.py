"""A run of a check: taken up, followed, ended. What happens is told as it happens; what fails is said."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from structlog.contextvars import bound_contextvars

from schemas.check import Check, CheckState, EventKind, Progress
from schemas.report import ClaimReport, Report, Unread
from service.errors import (
    Cancelled,
    NotFound,
    SecondSourceError,
    StoreError,
    Superseded,
    Unforeseen,
    VersionChanged,
    Withdrawn,
)
from service.jobs.bell import Bell, Wait
from service.jobs.checks import Checks, Ended, Run, Told, caught_up
from service.jobs.ledger import Ledger
from service.jobs.queue import Dispatch, Kind
from service.llm.metering import Meter
from service.pipeline.assemble import failure
from service.pipeline.desk import Desk
from service.pipeline.run import PROMPTS, WindowRead, check
from service.pipeline.term import Term
from service.store.database import Store
from service.telemetry.logs import fault
from service.telemetry.metrics import Metrics

LOOK_SECONDS = 0.5
"""How often a run looks whether its check was cancelled in another process; in its own the bell tells."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Runner:
    """Runs the checks of a process."""

    store: Store
    desk: Desk
    bell: Bell
    dispatch: Dispatch
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def version(self) -> str:
        """What may go on with a check that was begun: the same code, prompts, model, and limits that make questions."""
        limits = self.desk.limits
        asked = f"{limits.window}-{limits.windows}-{limits.passages}-{limits.claims}-{limits.reply_tokens}"
        prompts = (f"{one.name}.v{one.version}.{one.sha256[:8]}" for one in PROMPTS)
        return " ".join([self.desk.code_version, self.desk.backend.name, asked, *prompts])

    async def run(self, one: str) -> None:
        """Runs a check to its end, from where an earlier run left it. Returns at once where it has ended already.

        `one`: its id, and anything behind an "@".

        Raises:
            StoreError: the database failed; the check can be taken up again.
        """
        checks, check_id = Checks(self.store), one.partition("@")[0]
        with bound_contextvars(check_id=check_id), suppress(NotFound, Superseded):
            run = await checks.take_up(check_id, self.version, self.desk.backend.name)
            if run is None:
                return
            self.metrics.check_started()
            log.info("check taken up", extra={"run": run.number})
            ended, report = await self._run(run, checks)
            self.bell.ring(check_id)
            log.info("check ended", extra={"state": ended.state.value})
            await self.dispatch.send(Kind.DELIVER, *ended.deliveries)
            if ended.behind:
                await self.dispatch.send(Kind.REVISE, caught_up(run.article_id, check_id))
            self._note(await checks.check(check_id), report)

    def _note(self, check: Check, report: Report | None) -> None:
        if check.ended_at is None:
            return
        seconds = (check.ended_at - check.created_at).total_seconds()
        self.metrics.check_ended(check.state, seconds, [one.verdict for one in report.claims] if report else ())

    async def _run(self, run: Run, checks: Checks) -> tuple[Ended, Report | None]:
        """How a run ended. What the database could not do is done again; all else that fails is the check's failure."""
        try:
            report = await self._checked(run, checks)
            return await checks.end(run, CheckState.DONE, report=report), report
        except (StoreError, Superseded):
            raise
        except Cancelled:
            return await checks.end(run, CheckState.CANCELLED), None
        except SecondSourceError as reason:
            return await checks.end(run, CheckState.FAILED, failure=failure(reason)), None
        except Exception as error:
            log.error("unforeseen", extra=fault(error))  # noqa: TRY400 - its message may hold what was read
            return await checks.end(run, CheckState.FAILED, failure=failure(Unforeseen.of(error))), None

    async def _checked(self, run: Run, checks: Checks) -> Report:
        """The report of a check, every step told; a cancelled one's is of what was found."""
        if run.strange:
            raise VersionChanged("Other code, prompts, model or limits began this check; ask for it again.")
        article = await self.desk.corpus.article(run.article_id)
        if article is None:
            raise NotFound("Its article is not held.")
        if await self.desk.corpus.withdrawn([article.id]):
            raise Withdrawn("Its article was withdrawn before it was checked.")
        term = Term(self.desk.limits.seconds)
        ledger = Ledger(self.store, run, term)
        async with _telling(run, checks, self.bell) as teller, _watched(run, checks, term, self.bell):
            try:
                report = await check(article, self.desk, teller.watch, term=term, journal=ledger)
            finally:
                if ledger.failed:
                    teller.told.clear()
                    raise ledger.failed
            if any(map(_is_lost, report.claims)) or any(map(_is_lost, report.unread)):
                raise StoreError("The database failed while the check ran; the check is done again.")
        return report


@dataclass
class _Teller:
    """Takes what happens in a check, and writes it down in its order while the check goes on."""

    run: Run
    checks: Checks
    bell: Bell
    told: list[Told] = field(default_factory=list)
    progress: Progress = field(default_factory=Progress)
    meter: Meter = field(default_factory=Meter)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def watch(self, item: WindowRead | ClaimReport, meter: Meter) -> None:
        """Notes a step; not one that the database failed in, for it is done again."""
        self.meter = meter
        if _is_lost(item):
            return
        now = self.progress
        if isinstance(item, ClaimReport):
            self.progress = now.model_copy(update={"assessed": now.assessed + 1})
            self.told.append(
                Told(f"claim:{item.claim.id}:{item.verdict}", EventKind.CLAIM, item.model_dump(mode="json"))
            )
        else:
            found = {"stretches": now.stretches + 1, "claims": now.claims + len(item.claims)}
            self.progress = now.model_copy(update=found)
            self.told.append(Told(f"read:{item.window.start}", EventKind.READ, _read(item)))
        self.news.set()

    async def tell(self) -> None:
        """Writes down what was noted, and what has been spent by then.

        Raises:
            Superseded: another worker has taken the check up.
        """
        told, self.told = self.told, []
        if not told:
            return
        usage = self.meter.usage()
        spent = {"stages": [used.model_dump(mode="json") for used in usage]}
        spending = Told(f"usage:{len(self.meter.calls)}", EventKind.USAGE, spent)
        try:
            await self.checks.tell(self.run, [*told, spending], self.progress, usage)
        except SecondSourceError:
            self.told = [*told, *self.told]
            raise
        self.bell.ring(self.run.check_id)

    async def keep_telling(self) -> None:
        """Until it is cancelled. What cannot be written now is written a moment later."""
        while True:
            await self.news.wait()
            self.news.clear()
            try:
                await self.tell()
            except Superseded:
                return
            except SecondSourceError as error:
                log.warning("events not written", extra={"code": error.code})
                await asyncio.sleep(LOOK_SECONDS)
                self.news.set()


@asynccontextmanager
async def _telling(run: Run, checks: Checks, bell: Bell) -> AsyncIterator[_Teller]:
    """What is told of a run. The last of it is told however the run ends, unless the process does."""
    teller = _Teller(run, checks, bell)
    try:
        async with _beside(teller.keep_telling()):
            yield teller
    except SecondSourceError:
        with suppress(SecondSourceError):  # the run's own error goes before
            await teller.tell()
        raise
    await teller.tell()


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Has something done for as long as the context lasts, and no longer."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _watched(run: Run, checks: Checks, term: Term, bell: Bell) -> AsyncIterator[None]:
    """Ends the term as soon as the check is cancelled, or another worker has it."""

    async def look(news: Wait) -> None:
        while not bell.closed:
            await news(LOOK_SECONDS)
            try:
                state = await checks.state(run)
            except Superseded as error:
                term.end(error)
                return
            except SecondSourceError:  # a database that fails once is asked again
                continue
            if state is CheckState.CANCELLED:
                term.end(Cancelled("The check was cancelled before this was done."))
                return

    with bell.listening(run.check_id) as news:
        async with _beside(look(news)):
            yield


def _is_lost(item: ClaimReport | WindowRead | Unread) -> bool:
    """Whether the database failed in it: that is no finding, and no failure of the check."""
    if isinstance(item, WindowRead):
        return isinstance(item.error, StoreError)
    return item.failure is not None and item.failure.code == StoreError.code


def _read(item: WindowRead) -> dict[str, object]:
    """What an event tells of a stretch that was read."""
    sentences = [item.window.start, item.window.stop - 1]
    error = item.error or item.unjudged
    told = failure(error).model_dump() if error else None
    return {"sentences": sentences, "claims": [one.model_dump(mode="json") for one in item.claims], "failure": told}
