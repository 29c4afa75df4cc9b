"""A check of files, as the command line runs it: all articles in memory, one file after another."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import typer
from pydantic import ValidationError

from schemas.article import Article, ArticleSubmission
from schemas.report import Report
from service.bootstrap import open_desk
from service.errors import InputError, ModelError
from service.pipeline.desk import Desk
from service.pipeline.folder import article_files, submission
from service.pipeline.ingest import article_text_decoded, ingest
from service.pipeline.run import check
from service.settings import Settings
from service.terminal.progress import watched

STANDARD_INPUT = Path("-")


async def check_files(
    files: Sequence[Path], against: Iterable[Path], told: Mapping[str, object], settings: Settings
) -> list[Report]:
    """A report for each file that could be checked, each against all the others and what `against` names.

    Why a file has no report, and what among `against` is no article, is told on standard error.

    Args:
        files: `-` is standard input.
        against: files, and folders of files.
        told: fields of `ArticleSubmission` for every one of `files`; they win over a manifest's.
        settings: the articles stay in their database, and nowhere if that is `:memory:`.

    Raises:
        InputError: one of `files` is no article. Nothing was asked of a model then.
        ConfigurationError: as `open_desk` raises it.
    """
    articles = [_article(file, told, settings) for file in files]
    others = list(_others(against, settings))
    async with open_desk(settings) as desk:
        for article in (*articles, *others):
            await desk.corpus.add(article)
        found = [await _report(file, article, desk) for file, article in zip(files, articles, strict=True)]
    return [report for report in found if report]


async def _report(file: Path, article: Article, desk: Desk) -> Report | None:
    try:
        with watched(str(file)) as watch:
            return await check(article, desk, watch)
    except ModelError as error:
        typer.echo(f"error [{error.code}]: {file}: {error}", err=True)
        return None


def _others(against: Iterable[Path], settings: Settings) -> Iterator[Article]:
    for file in article_files(against):
        try:
            yield _article(file, {}, settings)
        except InputError as error:
            typer.echo(f"skipped [{error.code}]: {error}", err=True)


def _article(file: Path, told: Mapping[str, object], settings: Settings) -> Article:
    with _naming(file):
        handed_in = _with(_standard_input() if file == STANDARD_INPUT else submission(file), told)
        return ingest(handed_in, languages=settings.languages, max_chars=settings.max_characters, now=datetime.now(UTC))


def _standard_input() -> ArticleSubmission:
    """HTML where it begins as a page does, else plain text: there is no name to tell."""
    text = article_text_decoded(sys.stdin.buffer.read())
    is_page = text.lstrip()[:14].lower().startswith(("<!doctype html", "<html"))
    return ArticleSubmission(text=text, media_type="text/html" if is_page else "text/plain")


def _with(handed_in: ArticleSubmission, told: Mapping[str, object]) -> ArticleSubmission:
    try:
        return ArticleSubmission.model_validate({**handed_in.model_dump(), **told})
    except ValidationError as error:
        fault = error.errors()[0]
        raise InputError(f"{fault['loc'][0]}: {fault['msg']}.") from None


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Says of which file an error speaks."""
    try:
        yield
    except InputError as error:
        raise type(error)(f"{file}: {error}") from None
