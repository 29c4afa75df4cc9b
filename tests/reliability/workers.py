"""Three workers on one PostgreSQL, one of which is killed: what becomes of what it had begun, and at what cost?"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from schemas.article import Article
from service.bootstrap import Service, open_service
from service.jobs.queue import Kind, Queue, workflow_id
from service.jobs.slots import Slots
from service.settings import Settings
from tests.mockserver import MockServer
from tests.reliability.accounts import missing
from tests.reliability.article import answer, small_articles
from tests.reliability.databases import databases, rows
from tests.reliability.markdown import head, row
from tests.reliability.questions import keys
from tests.reliability.watching import told
from tests.seeds import ROOT

WORKERS = 3
CHECKS = 24
LATENCY = 1.0
_WORK = "from service.cli import main; main()"
_DEADLINE = 120


@dataclass(frozen=True)
class Death:
    """What became of the checks. `begun`: those that the dead worker had; `seconds`: from its death to their ends."""

    begun: int
    seconds: Sequence[float]
    sent: frozenset[str]
    recorded: frozenset[str]
    asked_by_others: frozenset[str]
    asked_more_than_once: int
    done: int
    missing: Sequence[str]
    others_disturbed: int
    """Checks of living workers that were taken up a second time."""

    @property
    def well(self) -> bool:
        """All done within a minute, nothing lost, and nothing asked twice but what was in flight."""
        nothing_double = self.sent & self.asked_by_others <= self.sent - self.recorded
        in_time = not self.seconds or max(self.seconds) <= 60
        only_once = not self.asked_more_than_once and not self.others_disturbed
        return in_time and nothing_double and only_once and self.done == CHECKS and not self.missing


def died(url: str, after: float) -> Death:
    """Kills one of the workers so many seconds after its first call."""
    articles = small_articles(CHECKS)
    with MockServer(answer, latency=LATENCY) as model:
        return asyncio.run(_died(url, model, articles, after))


def table(kind: str, count: int) -> Iterator[str]:
    """Lines of Markdown, one for each time that a worker died. SQLite has one machine; there is nothing to show."""
    if kind == "sqlite":
        yield "Workers share PostgreSQL; see there.\n"
        return
    at_once = Settings().worker_checks
    yield f"{WORKERS} workers of {at_once} checks at once, {CHECKS} checks of 4 calls of {LATENCY:g} s.\n"
    calls = ("its calls", "in flight", "made twice")
    yield head("killed after, s", "checks it had", "they ended after, s", *calls, "done", "lost", "as it must be")
    draw = random.Random(0)  # noqa: S311 - repeatable is the point
    with databases(kind) as fresh:
        for _ in range(count):
            after = draw.uniform(0, 3)
            yield _told(after, died(fresh(), after))


def _told(after: float, death: Death) -> str:
    ended = f"{min(death.seconds):.1f} to {max(death.seconds):.1f}" if death.seconds else "none had begun"
    in_flight, twice = death.sent - death.recorded, death.sent & death.asked_by_others
    calls = (len(death.sent), len(in_flight), len(twice))
    well = "yes" if death.well else "NO"
    return row(f"{after:.1f}", death.begun, ended, *calls, death.done, len(death.missing), well)


async def _died(url: str, model: MockServer, articles: Sequence[Article], after: float) -> Death:
    settings = Settings(model="openai/mock", base_url=model.url, database_url=url, standing=0)
    async with (
        open_service(settings, worker=False) as service,
        _working(url, model.url, Slots(service.store, url)) as workers,
    ):
        for article in articles:
            await service.desk.corpus.add(article)
        asked = [(await service.checks.ask(article.id, settings.model)).id for article in articles]
        await service.dispatch.send(Kind.CHECK, *asked)
        while not keys(model.log, "worker-1"):  # noqa: ASYNC110 - the model is in another thread
            await asyncio.sleep(0.05)
        await asyncio.sleep(after)
        victim = workers[1]
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        death = time.monotonic()
        recorded = frozenset(found[0] for found in rows(url, "SELECT key FROM calls"))
        begun = await _left(service, asked)
        seconds = await _ends(service, begun, death)
        await _ends(service, asked, death)
        checks = [await told(service, await service.checks.check(check_id)) for check_id in asked]
    by_worker = [keys(model.log, f"worker-{number}") for number in range(WORKERS)]
    return Death(
        begun=len(begun),
        seconds=seconds,
        sent=frozenset(by_worker[1]),
        recorded=recorded,
        asked_by_others=frozenset(by_worker[0]) | frozenset(by_worker[2]),
        asked_more_than_once=sum(asked.total() - len(asked) for asked in by_worker),
        done=sum(check["check"]["state"] == "done" for check in checks),
        missing=[lost for article, one in zip(articles, checks, strict=True) for lost in missing(article, one)],
        others_disturbed=sum(one["check"]["runs"] > 1 for one in checks if one["check"]["id"] not in begun),
    )


async def _left(service: Service, asked: Sequence[str]) -> list[str]:
    """The checks that the dead worker had begun."""
    if not isinstance(service.dispatch, Queue):
        raise TypeError("a database that is shared has a queue")
    flows = (await service.dispatch.pending()).get("worker-1", [])
    return [check_id for check_id in asked if workflow_id(Kind.CHECK, check_id) in flows]


async def _ends(service: Service, check_ids: Sequence[str], since: float) -> list[float]:
    """When each has ended, in seconds since a moment."""
    ended: dict[str, float] = {}
    async with asyncio.timeout(_DEADLINE):
        while left := [check_id for check_id in check_ids if check_id not in ended]:
            for check_id in left:
                if (await service.checks.check(check_id)).state.ended:
                    ended[check_id] = time.monotonic() - since
            await asyncio.sleep(0.2)
    return list(ended.values())


@asynccontextmanager
async def _working(url: str, model_url: str, slots: Slots) -> AsyncIterator[list[subprocess.Popen[bytes]]]:
    """Workers, each with a provider's key of its own, so that its calls are known; they are numbered as they come."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        async with asyncio.timeout(_DEADLINE):
            for number in range(WORKERS):
                started.append(_started(url, model_url, f"worker-{number}"))
                while number not in await slots.living():  # noqa: ASYNC110 - it is another process
                    await asyncio.sleep(0.2)
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            await asyncio.to_thread(process.wait, _DEADLINE)


def _started(url: str, model_url: str, key: str) -> subprocess.Popen[bytes]:
    environment: dict[str, Any] = {
        name: value for name, value in os.environ.items() if not name.startswith("SECONDSOURCE_")
    }
    ours = {"MODEL": "openai/mock", "BASE_URL": model_url, "API_KEY": key, "DATABASE_URL": url, "STANDING": "0"}
    environment |= {f"SECONDSOURCE_{name}": value for name, value in ours.items()}
    command = [sys.executable, "-c", _WORK, "work"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
