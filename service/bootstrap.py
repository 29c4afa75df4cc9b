"""The one composition root: settings in, the parts of the service out, opened and closed as a context."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from service.corpus.embedding import MiniLm
from service.corpus.sqlite import SqliteCorpus
from service.llm.backends import backend
from service.llm.prices import price
from service.pipeline.desk import Desk, Limits
from service.settings import Settings

CODE_VERSION = version("second-source")
_WEAK = "The model is very small: its claims and stances show that the wire works, not that they are right."


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Everything that checks need, by these settings.

    Raises:
        ConfigurationError: a setting is wrong, an extra that it needs is missing, or the database cannot be used.
    """
    api_key = settings.api_key.get_secret_value() if settings.api_key else None
    model = backend(settings.model, base_url=settings.base_url, api_key=api_key, timeout=settings.request_seconds)
    embedder = MiniLm() if settings.embeddings else None
    try:
        async with SqliteCorpus.open(settings.database, embedder=embedder) as corpus:
            yield Desk(
                corpus=corpus,
                backend=model,
                limits=_limits(settings),
                price=price(settings.model, base_url=settings.base_url),
                slots=asyncio.Semaphore(settings.concurrency) if settings.concurrency else None,
                replies=_replies(settings),
                code_version=CODE_VERSION,
                warnings=(_WEAK,) if settings.model.startswith("embedded/") else (),
            )
    finally:
        await model.aclose()


def _replies(settings: Settings) -> Path | None:
    """A folder for each server: one name may be another model on another server."""
    server = hashlib.sha256((settings.base_url or "").encode()).hexdigest()[:12]
    return settings.replies / server if settings.replies else None


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
