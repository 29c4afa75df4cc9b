"""A check of files, as the command line runs it: all articles in memory, one file after another."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from schemas.article import Article, ArticleSubmission
from schemas.report import Report
from service.bootstrap import open_desk
from service.errors import InputError, ModelError
from service.pipeline.desk import Desk
from service.pipeline.folder import article_files, submission
from service.pipeline.ingest import article_text_decoded, ingest
from service.pipeline.run import Watch, check
from service.settings import Settings

Watched = Callable[[str], AbstractContextManager[Watch]]
"""Follows the check of the file of a name."""
Tell = Callable[[str], None]
"""Tells a person a line."""


async def check_files(
    handed_in: Sequence[tuple[str, ArticleSubmission]],
    against: Iterable[Path],
    settings: Settings,
    watched: Watched,
    tell: Tell,
) -> list[Report]:
    """A report for each article that could be checked, each against all the others; why another could not is told.

    Args:
        handed_in: the articles to be checked, by the names to tell of them.
        against: files and folders; what in them is no article is told and left out.
        settings: the database among them is not touched if it is `:memory:`.
        watched: opened for each check.
        tell: takes what a person should know meanwhile.

    Raises:
        InputError: one of those handed in is no article. Nothing was asked of a model then.
        ConfigurationError: as `open_desk` raises it.
    """
    articles = [(name, _ingested(name, one, settings)) for name, one in handed_in]
    others = list(_others(against, settings, tell))
    async with open_desk(settings) as desk:
        for article in (*(article for _, article in articles), *others):
            await desk.corpus.add(article)
        found = [await _report(name, article, desk, watched, tell) for name, article in articles]
    return [report for report in found if report]


async def _report(name: str, article: Article, desk: Desk, watched: Watched, tell: Tell) -> Report | None:
    try:
        with watched(name) as watch:
            return await check(article, desk, watch)
    except ModelError as error:
        tell(f"error [{error.code}]: {name}: {error}")
        return None


def read(file: Path, told: Mapping[str, object]) -> ArticleSubmission:
    """A file as it would be handed in. `told`: fields that win over its manifest's.

    Raises:
        InputError: the file, its manifest or a field cannot be taken.
    """
    return _with(submission(file), told)


def read_bytes(data: bytes, told: Mapping[str, object]) -> ArticleSubmission:
    """Bytes without a name, as they would be handed in: HTML where they begin as a page does, else plain text.

    Raises:
        InputError: the bytes are no text, or a field cannot be taken.
    """
    text = article_text_decoded(data)
    begins_as_a_page = text.lstrip()[:14].lower().startswith(("<!doctype html", "<html"))
    media_type = "text/html" if begins_as_a_page else "text/plain"
    return _with(ArticleSubmission(text=text, media_type=media_type), told)


def _with(handed_in: ArticleSubmission, told: Mapping[str, object]) -> ArticleSubmission:
    try:
        return ArticleSubmission.model_validate({**handed_in.model_dump(), **told})
    except ValidationError as error:
        fault = error.errors()[0]
        raise InputError(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}.") from None


def _ingested(name: str, handed_in: ArticleSubmission, settings: Settings) -> Article:
    try:
        return ingest(handed_in, languages=settings.languages, max_chars=settings.max_characters, now=datetime.now(UTC))
    except InputError as error:
        raise type(error)(f"{name}: {error}") from None


def _others(against: Iterable[Path], settings: Settings, tell: Tell) -> Iterator[Article]:
    for file in article_files(against):
        try:
            yield _ingested(str(file), submission(file), settings)
        except InputError as error:
            tell(f"skipped [{error.code}]: {error}")
