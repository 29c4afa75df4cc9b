"""Pages of lists: some items, and where the next page begins."""

from pydantic import Field

from schemas.article import Listed
from schemas.check import Check
from schemas.record import Record

_NEXT = "Send it as `after`; null where this is the last page."


class ArticlePage(Record):
    """Articles, the last that came in first."""

    items: tuple[Listed, ...]
    next: str | None = Field(default=None, description=_NEXT)


class CheckPage(Record):
    """Checks, the last that was asked for first."""

    items: tuple[Check, ...]
    next: str | None = Field(default=None, description=_NEXT)
