"""Articles: `POST /v1/articles`, `GET /v1/articles/{article_id}`."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from schemas.article import Article
from schemas.report import Report
from service.api import parts
from service.api.checks import checked
from service.api.examples import ARTICLE, HTML, REPORT, SUBMISSION
from service.api.limits import from_here
from service.api.parts import Configured, Held, OpenDesk
from service.api.problems import MODEL, OURS, responses
from service.api.submissions import ArticleQuery, submission
from service.pipeline.ingest import ingest

router = APIRouter(tags=["articles"])

_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/ArticleSubmission"},
            "example": SUBMISSION.model_dump(mode="json", exclude_none=True),
        },
        "text/plain": {"schema": {"type": "string"}, "example": SUBMISSION.text},
        "text/html": {"schema": {"type": "string"}, "example": HTML},
    },
}
_REFUSALS = (
    "malformed_json",
    "not_text",
    "foreign_site",
    "text_too_large",
    "unsupported_media_type",
    "invalid_request",
    "bad_input",
    "empty_text",
    "no_sentences",
    "unsupported_language",
    "published_in_future",
)
_EXAMPLES = {
    "checked": {"summary": "The report of the check", "value": REPORT.model_dump(mode="json")},
    "stored": {"summary": "With check=false, the article", "value": ARTICLE.model_dump(mode="json")},
}
_ANSWER: dict[str, Any] = {
    "content": {"application/json": {"examples": _EXAMPLES}},
    "headers": {"Location": {"description": "The article.", "schema": {"type": "string"}}},
}


@router.post(
    "/articles",
    operation_id="add_article",
    summary="Store an article and check it",
    description=(
        "Stores the article as a source for later checks, then checks it and answers with the report. The same text "
        "again is not stored again: what was said of it first stands. A 4xx answer has stored nothing; after a 5xx "
        "answer that names an instance, the article stays stored under it and can be checked again."
    ),
    status_code=201,
    response_description="The article was stored, and checked unless check=false.",
    responses={
        200: {
            "model": Report | Article,
            "description": "The same text was held already. It was checked again.",
            **_ANSWER,
        },
        201: _ANSWER,
        **responses(*_REFUSALS, *MODEL, *OURS),
    },
    openapi_extra={"requestBody": _BODY},
    dependencies=[Depends(from_here)],
)
async def post_article(
    request: Request, response: Response, desk: OpenDesk, settings: Configured, query: Annotated[ArticleQuery, Query()]
) -> Report | Article:
    """The report, or the article where it is only stored."""
    submitted = await submission(request, query, settings.max_characters)
    article = await asyncio.to_thread(  # finding sentences in a long text takes a while; others are served meanwhile
        ingest,
        submitted,
        languages=settings.languages,
        max_chars=settings.max_characters,
        now=datetime.now(UTC),
    )
    added = await desk.corpus.add(article)
    held = article if added else await parts.article(desk, article.id)
    response.status_code = 201 if added else 200
    response.headers["Location"] = f"/v1/articles/{article.id}"
    return await checked(request, held, desk) if query.check else held


@router.get(
    "/articles/{article_id}",
    operation_id="get_article",
    summary="An article",
    response_description="The article as it is held, with its sentences.",
    responses={
        200: {"content": {"application/json": {"example": ARTICLE.model_dump(mode="json")}}},
        **responses("not_found", "store", "internal"),
    },
)
async def get_article(article: Held) -> Article:
    """The article as it is held."""
    return article
