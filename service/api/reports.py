"""Reports: of a check, or of an article's last one, in the form that the client accepts."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from schemas.check import Check, CheckState
from schemas.report import Report
from service.api import parts
from service.api.conditional import ETAG, NOT_MODIFIED, IfNoneMatch, tagged
from service.api.examples import REPORT
from service.api.parts import Asked, Known, Opened
from service.api.problems import RequestFault, responses
from service.bootstrap import Service
from service.export import markdown, page

router = APIRouter(tags=["checks"])

_FORMS: dict[str, Callable[[Report], str]] = {
    "application/json": Report.model_dump_json,
    "text/html": page.render,
    "text/markdown": markdown.render,
}
_HEADERS = {"Vary": "Accept", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
_PAGE_MAY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_DESCRIPTION = (
    "As JSON, as a page for a browser, or as Markdown, by the Accept header. It stays as it was made, but for one "
    "thing: `withdrawn` and a warning name the articles it quotes that were withdrawn since."
)
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report.",
        "content": {
            "application/json": {"example": REPORT.model_dump(mode="json")},
            "text/html": {"schema": {"type": "string"}},
            "text/markdown": {"schema": {"type": "string"}},
        },
        "headers": {"Vary": {"schema": {"type": "string"}}, **ETAG},
    },
    304: NOT_MODIFIED,
    **responses("not_found", "no_report", "not_acceptable", "store", "internal"),
}


@router.get(
    "/checks/{check_id}/report",
    operation_id="get_report_of_check",
    summary="The report of a check",
    description=_DESCRIPTION,
    response_model=Report,
    responses=_RESPONSES,
)
async def get_report_of_check(
    request: Request, service: Opened, check: Asked, if_none_match: IfNoneMatch = None
) -> Response:
    """Its report in the form wanted."""
    return await _formed(request, service, check, if_none_match)


@router.get(
    "/articles/{article_id}/report",
    operation_id="get_report",
    summary="The last report of an article",
    description=f"Of the check that was done last. {_DESCRIPTION}",
    response_model=Report,
    responses=_RESPONSES,
)
async def get_report(request: Request, service: Opened, article: Known, if_none_match: IfNoneMatch = None) -> Response:
    """The last report in the form wanted."""
    check = await service.checks.last(article.id)
    if check is None:
        raise RequestFault(
            "no_report", f"No check of it is done yet; POST /v1/articles/{article.id}/checks asks for one."
        )
    return await _formed(request, service, check, if_none_match)


async def _formed(request: Request, service: Service, check: Check, if_none_match: str | None) -> Response:
    form = preferred(", ".join(request.headers.getlist("accept")) or "*/*", tuple(_FORMS))
    if form is None:
        raise RequestFault(
            "not_acceptable", f"The report has these forms: {', '.join(_FORMS)}.", headers={"Vary": "Accept"}
        )
    report = await parts.report(service, check.id)
    if report is None:
        raise RequestFault("no_report", why_none(check))
    headers = {**_HEADERS, "Content-Security-Policy": _PAGE_MAY} if form == "text/html" else _HEADERS
    return tagged(_FORMS[form](report), form, if_none_match, headers)


def why_none(check: Check) -> str:
    """Why a check has no report."""
    if check.failure:
        return f"The check failed: {check.failure.detail}"
    if check.state is not CheckState.CANCELLED:
        return f"The check has not ended; GET /v1/checks/{check.id} tells how far it is."
    if not check.runs:
        return "The check was cancelled before it began."
    return "The check was cancelled, and nothing was found by then, or what was is being written down just now."


def preferred(accept: str, offered: tuple[str, ...]) -> str | None:
    """The form that an Accept header wants most; of equals the first offered. None: it takes none of them.

    Source: RFC 9110, section 12.5.1. The most specific range that names a form gives its weight.
    """
    weights = dict(_weighted(item) for item in accept.split(","))

    def weight(form: str) -> float:
        ranges = (form, f"{form.partition('/')[0]}/*", "*/*")
        return next((weights[name] for name in ranges if name in weights), 0.0)

    best = max(offered, key=weight)
    return best if weight(best) > 0 else None


def _weighted(item: str) -> tuple[str, float]:
    """A range of an Accept header and its weight, 1 where none is given, 0 where it cannot be read."""
    name, *parameters = (part.strip().lower() for part in item.split(";"))
    given = [value for key, _, value in (part.partition("=") for part in parameters) if key.strip() == "q"]
    try:
        return name, min(max(float(given[0]), 0.0), 1.0) if given else 1.0
    except ValueError:
        return name, 0.0
