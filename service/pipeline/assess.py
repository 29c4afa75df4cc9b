"""What the other articles say to claims: retrieve, judge, guard, assemble. What fails is a report with its reason."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from schemas.article import Article
from schemas.claim import Claim
from schemas.evidence import Evidence, Passage
from schemas.report import ClaimReport, CorpusSnapshot, Searched
from service.errors import DeadlinePassed, NoModel, ReplyError, SecondSourceError, Unforeseen
from service.llm.metering import Meter
from service.llm.structured import Model
from service.pipeline.assemble import assemble, not_assessed
from service.pipeline.desk import Desk
from service.pipeline.guard import guarded
from service.pipeline.judge import batches, judge
from service.pipeline.retrieve import Found, Shelf, Together, retrieve, together
from service.prompting import load
from service.text.credits import cited, outlet

JUDGE = load("judge_evidence", 2)
_Outcome = tuple[Evidence, ...] | SecondSourceError


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the claims of one article are held against."""

    desk: Desk
    article: Article
    model: Model
    shelf: Shelf
    held: CorpusSnapshot
    until: float
    """The event loop's time at which the check ends."""

    watch: Callable[[ClaimReport], None] = lambda _: None

    async def assess(self, claims: Sequence[Claim], unjudged: NoModel | None = None) -> list[ClaimReport]:
        """Each claim's report, in their order. `unjudged`: why there is no model; passages are found all the same."""
        groups = batches(claims, self.desk.limits.claims)
        reports = await asyncio.gather(*(self._assessed(group, unjudged) for group in groups))
        return [report for group in reports for report in group]

    async def _assessed(self, claims: Sequence[Claim], unjudged: NoModel | None) -> list[ClaimReport]:
        """The reports of claims that share a call."""
        sought = dict(zip(claims, await asyncio.gather(*map(self._sought, claims)), strict=True))
        found = {claim: part for claim, part in sought.items() if isinstance(part, Found)}
        all_found = together(self.article, found.values())
        outcomes: Mapping[Claim, _Outcome] = (
            dict.fromkeys(found, unjudged) if unjudged else await self._judged(tuple(found), all_found)
        )
        reports = []
        for claim, part in sought.items():
            if isinstance(part, Found):
                reports.append(self._report(claim, part, all_found, outcomes[claim]))
            else:
                reports.append(not_assessed(claim, part, Searched(articles=self.held.articles)))
            self.watch(reports[-1])
        return reports

    async def _sought(self, claim: Claim) -> Found | SecondSourceError:
        """The passages for a claim, or why there are none."""
        try:
            async with deadline(self.until):
                return await retrieve(claim, self.article, self.shelf, passages=self.desk.limits.passages)
        except SecondSourceError as error:
            return error
        except Exception as error:  # a fault of ours in one claim must not lose the others
            return Unforeseen.of(error)

    async def _judged(self, claims: Sequence[Claim], found: Together) -> Mapping[Claim, _Outcome]:
        """What bears on each claim, or why that is not known.

        Where the answer to several claims cannot be used, each is asked about alone: a bad answer loses one claim.
        """
        outcomes = await self._asked(claims, found)
        if len(claims) > 1 and isinstance(outcomes[0], ReplyError):
            alone = await asyncio.gather(*(self._asked([claim], found) for claim in claims))
            outcomes = [outcome for (outcome,) in alone]
        return dict(zip(claims, outcomes, strict=True))

    async def _asked(self, claims: Sequence[Claim], found: Together) -> Sequence[_Outcome]:
        """One call's outcome for each of its claims."""
        try:
            async with deadline(self.until):
                return await judge(claims, self.article, found, self.model, JUDGE)
        except SecondSourceError as error:
            return [error] * len(claims)
        except Exception as error:  # a fault of ours in one call must not lose the others
            return [Unforeseen.of(error)] * len(claims)

    def _report(self, claim: Claim, own: Found, found: Together, outcome: _Outcome) -> ClaimReport:
        """A claim's report. It was searched in the passages found for it, and in those that it has evidence from."""
        evidence = outcome if isinstance(outcome, tuple) else ()
        bearing = (
            one for one in found.passages if one not in own.passages and any(_holds(one, item) for item in evidence)
        )
        passages = (*own.passages, *bearing)
        searched = Searched(articles=max(self.held.articles, len(own.articles)), passages=passages)
        if isinstance(outcome, SecondSourceError):
            return not_assessed(claim, outcome, searched)
        return assemble(claim, guarded(claim, self.article, outcome), self._own(claim, found), searched)

    def _own(self, claim: Claim, found: Together) -> set[str]:
        """The origins that do not count: the article's, its publisher, and whom the claim's sentences cite."""
        article = self.article
        names = (outlet(name) for name in (article.publisher, article.credit) if name)
        told = cited(article.quote(*claim.quote.sentences).exact)
        return {found.origins[article.id], *names, *([told] if told else [])}


async def begin(
    article: Article, desk: Desk, meter: Meter, watch: Callable[[ClaimReport], None] = lambda _: None
) -> Assessment:
    """What the claims of an article are held against: the corpus as it is now, a model metered by `meter`.

    Raises:
        StoreError: the corpus cannot be read.
    """
    return Assessment(
        desk=desk,
        article=article,
        model=desk.model(meter),
        shelf=Shelf(desk.corpus),
        held=await desk.corpus.snapshot(without=article.id),
        until=asyncio.get_running_loop().time() + desk.limits.seconds,
        watch=watch,
    )


def _holds(passage: Passage, evidence: Evidence) -> bool:
    quote = passage.quote
    return passage.article_id == evidence.article.id and not set(quote.sentences).isdisjoint(evidence.quote.sentences)


@asynccontextmanager
async def deadline(until: float) -> AsyncIterator[None]:
    """Ends what runs inside when the check's time is up, and lets nothing begin after it.

    Raises:
        DeadlinePassed: it was up.
    """
    late = DeadlinePassed("The check's time was up; raise SECONDSOURCE_SECONDS or check a shorter text.")
    if asyncio.get_running_loop().time() >= until:
        raise late
    try:
        async with asyncio.timeout_at(until):
            yield
    except TimeoutError:
        raise late from None
