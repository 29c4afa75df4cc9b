"""The one composition root: settings in, the parts of the service out, opened and closed as a context."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from service.corpus.embedding import MiniLm
from service.corpus.opening import open_corpus
from service.jobs.bell import Bell
from service.jobs.checks import Checks
from service.jobs.delivery import Courier
from service.jobs.inline import open_inline
from service.jobs.ledger import StoredReplies
from service.jobs.queue import Dispatch, Kind, Work, open_queue
from service.jobs.revision import Revision
from service.jobs.runner import Runner
from service.jobs.slots import Slots
from service.jobs.webhooks import WebhookStore, announce
from service.jobs.worker import open_worker
from service.llm.backends import backend
from service.llm.kept import Folder, Replies
from service.llm.observed import Observed
from service.llm.prices import price
from service.outbound.addresses import Reach
from service.outbound.fetcher import Fetcher
from service.pipeline.desk import Desk, Limits, budget
from service.settings import Settings
from service.store.database import Store, open_store
from service.store.engines import NOT_KEPT
from service.telemetry.metrics import Metrics

CODE_VERSION = version("second-source")
_WEAK = "The model is very small: its claims and stances show that the wire works, not that they are right."


@dataclass(frozen=True)
class Service:
    """What the interface works with."""

    store: Store
    desk: Desk
    checks: Checks
    dispatch: Dispatch
    bell: Bell
    courier: Courier
    metrics: Metrics
    workers: Callable[[], Awaitable[int]]
    """How many workers live."""


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Everything that a check needs which nobody keeps, by these settings.

    Raises:
        ConfigurationError: a setting is wrong, an extra that it needs is missing, or the database cannot be used.
    """
    async with open_store(settings.database_url) as store, _desk(settings, store, _replies(settings)) as desk:
        yield desk


@asynccontextmanager
async def open_service(
    settings: Settings, metrics: Metrics | None = None, *, worker: bool = True
) -> AsyncIterator[Service]:
    """Everything that a server or a worker needs, by these settings. Without `worker`, others do the work.

    Raises:
        ConfigurationError: as `open_desk`. StoreError: the database failed.
    """
    told = metrics or Metrics(CODE_VERSION)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings.database_url))
        replies = _replies(settings) or StoredReplies(store, settings.base_url or "", told.reply_reused)
        desk = await stack.enter_async_context(_desk(settings, store, replies, told))
        yield await stack.enter_async_context(serving(settings, store, desk, told, worker=worker))


@asynccontextmanager
async def serving(
    settings: Settings, store: Store, desk: Desk, metrics: Metrics, *, worker: bool = True
) -> AsyncIterator[Service]:
    """The service over a store and a desk that are open already.

    Raises:
        StoreError: the database failed.
    """
    url, at_once = settings.database_url, settings.worker_checks
    courier = Courier(WebhookStore(store), fetcher(settings))

    def served(dispatch: Dispatch, workers: Callable[[], Awaitable[int]]) -> Service:
        return Service(store, desk, Checks(store), dispatch, Bell(), courier, metrics, workers)

    async def workers() -> int:
        return len(await Slots(store, url).living())

    async with AsyncExitStack() as stack:
        if url in NOT_KEPT:
            inline = await stack.enter_async_context(open_inline(at_once=at_once))
            service = served(inline, _alone)
            inline.work = _work(service, settings.standing)
        else:
            queue = await stack.enter_async_context(open_queue(url))
            service = served(queue, workers)
            if worker:
                work = _work(service, settings.standing)
                await stack.enter_async_context(open_worker(store, url, queue, work, at_once=at_once))
        yield service


async def _alone() -> int:
    return 1


def fetcher(settings: Settings) -> Fetcher:
    """What may be reached of the network, by these settings."""
    return Fetcher(Reach(settings.allowed_networks, frozenset(settings.allowed_ports)))


def _work(service: Service, standing: int) -> Work:
    async def deliver(delivery_id: str, _: int) -> float | None:
        outcome = await service.courier.attempt(delivery_id.partition("@")[0])
        service.metrics.delivery(outcome.state)
        return outcome.wait

    revision = Revision(service.store, service.desk, announce, standing)

    async def revise(one: str, nth: int) -> float | None:
        revised = await revision.run(one)
        await service.dispatch.send(Kind.DELIVER, *revised.deliveries)
        return revised.again(nth) if service.desk.backend.name != "none" else None

    async def run(one: str, _: int) -> None:
        await runner.run(one)

    runner = Runner(service.store, service.desk, service.bell, service.dispatch, service.metrics)
    return {Kind.CHECK: run, Kind.REVISE: revise, Kind.DELIVER: deliver}


@asynccontextmanager
async def _desk(
    settings: Settings, store: Store, replies: Replies | None, metrics: Metrics | None = None
) -> AsyncIterator[Desk]:
    api_key = settings.api_key.get_secret_value() if settings.api_key else None
    model = backend(settings.model, base_url=settings.base_url, api_key=api_key, timeout=settings.request_seconds)
    embedder = MiniLm() if settings.embeddings else None
    known = price(settings.model, base_url=settings.base_url)
    limits = _limits(settings)
    try:
        budget(limits, known)  # that a limit cannot be kept is told at the start, not by every check
        async with open_corpus(store, embedder=embedder) as corpus:
            yield Desk(
                corpus=corpus,
                backend=Observed(model, metrics, known) if metrics else model,
                limits=limits,
                price=known,
                slots=asyncio.Semaphore(settings.concurrency) if settings.concurrency else None,
                replies=replies,
                code_version=CODE_VERSION,
                warnings=(_WEAK,) if settings.model.startswith("embedded/") else (),
            )
    finally:
        await model.aclose()


def _replies(settings: Settings) -> Folder | None:
    """A folder for each server: one name may be another model on another server."""
    server = hashlib.sha256((settings.base_url or "").encode()).hexdigest()[:12]
    return Folder(settings.replies / server) if settings.replies else None


def _limits(settings: Settings) -> Limits:
    return Limits(
        window=settings.window,
        windows=settings.windows,
        passages=settings.passages,
        claims=settings.claims,
        seconds=settings.seconds,
        reply_tokens=settings.reply_tokens,
        attempts=settings.attempts,
        calls=settings.max_calls,
        tokens=settings.max_tokens,
        dollars=settings.max_dollars,
    )
