"""How the claims of an article settle when a check of it ends. What the check could not do changes nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.report import ClaimReport, Report
from schemas.standing import Cause, StandingClaim
from service.errors import NoModel
from service.jobs.changes import Because, inserted, news, updated
from service.jobs.claims import CLOCKS, standing
from service.pipeline.revise import evidence, without
from service.store.tables import ArticleRow, CheckRow, ClaimRow


class Decided(NamedTuple):
    """What a report makes of the claims that stood."""

    new: Sequence[ClaimReport]
    held: Sequence[tuple[StandingClaim, ClaimReport]]
    """Found again, and what is said of them now."""

    kept: Sequence[StandingClaim]
    """Found again, and not assessed this time: they stay as they were."""

    retired: Sequence[StandingClaim]
    """Found no more in sentences that were read."""


class Settled(NamedTuple):
    """What a check came to. `news`: for each claim that changed, what is to be announced; new ones are no news."""

    news: Sequence[dict[str, Any]]
    behind: bool
    """Articles came in while it ran, which it may not have seen: its claims are to be held against them."""


def decided(stood: Sequence[StandingClaim], report: Report) -> Decided:
    """Which claims are new, which are found again, and which are not.

    Where no model was asked, sentences stand for claims: new ones are taken only while the article has no claims.
    """
    by_id = {one.id: one for one in stood}
    again = [(by_id[one.claim.id], one) for one in report.claims if one.claim.id in by_id]
    new = [one for one in report.claims if one.claim.id not in by_id]
    found = {one.claim.id for one in report.claims}
    unread = [*(one.quote for one in report.unread), *(one.claim.quote for one in report.claims if _is_unasked(one))]
    return Decided(
        new=[one for one in new if not (stood and _is_unasked(one))],
        held=[(old, now) for old, now in again if not _is_lost(old, now)],
        kept=[old for old, now in again if _is_lost(old, now)],
        retired=[
            one
            for one in stood
            if one.id not in found
            and one.retired_at is None
            and not any(one.report.claim.quote.overlaps(quote) for quote in unread)
        ],
    )


async def settle(connection: AsyncConnection, check_id: str, report: Report) -> Settled:
    """Makes the claims of a report the standing claims of its article, within the transaction that ends the check.

    What was withdrawn while the check ran is no evidence any more.
    """
    await _in_turn(connection, report.article.id)
    killed = await _withdrawn(connection, report.claims)
    claims = tuple(reduce(without, killed, one) for one in report.claims)
    plan = decided(await standing(connection, report.article.id), report.model_copy(update={"claims": claims}))
    because = Because(Cause.CHECK, check_id)
    await inserted(connection, report.article, sorted(plan.new, key=lambda one: one.claim.id), because)
    changed: list[dict[str, Any]] = []
    for before, after in sorted(plan.held, key=lambda pair: pair[0].id):
        if change := await updated(connection, before, after, because):
            changed.append(news(after, change))
    await _retire(connection, plan.retired, datetime.now(UTC))
    await _retire(connection, plan.kept, None)
    return Settled(changed, await _behind(connection, check_id))


async def _in_turn(connection: AsyncConnection, article_id: str) -> None:
    """Checks of one article that end together settle one after another: no claim of it may stand yet to be locked.

    A lock of its own, not of the article's row: two articles that quote each other would wait for each other. SQLite
    has one writer at a time.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(int(article_id[:15], 16))))


def _is_unasked(claim: ClaimReport) -> bool:
    """A sentence that stands for a claim, because there is no model."""
    return claim.failure is not None and claim.failure.code == NoModel.code


def _is_lost(before: StandingClaim, now: ClaimReport) -> bool:
    """It was assessed before, and could not be now."""
    return now.failure is not None and before.report.failure is None


async def _retire(connection: AsyncConnection, claims: Sequence[StandingClaim], at: datetime | None) -> None:
    """Retires claims; with None, brings them back."""
    for claim in claims:
        await connection.execute(update(ClaimRow).where(ClaimRow.id == claim.id).values(retired_at=at))


async def _withdrawn(connection: AsyncConnection, claims: Sequence[ClaimReport]) -> Sequence[str]:
    """Which sources of these claims are withdrawn; what is held now, stays so until the transaction ends."""
    sources = sorted({item.article.id for claim in claims for item in evidence(claim)})
    rows = select(ArticleRow.id, ArticleRow.withdrawn_at).where(ArticleRow.id.in_(sources)).order_by(ArticleRow.id)
    held = await connection.execute(rows.with_for_update(read=True))
    return [row.id for row in held if row.withdrawn_at is not None]


async def _behind(connection: AsyncConnection, check_id: str) -> bool:
    """Whether an article came in since the check began."""
    wanted = select(CheckRow.started_at, CheckRow.article_id).where(CheckRow.id == check_id)
    check = (await connection.execute(wanted)).one()
    since = check.started_at - CLOCKS
    came = select(ArticleRow.id).where(ArticleRow.added_at >= since, ArticleRow.id != check.article_id)
    return (await connection.execute(came.limit(1))).first() is not None
