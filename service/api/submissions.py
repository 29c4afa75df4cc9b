"""The body of a request as an article handed in: JSON, or the bare text with its particulars in the query."""

import re
from typing import Any, Literal

from fastapi import Request
from pydantic import Field, ValidationError

from schemas.article import ArticleSubmission
from schemas.problem import FieldProblem
from schemas.record import Record
from service.api.bodies import JSON, check_given_once, media_type, unfitting
from service.api.problems import RequestFault
from service.errors import NotText
from service.outbound.fetcher import Fetcher
from service.outbound.page import submission_of
from service.pipeline.ingest import article_text_decoded
from service.settings import Settings

BARE = ("text/plain", "text/html")
TAKEN = (JSON, *BARE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


class ArticleQuery(Record):
    """What may stand behind the question mark."""

    check: bool = Field(default=True, description="false: the article is stored and not checked.")
    publisher: str | None = Field(default=None, description="Of a text/plain or text/html body: who published it.")
    title: str | None = Field(default=None, description="Of a text/plain or text/html body: its title.")
    published_at: str | None = Field(
        default=None,
        description="Of a text/plain or text/html body: when it was published, with its UTC offset.",
        examples=["2024-12-08T09:30:00Z"],
    )
    url: str | None = Field(default=None, description="Of a text/plain or text/html body: where it stands.")
    language: str | None = Field(default=None, description="Of a text/plain or text/html body: ISO 639-1 code.")

    def particulars(self) -> dict[str, str]:
        """What was said of a bare text."""
        return self.model_dump(exclude={"check"}, exclude_none=True)


class Linked(ArticleSubmission):
    """An article by its URL, the text of which is to be fetched."""

    text: Literal[""] = ""
    url: str = Field(max_length=2000, pattern=r"^https?://\S+$")


async def submission(request: Request, query: ArticleQuery, settings: Settings) -> ArticleSubmission:
    """What was handed in; a `Linked` where it is a URL without a text, and such are taken.

    Raises:
        RequestFault: the body is of another type, is not JSON, or its fields do not fit.
        NotText: the body or the query is not UTF-8.
        TextTooLarge: the body is too large to be read.
    """
    kind = media_type(request, TAKEN)
    _check_query_is_plain(request)
    text = article_text_decoded(await request.body())
    if kind in BARE:
        submitted = _fitting({**query.particulars(), "text": text, "media_type": kind})
    elif named := ", ".join(query.particulars()):
        raise RequestFault("invalid_request", f"With a JSON body these belong into the body, not the query: {named}.")
    else:
        submitted = _from_json(text, linked=settings.fetch)
    _check_particulars(submitted)
    return submitted


async def fetched(linked: Linked, fetcher: Fetcher) -> ArticleSubmission:
    """The article at a URL; what was said of it stands, and the URL is where it came from in the end.

    Raises:
        UrlRefused: it leads where this service does not go. FetchFailed: it cannot be had, or is no page.
        NotText: it is not in the encoding that it names.
    """
    page = submission_of(await fetcher.fetch(linked.url))
    told = linked.model_dump(include={"publisher", "title", "published_at", "language"})
    return page.model_copy(update=told)


def _check_query_is_plain(request: Request) -> None:
    """Refuses what the query's parser would mend or drop without a word: other encodings, a parameter given twice."""
    names = [name for name, _ in request.query_params.multi_items()]
    if len(set(names)) < len(names):
        raise RequestFault("invalid_request", "A query parameter is given twice; give each once.")
    if "\N{REPLACEMENT CHARACTER}" in "".join(request.query_params.values()):
        raise NotText("The query is not UTF-8; percent-encode the UTF-8 bytes.")


def _from_json(text: str, *, linked: bool) -> ArticleSubmission:
    try:
        submitted = ArticleSubmission.model_validate_json(text, strict=True)
    except ValidationError as error:
        if not linked or ("text",) not in [fault["loc"] for fault in error.errors() if fault["type"] == "missing"]:
            raise unfitting(error) from None
        submitted = _linked(text, error)
    check_given_once(text)
    return submitted


def _linked(text: str, error: ValidationError) -> Linked:
    try:
        return Linked.model_validate_json(text, strict=True)
    except ValidationError:
        raise unfitting(error) from None


def _fitting(fields: dict[str, Any]) -> ArticleSubmission:
    try:
        return ArticleSubmission.model_validate(fields)
    except ValidationError as error:
        raise unfitting(error) from None


def _check_particulars(submitted: ArticleSubmission) -> None:
    """Refuses control characters where ingest, which looks at the text, does not look."""
    told = submitted.model_dump(include={"publisher", "title", "url"}, exclude_none=True)
    faults = [
        FieldProblem(pointer=f"/{name}", detail="Holds control characters.")
        for name in told
        if _CONTROL.search(told[name])
    ]
    if faults:
        raise RequestFault("not_text", "Control characters stand where a text is wanted.", errors=faults)
