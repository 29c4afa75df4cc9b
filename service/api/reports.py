"""Reports: `GET /v1/articles/{article_id}/report`, in the form that the client accepts."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from schemas.report import Report
from service.api.examples import REPORT
from service.api.parts import Held, OpenDesk
from service.api.problems import RequestFault, responses
from service.export import markdown, page

router = APIRouter(tags=["checks"])

_FORMS: dict[str, Callable[[Report], str]] = {
    "application/json": Report.model_dump_json,
    "text/html": page.render,
    "text/markdown": markdown.render,
}
_HEADERS = {"Vary": "Accept", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
_PAGE_MAY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@router.get(
    "/articles/{article_id}/report",
    operation_id="get_report",
    summary="The last report of an article",
    description="As JSON, as a page for a browser, or as Markdown, by the Accept header.",
    response_model=Report,
    responses={
        200: {
            "description": "The report of the article's last check.",
            "content": {
                "application/json": {"example": REPORT.model_dump(mode="json")},
                "text/html": {"schema": {"type": "string"}},
                "text/markdown": {"schema": {"type": "string"}},
            },
            "headers": {"Vary": {"schema": {"type": "string"}}},
        },
        **responses("not_found", "no_report", "not_acceptable", "store", "internal"),
    },
)
async def get_report(request: Request, desk: OpenDesk, article: Held) -> Response:
    """The last report in the form wanted."""
    form = preferred(", ".join(request.headers.getlist("accept")) or "*/*", tuple(_FORMS))
    if form is None:
        raise RequestFault(
            "not_acceptable", f"The report has these forms: {', '.join(_FORMS)}.", headers={"Vary": "Accept"}
        )
    report = await desk.corpus.report(article.id)
    if report is None:
        raise RequestFault("no_report", f"POST /v1/articles/{article.id}/checks checks it.")
    headers = {**_HEADERS, "Content-Security-Policy": _PAGE_MAY} if form == "text/html" else _HEADERS
    return Response(_FORMS[form](report), media_type=form, headers=headers)


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
