"""Articles: `POST|GET /v1/articles`, `GET|PUT|DELETE /v1/articles/{article_id}`."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response

from schemas.article import Article, ArticleSubmission
from schemas.check import Check
from schemas.page import ArticlePage
from schemas.record import Record
from schemas.report import Report
from service.api import parts
from service.api.asking import ASKING, CHECK_ANSWER, Wished, answer, only_once
from service.api.bodies import documented, json_body
from service.api.conditional import ETAG, NOT_MODIFIED, IfMatch, IfNoneMatch, check_match, tagged
from service.api.examples import ARTICLE, HTML, LISTED, REPORT, SUBMISSION
from service.api.gate import AtGate, may_start
from service.api.pages import LINK, After, Limit, link_next
from service.api.parts import Configured, Held, Known, Opened, check_usable
from service.api.problems import MODEL, OURS, responses
from service.api.submissions import ArticleQuery, Linked, fetched, submission
from service.bootstrap import Service
from service.jobs.asking import Answered, Asking, Once
from service.jobs.queue import Kind
from service.pipeline.ingest import ingest
from service.settings import Settings

router = APIRouter(tags=["articles"])


class PubStatus(StrEnum):
    """Whether a story may be used, in the words of IPTC ninjs."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


class Publication(Record):
    """What can be said of an article after it came in."""

    pubstatus: PubStatus


_BY_URL = {
    "type": "object",
    "description": "An article by its URL; taken where SECONDSOURCE_FETCH is true. Other fields may stand beside it.",
    "properties": {"url": {"type": "string", "format": "uri"}},
    "required": ["url"],
    "not": {"required": ["text"]},
}
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"anyOf": [{"$ref": "#/components/schemas/ArticleSubmission"}, _BY_URL]},
            "example": SUBMISSION.model_dump(mode="json", exclude_none=True),
        },
        "text/plain": {"schema": {"type": "string"}, "example": SUBMISSION.text},
        "text/html": {"schema": {"type": "string"}, "example": HTML},
    },
}
_REFUSALS = (
    "malformed_json",
    "not_text",
    "text_too_large",
    "unsupported_media_type",
    "invalid_request",
    "bad_input",
    "empty_text",
    "no_sentences",
    "unsupported_language",
    "published_in_future",
    "withdrawn",
    "url_refused",
    "fetch_failed",
)
_OF_ONE = ("not_found", "changed_since", "store", "internal")
_PAGE = ArticlePage(items=(LISTED,), next=ARTICLE.id)
_EXAMPLES = {
    "checked": {"summary": "With Prefer: wait, the report of the check", "value": REPORT.model_dump(mode="json")},
    "stored": {"summary": "With check=false, the article", "value": ARTICLE.model_dump(mode="json")},
}
_ANSWER: dict[str, Any] = {
    "content": {"application/json": {"examples": _EXAMPLES}},
    "headers": {"Location": {"description": "The report, or the article.", "schema": {"type": "string"}}},
}


@router.post(
    "/articles",
    operation_id="add_article",
    summary="Store an article and check it",
    description=(
        "Stores the article as a source for other checks, and has it checked. The answer is the check (202), or its "
        "report (201) where `Prefer: wait=SECONDS` gives it the time. The same text again is not stored again: what "
        "was said of it first stands. A 4xx answer has stored nothing; after a 5xx answer that names an instance, the "
        "article stays stored, and the check can be looked at there."
    ),
    status_code=202,
    response_model=Report | Check | Article,
    response_description="The article is stored; its check goes on.",
    responses={
        200: {
            **_ANSWER,
            "model": Article,
            "description": "With check=false: the same text was held already.",
            "content": {"application/json": {"example": _EXAMPLES["stored"]["value"]}},
        },
        201: {"model": Report | Article, "description": "The check is done, or check=false.", **_ANSWER},
        202: CHECK_ANSWER,
        **responses(*_REFUSALS, *ASKING, *MODEL, *OURS),
    },
    openapi_extra={"requestBody": _BODY},
)
async def post_article(  # noqa: PLR0913, PLR0917 - each is a part of the request
    request: Request,
    response: Response,
    service: Opened,
    settings: Configured,
    query: Annotated[ArticleQuery, Query()],
    wish: Wished,
    gate: AtGate,
) -> Report | Check | Article:
    """The check, or its report where the client waits for it, or the article where it is only stored."""
    submitted = await submission(request, query, settings)
    once = only_once(request, wish, submitted.model_dump_json(), query.model_dump_json())
    answered = await Asking(service.store).before(once) if once else None
    if answered is None:
        if query.check:
            await may_start(request, gate)
        if isinstance(submitted, Linked):
            submitted = await fetched(submitted, service.courier.fetcher)
        answered = await _taken(service, await _ingested(submitted, settings), once, check=query.check)
    if query.check:
        return await answer(request, response, service, answered, wish)
    await check_usable(service, answered.article_id)
    response.status_code = answered.status
    response.headers["Location"] = f"/v1/articles/{answered.article_id}"
    return await parts.article(service, answered.article_id)


