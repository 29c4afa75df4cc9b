"""What every resource works with, as FastAPI hands it to them."""

import re
from typing import Annotated

from fastapi import Depends, Path, Request

from schemas.article import Article
from schemas.check import Check
from schemas.report import Report
from service.api.problems import RequestFault
from service.bootstrap import Service
from service.errors import NotFound
from service.export.withdrawal import marked, quoted
from service.pipeline.desk import Desk
from service.settings import Settings

_ARTICLE_ID = re.compile("[0-9a-f]{24}")
_CHECK_ID = re.compile("[0-9a-f]{32}")


def _service(request: Request) -> Service:
    service: Service = request.state.service
    return service


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


Opened = Annotated[Service, Depends(_service)]
Configured = Annotated[Settings, Depends(_settings)]


def _desk(service: Opened) -> Desk:
    return service.desk


OpenDesk = Annotated[Desk, Depends(_desk)]


async def article(service: Service, article_id: str) -> Article:
    """The article of an id, withdrawn or not.

    Raises:
        NotFound: none is held.
    """
    held = await service.desk.corpus.article(article_id) if _ARTICLE_ID.fullmatch(article_id) else None
    if held is None:
        raise NotFound("No article is held under this id.")
    return held


async def check_usable(service: Service, article_id: str) -> None:
    """Sees that an article was not withdrawn: a killed story is neither handed out nor checked.

    Raises:
        RequestFault: it was, and when.
    """
    if since := (await service.desk.corpus.withdrawn([article_id])).get(article_id):
        raise RequestFault(
            "withdrawn",
            f'This article was withdrawn on {since:%Y-%m-%d at %H:%M UTC}. PUT with {{"pubstatus": "usable"}} to '
            f"/v1/articles/{article_id} takes that back.",
        )


async def report(service: Service, check_id: str) -> Report | None:
    """The report of a check, marked with what was withdrawn since; None where it has none, or not yet."""
    made = await service.checks.report(check_id)
    return marked(made, await service.desk.corpus.withdrawn(sorted(quoted(made)))) if made else None


async def _known(
    service: Opened,
    article_id: Annotated[str, Path(description="The article's id.", examples=["0123456789abcdef01234567"])],
) -> Article:
    return await article(service, article_id)


Known = Annotated[Article, Depends(_known)]
"""The article that the path names, withdrawn or not; 404 where none is held."""


async def _held(service: Opened, known: Known) -> Article:
    await check_usable(service, known.id)
    return known


async def _asked(
    service: Opened,
    check_id: Annotated[str, Path(description="The check's id.", examples=["0123456789abcdef0123456789abcdef"])],
) -> Check:
    if not _CHECK_ID.fullmatch(check_id):
        raise NotFound("There is no check of this id.")
    return await service.checks.check(check_id)


Held = Annotated[Article, Depends(_held)]
"""The article that the path names; 404 where none is held, 410 where it was withdrawn."""

Asked = Annotated[Check, Depends(_asked)]
"""The check that the path names; 404 where there is none."""
