"""Checks: `POST /v1/articles/{article_id}/checks`."""

import asyncio

from fastapi import APIRouter, Depends, Request, Response

from schemas.article import Article
from schemas.report import Report
from service.api.examples import REPORT
from service.api.limits import from_here
from service.api.parts import Held, OpenDesk
from service.api.problems import MODEL, OURS, RequestFault, responses
from service.pipeline.desk import Desk
from service.pipeline.run import check

router = APIRouter(tags=["checks"])


@router.post(
    "/articles/{article_id}/checks",
    operation_id="check_article",
    summary="Check an article again",
    description="Against what is held now, with the model that is configured now. Answers when the check is done.",
    status_code=201,
    response_description="The check is done.",
    responses={
        201: {
            "content": {"application/json": {"example": REPORT.model_dump(mode="json")}},
            "headers": {"Location": {"description": "The report.", "schema": {"type": "string"}}},
        },
        **responses("foreign_site", "not_found", *MODEL, *OURS),
    },
    dependencies=[Depends(from_here)],
)
async def post_check(request: Request, response: Response, desk: OpenDesk, article: Held) -> Report:
    """The report of a new check."""
    response.headers["Location"] = f"/v1/articles/{article.id}/report"
    return await checked(request, article, desk)


async def checked(request: Request, article: Article, desk: Desk) -> Report:
    """Checks an article that is held and keeps the report as its last one. Ends early when the client goes away.

    Raises:
        ModelError: no stretch of the article could be read; the article stays held.
        StoreError: the corpus failed.
        RequestFault: the client went away.
    """
    request.state.instance = f"/v1/articles/{article.id}"
    checking = asyncio.ensure_future(check(article, desk))
    gone = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({checking, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not checking.done():
            raise RequestFault("client_gone", "The client went away; the check was ended.")
        report = checking.result()
    finally:
        checking.cancel()
        gone.cancel()
        await asyncio.gather(checking, gone, return_exceptions=True)
    await desk.corpus.keep_report(report)
    return report


async def _gone(request: Request) -> None:
    """Returns when the client has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
