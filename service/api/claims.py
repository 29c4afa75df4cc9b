"""Standing claims: `GET /v1/claims`, `GET /v1/claims/{claim_id}`."""

import base64
import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, Field

from schemas.article import ArticleId
from schemas.problem import FieldProblem
from schemas.record import Record
from schemas.report import ClaimReport, Origins, Searched, Verdict
from schemas.standing import Cause, Change, ClaimHistory, StandingClaim, StandingClaims
from service.api.examples import ARTICLE, CHECK, REPORT
from service.api.pages import LINK, After, Limit, link_next
from service.api.parts import Opened
from service.api.problems import RequestFault, responses
from service.jobs.claims import Claims, Place, Wanted

router = APIRouter(prefix="/claims", tags=["claims"])

_ID = "^[0-9a-f]{16}$"
_REVISED = REPORT.claims[0]
_SOURCE = _REVISED.conflicting[0].article
_FOUND = ClaimReport(
    claim=_REVISED.claim,
    verdict=Verdict.NOTHING_FOUND,
    reason="Nothing bears on it in 0 passages, found in 0 other articles.",
    origins=Origins(),
    searched=Searched(articles=0),
)
_FIRST, _THEN = REPORT.provenance.checked_at, REPORT.provenance.checked_at.replace(hour=17)
_CLAIM = StandingClaim(
    id=_REVISED.claim.id,
    article=ARTICLE.source,
    check_id=CHECK.id,
    report=_REVISED,
    first_at=_FIRST,
    changed_at=_THEN,
    changes=2,
)
_HISTORY = ClaimHistory(
    **dict(_CLAIM),
    history=(
        Change(
            number=1,
            at=_FIRST,
            cause=Cause.CHECK,
            check_id=CHECK.id,
            before=None,
            after=_FOUND.verdict,
            reason=_FOUND.reason,
        ),
        Change(
            number=2,
            at=_THEN,
            cause=Cause.ARTICLE,
            source=_SOURCE,
            before=_FOUND.verdict,
            after=_REVISED.verdict,
            reason=_REVISED.reason,
            gained=_REVISED.conflicting,
        ),
    ),
)


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("there is no such instant in UTC") from None


class ClaimQuery(Record):
    """What may stand behind the question mark."""

    query: str | None = Field(
        default=None, min_length=1, max_length=400, description="Words that the claim must have, in any form."
    )
    verdict: Verdict | None = Field(default=None, description="What the evidence amounts to now.")
    changed_since: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = Field(
        default=None,
        description="Changed at this instant or after it, with its UTC offset.",
        examples=["2024-12-08T09:30:00Z"],
    )
    article_id: ArticleId | None = Field(default=None, description="The article that makes the claim.")
    retired: bool = Field(default=False, description="true: those that a check of their article finds no more, too.")
    limit: Limit = 50
    after: After = None


@router.get(
    "",
    operation_id="list_claims",
    summary="What has been claimed, and what has become of it",
    description=(
        "The claims of all articles that were checked, the one that changed last first. When an article comes in, "
        "claims that it bears on are judged against it, and their evidence and verdict change; when one is withdrawn, "
        "what it said is taken away."
    ),
    response_description="A page of claims, each with its evidence as it stands now.",
    responses={
        200: {
            "content": {"application/json": {"example": StandingClaims(items=(_CLAIM,)).model_dump(mode="json")}},
            "headers": LINK,
        },
        **responses("invalid_request", "store", "internal"),
    },
)
async def get_claims(
    request: Request, response: Response, service: Opened, query: Annotated[ClaimQuery, Query()]
) -> StandingClaims:
    """A page of claims."""
    wanted = Wanted(query.query, query.verdict, query.changed_since, query.article_id, query.retired)
    after = _place(query.after) if query.after else None
    found = await Claims(service.store).find(wanted, after=after, limit=query.limit + 1)
    items = found[: query.limit]
    page = StandingClaims(items=items, next=_cursor(items[-1]) if len(found) > len(items) else None)
    link_next(request, response, page.next)
    return page


@router.get(
    "/{claim_id}",
    operation_id="get_claim",
    summary="A claim and its history",
    response_description="The claim as it stands now, and every change of it: what, when, because of which source.",
    responses={
        200: {"content": {"application/json": {"example": _HISTORY.model_dump(mode="json")}}},
        **responses("not_found", "invalid_request", "store", "internal"),
    },
)
async def get_claim(
    service: Opened,
    claim_id: Annotated[str, Path(description="The claim's id.", pattern=_ID, examples=[_CLAIM.id])],
) -> ClaimHistory:
    """The claim with its history."""
    return await Claims(service.store).one(claim_id)


def _cursor(claim: StandingClaim) -> str:
    return base64.urlsafe_b64encode(f"{claim.changed_at.isoformat()} {claim.id}".encode()).decode()


def _place(cursor: str) -> Place:
    """Where the page before ended.

    Raises:
        RequestFault: no page ended there.
    """
    try:
        at, claim_id = base64.b64decode(cursor, altchars=b"-_", validate=True).decode("ascii").split(" ")
        place = Place(datetime.fromisoformat(at).astimezone(UTC), claim_id)
    except (ValueError, OverflowError):
        place = None
    if place is None or not re.match(_ID, place.id):
        fault = FieldProblem(pointer="/after", detail="It is not `next` of a page before.")
        raise RequestFault("invalid_request", "The query does not fit.", errors=[fault])
    return place