async def _taken(service: Service, article: Article, once: Once | None, *, check: bool) -> Answered:
    """Stores an article and asks for its check. The client's key is claimed before: a refusal stores nothing."""
    asking = Asking(service.store)
    if once and (answered := await asking.claim(once, article.id)):
        return answered
    added = await service.desk.corpus.add(article)
    if added:
        await service.dispatch.send(Kind.REVISE, article.id)
    else:
        await check_usable(service, article.id)
    model = service.desk.backend.name if check else None
    return await asking.ask(article.id, model, once, 202 if model else 201 if added else 200)


async def _ingested(submitted: ArticleSubmission, settings: Settings) -> Article:
    """The article of what was handed in. Sentences of a long text take a while; others are served meanwhile."""
    limited = partial(ingest, languages=settings.languages, max_chars=settings.max_characters)
    return await asyncio.to_thread(limited, submitted, now=datetime.now(UTC))


@router.get(
    "/articles",
    operation_id="list_articles",
    summary="The articles held",
    description="The last that came in first, those withdrawn among them.",
    response_description="A page of them. `next`, and the Link header, lead to the next.",
    responses={
        200: {"content": {"application/json": {"example": _PAGE.model_dump(mode="json")}}, "headers": LINK},
        **responses("invalid_request", "bad_input", "store", "internal"),
    },
)
async def get_articles(
    request: Request, response: Response, service: Opened, limit: Limit = 50, after: After = None
) -> ArticlePage:
    """A page of articles."""
    page = await service.desk.corpus.articles(after=after, limit=limit)
    link_next(request, response, page.next)
    return page


@router.get(
    "/articles/{article_id}",
    operation_id="get_article",
    summary="An article",
    response_model=Article,
    response_description="The article as it is held, with its sentences.",
    responses={
        200: {"content": {"application/json": {"example": ARTICLE.model_dump(mode="json")}}, "headers": ETAG},
        304: NOT_MODIFIED,
        **responses("not_found", "withdrawn", "store", "internal"),
    },
)
async def get_article(article: Held, if_none_match: IfNoneMatch = None) -> Response:
    """The article as it is held."""
    return tagged(article.model_dump_json(), "application/json", if_none_match)


@router.put(
    "/articles/{article_id}",
    operation_id="set_article_status",
    summary="Withdraw an article, or take that back",
    description=(
        "By IPTC's pubstatus. `canceled` (killed) and `withheld`: the article is no evidence any more, is not handed "
        "out and not checked; reports that quote it say so. `usable`: it is evidence again. Nothing else of an article "
        "can be changed."
    ),
    status_code=204,
    response_description="It is so now.",
    responses=responses("malformed_json", "not_text", "unsupported_media_type", "invalid_request", *_OF_ONE),
    openapi_extra=documented(Publication, Publication(pubstatus=PubStatus.CANCELED)),
)
async def put_article(request: Request, service: Opened, known: Known, if_match: IfMatch = None) -> None:
    """Nothing."""
    wanted = await json_body(request, Publication)
    await _check_match(service, known, if_match)
    corpus = service.desk.corpus
    if wanted.pubstatus is PubStatus.USABLE:
        await corpus.reinstate(known.id)
        await _revised(service, known)
    else:
        await _withdrawn(service, known)


@router.delete(
    "/articles/{article_id}",
    operation_id="withdraw_article",
    summary="Withdraw an article",
    description="As PUT with `canceled` does. Its text stays in the store, for the reports that quote it.",
    status_code=204,
    response_description="It is withdrawn, or was already.",
    responses=responses(*_OF_ONE),
)
async def delete_article(service: Opened, known: Known, if_match: IfMatch = None) -> None:
    """Nothing."""
    await _check_match(service, known, if_match)
    await _withdrawn(service, known)


async def _withdrawn(service: Service, article: Article) -> None:
    """Takes an article out of the evidence; its checks that are under way end. Done again, it does no harm."""
    await service.desk.corpus.withdraw(article.id)
    for check_id in await service.checks.under_way(article.id):
        await service.checks.cancel(check_id)
        service.bell.ring(check_id)
    await _revised(service, article)


async def _revised(service: Service, article: Article) -> None:
    """Has the claims that an article bears on brought up to date; sent each time, for an earlier one may be lost."""
    await service.dispatch.send(Kind.REVISE, f"{article.id}@{uuid4().hex}")


async def _check_match(service: Service, known: Article, if_match: str | None) -> None:
    if if_match is not None:
        withdrawn = await service.desk.corpus.withdrawn([known.id])
        check_match(if_match, None if withdrawn else known.model_dump_json())
