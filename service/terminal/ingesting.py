"""`secondsource ingest`: puts articles into the database, from files, folders and pages."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from schemas.article import ArticleSubmission
from service.bootstrap import Service, fetcher, open_service
from service.errors import FetchFailed, InputError
from service.jobs.queue import Kind
from service.outbound.page import submission_of
from service.pipeline.folder import article_files, submission
from service.pipeline.ingest import ingest
from service.settings import Settings

_PAGE = ("http://", "https://")


async def ingest_all(places: Sequence[str], settings: Settings) -> int:
    """Stores the articles at all places, and has earlier claims held against those that are new; how many failed.

    A line for each on standard output: its id, whether it is new, and where it was; why one failed, on standard error.

    Raises:
        ConfigurationError: the database cannot be used. StoreError: it failed.
    """
    failed = 0
    async with open_service(settings, worker=False) as service:
        async for place in _each(places):
            try:
                handed_in = await _handed_in(place, settings)
                article_id, new = await _stored(handed_in, settings, service)
            except (InputError, FetchFailed) as error:
                failed += 1
                typer.echo(f"error [{error.code}]: {place}: {error}", err=True)
            else:
                typer.echo(f"{article_id}  {'new ' if new else 'held'}  {place}")
    return failed


async def _each(places: Sequence[str]) -> AsyncIterator[str]:
    """URLs as they are, and the files that paths stand for."""
    for place in places:
        if place.startswith(_PAGE):
            yield place
        else:
            for file in await asyncio.to_thread(lambda path: list(article_files([path])), Path(place)):
                yield str(file)


async def _handed_in(place: str, settings: Settings) -> ArticleSubmission:
    if place.startswith(_PAGE):
        return submission_of(await fetcher(settings).fetch(place))
    return await asyncio.to_thread(submission, Path(place))


async def _stored(handed_in: ArticleSubmission, settings: Settings, service: Service) -> tuple[str, bool]:
    now = datetime.now(UTC)
    article = ingest(handed_in, languages=settings.languages, max_chars=settings.max_characters, now=now)
    new = await service.desk.corpus.add(article)
    if new:
        await service.dispatch.send(Kind.REVISE, article.id)
    return article.id, new
