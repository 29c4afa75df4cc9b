"""What every resource works with, as FastAPI hands it to them."""

from typing import Annotated

from fastapi import Depends, Path, Request

from schemas.article import Article
from service.errors import NotFound
from service.pipeline.desk import Desk
from service.settings import Settings


def _desk(request: Request) -> Desk:
    desk: Desk = request.state.desk
    return desk


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


OpenDesk = Annotated[Desk, Depends(_desk)]
Configured = Annotated[Settings, Depends(_settings)]


async def _held(
    desk: OpenDesk,
    article_id: Annotated[str, Path(description="The article's id.", examples=["0123456789abcdef01234567"])],
) -> Article:
    return await article(desk, article_id)


async def article(desk: Desk, article_id: str) -> Article:
    """The article held under an id.

    Raises:
        NotFound: none is.
    """
    held = await desk.corpus.article(article_id)
    if held is None:
        raise NotFound("No article is held under this id.")
    return held


Held = Annotated[Article, Depends(_held)]
"""The article that the path names; 404 where none is held."""
