"""Keeps standing claims up to date with an article that came in, or that was withdrawn.

Durable: done again after a crash, it comes to the same. What was written shows in the claims and is not judged again;
the replies to the rest are kept, so that they cost nothing twice.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from schemas.article import Article
from schemas.report import ClaimReport
from schemas.standing import Cause, StandingClaim
from service.jobs.bearing import bearing, chosen, words_of
from service.jobs.changes import Because
from service.jobs.checks import BEHIND
from service.jobs.claims import Announce, Claims
from service.llm.metering import Meter
from service.llm.structured import Model
from service.pipeline.desk import Desk
from service.pipeline.retrieve import Shelf
from service.pipeline.revise import Arrival, evidence, read, without
from service.pipeline.term import Term
from service.store.database import Store

Result = TypeVar("Result")

_AGAIN = (300.0, 1800.0, 7200.0, 18_000.0, 36_000.0)
"""Seconds. Each time may cost as much as the first, so a model that always fails is not asked for ever."""

log = logging.getLogger(__name__)


class Revised(NamedTuple):
    """What a revision came to: the ids of the claims that changed, and of the messages about them to be delivered."""

    changed: tuple[str, ...] = ()
    deliveries: tuple[str, ...] = ()
    left: int = 0
    """Claims that could not be judged now; the model failed. They stay as they were."""

    def again(self, nth: int) -> float | None:
        """The seconds after which it is to be done again, having been done `nth` times before; None: not any more."""
        return _AGAIN[nth] if self.left and nth < len(_AGAIN) else None


class _Pair(NamedTuple):
    """Claims of an article that are to be held against another one."""

    new: str
    old: str
    claims: tuple[StandingClaim, ...]


@dataclass(frozen=True)
class Revision:
    """Revises the standing claims of a store. `announce` is called for each that changes, in the same transaction.

    `standing`: the most claims that are judged because of one article; 0: none, and only withdrawals are followed.
    """

    store: Store
    desk: Desk
    announce: Announce
    standing: int = 48

    async def run(self, one: str) -> Revised:
        """Brings claims up to date with an article as it is now: held, or withdrawn.

        `one`: the article's id. Done once for each name, so a repeat has a name of its own: the id, `@`, and anything;
        `BEHIND` there says that it is about the article's own claims.
        Where the article came in, claims of others that it may bear on are held against it; and its own claims are
        against articles that came in while it was checked.

        Raises:
            StoreError: the database failed; it can be done again.
        """
        article_id, _, cause = one.partition("@")
        if await self.desk.corpus.withdrawn([article_id]):
            return await self.withdrawn(article_id)
        article = await self.desk.corpus.article(article_id)
        if article is None or not self.standing:
            return Revised()
        meter = Meter(self.desk.price)
        shelf, term = Shelf(self.desk.corpus), Term(self.desk.limits.seconds)
        reading = _Reading(self, self.desk.model(meter), shelf, term)
        others = [] if cause.startswith(BEHIND) else await self._others(article)
        pairs = [*others, *await self._own(article)]
        parts = await _all(reading.held_against(pair) for pair in pairs)
        told = Revised(
            tuple(one for part in parts for one in part.changed),
            tuple(one for part in parts for one in part.deliveries),
            sum(part.left for part in parts),
        )
        asked, calls = sum(len(pair.claims) for pair in pairs), len(meter.calls)
        counted = {"claims": asked, "changed": len(told.changed), "left": told.left, "calls": calls}
        log.info("claims held against others", extra=counted)
        return told

    async def withdrawn(self, article_id: str) -> Revised:
        """Takes an article that was withdrawn out of the evidence of all claims. Asks no model.

        Raises:
            StoreError: the database failed; it can be done again.
        """

        async def taken(one: StandingClaim) -> ClaimReport:
            return without(one.report, article_id)

        revised = Revised()
        for mine in _by_article(await Claims(self.store).using(article_id)):
            source = next(item.article for item in evidence(mine[0].report) if item.article.id == article_id)
            part = await self.amended(mine, Because(Cause.WITHDRAWAL, source=source), taken)
            revised = Revised(revised.changed + part.changed, revised.deliveries + part.deliveries)
        return revised

    async def amended(
        self,
        claims: Sequence[StandingClaim],
        because: Because,
        revise: Callable[[StandingClaim], Awaitable[ClaimReport]],
    ) -> Revised:
        """Writes claims of one article as `revise` has them; those that somebody changed meanwhile are revised anew."""
        changed: list[str] = []
        deliveries: list[str] = []
        while claims:
            after = [(one, await revise(one)) for one in claims]
            amended = await Claims(self.store).amend(after, because, self.announce)
            changed += amended.changed
            deliveries += amended.deliveries
            claims = await Claims(self.store).these(amended.stale)
        return Revised(tuple(changed), tuple(deliveries))

    async def _others(self, new: Article) -> list[_Pair]:
        """The claims of other articles that one may bear on, at most `standing`, by their articles."""
        found = await bearing(self.store, words_of(new), without=new.id)
        claims = await Claims(self.store).these(chosen(new, found)[: self.standing])
        return _open(_Pair(new.id, mine[0].article.id, mine) for mine in _by_article(claims))

    async def _own(self, old: Article) -> list[_Pair]:
        """The claims of an article that others may bear on which came in while it was checked, by those others."""
        claims = Claims(self.store)
        if not await claims.late(old.id):
            return []
        by_article: defaultdict[str, list[StandingClaim]] = defaultdict(list)
        for claim in sorted(await claims.of(old.id), key=lambda one: -one.report.claim.worth)[: self.standing]:
            quote, limit = claim.report.claim.quote.exact, self.desk.limits.passages
            text = claim.report.claim.text
            found = await self.desk.corpus.search(text, context=quote, without=old.id, limit=limit)
            for new in {passage.article_id for passage in found}:
                by_article[new].append(claim)
        late = await claims.late(old.id, sorted(by_article))
        return _open(_Pair(new, old.id, _in_order(by_article[new])) for new in sorted(late))[: self.standing]


@dataclass(frozen=True)
class _Reading:
    """What one revision reads with: one model with one budget, one time, every article fetched once."""

    revision: Revision
    model: Model
    shelf: Shelf
    term: Term

    async def held_against(self, pair: _Pair) -> Revised:
        """Holds claims of one article against another, and writes what came of it."""
        new, old = await self.shelf.article(pair.new), await self.shelf.article(pair.old)
        if new is None or old is None:
            return Revised()
        arrival = Arrival(new, self.revision.desk, self.model, self.shelf, self.term)
        found = await arrival.judged(old, [one.report for one in pair.claims])

        async def revise(one: StandingClaim) -> ClaimReport:
            return await arrival.merged(old, one.report, found[one.id]) if _is_open(one, new.id) else one.report

        judged = [one for one in pair.claims if one.id in found]
        amended = await self.revision.amended(judged, Because(Cause.ARTICLE, source=new.source), revise)
        return amended._replace(left=0 if arrival.is_copy(old) else len(pair.claims) - len(judged))


def _is_open(claim: StandingClaim, new: str) -> bool:
    """Whether a claim may be held against an article: it stands, was assessed, and was not held against it yet."""
    assessed = claim.retired_at is None and claim.report.failure is None
    return assessed and new not in read(claim.report)


def _open(pairs: Iterable[_Pair]) -> list[_Pair]:
    """Those of which something is still to be done, whole: a question asked before a crash is asked in its words."""
    return [pair for pair in pairs if any(_is_open(one, pair.new) for one in pair.claims)]


def _by_article(claims: Iterable[StandingClaim]) -> list[tuple[StandingClaim, ...]]:
    """The claims in groups, those of each article together."""
    by_article: defaultdict[str, list[StandingClaim]] = defaultdict(list)
    for claim in claims:
        by_article[claim.article.id].append(claim)
    return [_in_order(mine) for _, mine in sorted(by_article.items())]


def _in_order(claims: Iterable[StandingClaim]) -> tuple[StandingClaim, ...]:
    """Claims as they stand in their article: a question is to be the same however they were found."""
    return tuple(sorted(claims, key=lambda one: (one.report.claim.quote.start, one.report.claim.quote.end, one.id)))


async def _all(work: Iterable[Awaitable[Result]]) -> list[Result]:
    """What all came to. Where one fails, the others come to their end before its error is raised."""
    parts = await asyncio.gather(*work, return_exceptions=True)
    if errors := [one for one in parts if isinstance(one, BaseException)]:
        raise errors[0]
    return [one for one in parts if not isinstance(one, BaseException)]
