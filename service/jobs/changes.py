"""How a standing claim is written, and with it the change: when, because of what, what it gained and lost.

All within a transaction of the caller's.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.article import ArticleSource
from schemas.report import ClaimReport
from schemas.standing import Cause, Change, StandingClaim
from service.jobs.bearing import entered
from service.pipeline.revise import differs, evidence, more
from service.store.tables import ArticleRow, ChangeRow, ClaimRow, ClaimSourceRow


class Because(NamedTuple):
    """Why claims change: a check, or another article that came in or was withdrawn."""

    cause: Cause
    check_id: str | None = None
    source: ArticleSource | None = None


def news(report: ClaimReport, change: Change) -> dict[str, Any]:
    """What is announced of a change: ids, verdicts and a link, no words of an article."""
    told = change.model_dump(mode="json", include={"number", "cause", "check_id", "before", "after"})
    source = {"source_id": change.source.id if change.source else None}
    ids = {"claim_id": report.claim.id, "article_id": report.claim.article_id}
    return {**ids, **told, **source, "claim": f"/v1/claims/{report.claim.id}"}


async def inserted(
    connection: AsyncConnection, article: ArticleSource, reports: Sequence[ClaimReport], because: Because
) -> None:
    """Adds claims of an article that were found first, each with its first change."""
    if not reports:
        return
    now = datetime.now(UTC)
    alike = {"article_id": article.id, "check_id": because.check_id, "first_at": now, "changed_at": now, "changes": 1}
    rows = [
        {"id": one.claim.id, "text": one.claim.text, "verdict": one.verdict, "document": _document(article, one)}
        for one in reports
    ]
    numbered = insert(ClaimRow).returning(ClaimRow.number, sort_by_parameter_order=True)
    numbers = await connection.scalars(numbered, [row | alike for row in rows])
    await entered(connection, dict(zip(numbers, (one.claim.text for one in reports), strict=True)))
    await _sourced(connection, *reports)
    await _recorded(connection, {one.claim.id: _told(1, None, one, because, now) for one in reports})


async def updated(
    connection: AsyncConnection, before: StandingClaim, report: ClaimReport, because: Because
) -> Change | None:
    """Writes a claim as a new check of its article has it; the caller has locked its row.

    Returns the change, or None where neither verdict nor evidence changed.
    """
    change = _next(before, report, because) if differs(report, before.report) else None
    await _written(connection, before, report, change, check_id=because.check_id, retired_at=None)
    return change


async def amended(
    connection: AsyncConnection, before: StandingClaim, report: ClaimReport, because: Because
) -> Change | None:
    """Writes a claim as another article leaves it. None, and nothing written, where it is no more as it was read."""
    change = _next(before, report, because)
    return change if await _written(connection, before, report, change) else None


async def holds(connection: AsyncConnection, because: Because) -> bool:
    """Whether the article that is the cause still is what it was; it stays so until the transaction ends."""
    if because.source is None:
        return True
    row = select(ArticleRow.withdrawn_at).where(ArticleRow.id == because.source.id).with_for_update(read=True)
    rows = (await connection.execute(row)).all()
    return bool(rows) and (rows[0].withdrawn_at is not None) == (because.cause is Cause.WITHDRAWAL)


def _next(before: StandingClaim, after: ClaimReport, because: Because) -> Change:
    return _told(before.changes + 1, before.report, after, because, datetime.now(UTC))


def _told(number: int, before: ClaimReport | None, after: ClaimReport, because: Because, at: datetime) -> Change:
    return Change(
        number=number,
        at=at,
        **because._asdict(),
        before=before.verdict if before else None,
        after=after.verdict,
        reason=after.reason,
        gained=more(after, before),
        lost=more(before, after) if before else (),
    )


async def _written(
    connection: AsyncConnection, before: StandingClaim, after: ClaimReport, change: Change | None, **more_values: Any
) -> bool:
    """Whether a claim was still as it was read, and is now written."""
    values = more_values | {"verdict": after.verdict, "document": _document(before.article, after)}
    if change:
        values |= {"changes": change.number, "changed_at": change.at}
    as_read = (ClaimRow.id == before.id) & (ClaimRow.changes == before.changes)
    if (await connection.execute(update(ClaimRow).where(as_read).values(**values))).rowcount == 0:
        return False
    await connection.execute(delete(ClaimSourceRow).where(ClaimSourceRow.claim_id == before.id))
    await _sourced(connection, after)
    if change:
        await _recorded(connection, {before.id: change})
    return True


async def _sourced(connection: AsyncConnection, *reports: ClaimReport) -> None:
    sources = {(one.claim.id, item.article.id) for one in reports for item in evidence(one)}
    if sources:
        rows = [{"claim_id": claim_id, "article_id": article_id} for claim_id, article_id in sorted(sources)]
        await connection.execute(insert(ClaimSourceRow), rows)


async def _recorded(connection: AsyncConnection, changes: Mapping[str, Change]) -> None:
    """Adds changes, by the ids of their claims."""
    rows = [
        {"claim_id": claim_id, "number": one.number, "at": one.at, "document": one.model_dump(mode="json")}
        for claim_id, one in changes.items()
    ]
    await connection.execute(insert(ChangeRow), rows)


def _document(article: ArticleSource, report: ClaimReport) -> dict[str, Any]:
    return {"article": article.model_dump(mode="json"), "report": report.model_dump(mode="json")}
