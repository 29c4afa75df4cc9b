"""Checks: `POST /v1/articles/{article_id}/checks`, `GET /v1/checks`, `GET|DELETE /v1/checks/{check_id}`."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from schemas.article import ArticleId
from schemas.check import Check, CheckState
from schemas.page import CheckPage
from schemas.report import Report
from service.api.asking import ASKING, CHECK_ANSWER, Wished, answer, only_once
from service.api.examples import CHECK, REPORT
from service.api.gate import AtGate, may_start
from service.api.pages import LINK, After, Limit, link_next
from service.api.parts import Asked, Held, Opened
from service.api.problems import MODEL, OURS, responses
from service.jobs.asking import Asking

router = APIRouter(tags=["checks"])

_PAGE = CheckPage(items=(CHECK,), next=CHECK.id)
_SHOWN: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"example": CHECK.model_dump(mode="json")}}}
}


@router.post(
    "/articles/{article_id}/checks",
    operation_id="check_article",
    summary="Check an article again",
    description=(
        "Against what is held now, with the model that is configured now. What the model was asked before is not asked "
        "again. Answers as the posting of an article does."
    ),
    status_code=202,
    response_model=Report | Check,
    response_description="The check goes on.",
    responses={
        201: {
            "model": Report,
            "description": "The check is done.",
            "content": {"application/json": {"example": REPORT.model_dump(mode="json")}},
            "headers": {"Location": {"description": "The report.", "schema": {"type": "string"}}},
        },
        202: CHECK_ANSWER,
        **responses("not_found", "withdrawn", "invalid_request", *ASKING, *MODEL, *OURS),
    },
)
async def post_check(  # noqa: PLR0913, PLR0917 - each is a part of the request
    request: Request, response: Response, service: Opened, article: Held, wish: Wished, gate: AtGate
) -> Report | Check:
    """A new check, or its report where the client waits for it."""
    once = only_once(request, wish)
    asking = Asking(service.store)
    answered = await asking.before(once) if once else None
    if answered is None:
        await may_start(request, gate)
        answered = await asking.claim(once, article.id) if once else None
    if answered is None:
        answered = await asking.ask(article.id, service.desk.backend.name, once, 202)
    return await answer(request, response, service, answered, wish)


@router.get(
    "/checks",
    operation_id="list_checks",
    summary="Checks",
    description="The last that was asked for first.",
    response_description="A page of them. `next`, and the Link header, lead to the next.",
    responses={
        200: {"content": {"application/json": {"example": _PAGE.model_dump(mode="json")}}, "headers": LINK},
        **responses("invalid_request", "bad_input", "store", "internal"),
    },
)
async def get_checks(  # noqa: PLR0913, PLR0917 - each is a part of the request
    request: Request,
    response: Response,
    service: Opened,
    state: Annotated[CheckState | None, Query(description="Only those in this state.")] = None,
    article_id: Annotated[ArticleId | None, Query(description="Only those of this article.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> CheckPage:
    """A page of checks."""
    page = await service.checks.page(state=state, article_id=article_id, after=after, limit=limit)
    link_next(request, response, page.next)
    return page


@router.get(
    "/checks/{check_id}",
    operation_id="get_check",
    summary="A check as it is now",
    response_description="Its state, how far it is, and what it has cost so far.",
    responses={**_SHOWN, **responses("not_found", "store", "internal")},
)
async def get_check(check: Asked) -> Check:
    """The check as it is."""
    return check


@router.delete(
    "/checks/{check_id}",
    operation_id="cancel_check",
    summary="Cancel a check",
    description=(
        "Nothing more is spent on it. What was found by then stays, and its report says of the rest that it was "
        "cancelled. A check that has ended stays as it is."
    ),
    response_description="The check, cancelled, or as it had ended before.",
    responses={**_SHOWN, **responses("not_found", "store", "internal")},
)
async def delete_check(service: Opened, check: Asked) -> Check:
    """Cancels it."""
    cancelled = await service.checks.cancel(check.id)
    service.bell.ring(check.id)
    return cancelled
