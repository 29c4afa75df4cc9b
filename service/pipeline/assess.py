"""What the other articles say to claims: retrieve, judge, guard, assemble. What fails is a report with its reason."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from schemas.article import Article
from schemas.claim import Claim
from schemas.evidence import Evidence, Passage
from schemas.report import ClaimReport, CorpusSnapshot, Searched
from service.errors import NoModel, ReplyError, SecondSourceError, Unforeseen
from service.llm.structured import Model
from service.pipeline.assemble import assemble, not_assessed
from service.pipeline.desk import Desk
from service.pipeline.guard import guarded
from service.pipeline.judge import batches, judge
from service.pipeline.retrieve import Found, Shelf, Together, retrieve, together
from service.pipeline.term import Term
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
    term: Term
    watch: Callable[[ClaimReport], None] = lambda _: None
    within: str | None = None
    """The one article that is searched; None: all others."""

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
                reports.append(self._reported(claim, part, all_found, outcomes[claim]))
            else:
                reports.append(not_assessed(claim, part, Searched(articles=self.held.articles)))
            self.watch(reports[-1])
        return reports

    async def _sought(self, claim: Claim) -> Found | SecondSourceError:
        """The passages for a claim, or why there are none."""
        try:
            async with self.term.within():
                most = self.desk.limits.passages
                return await retrieve(claim, self.article, self.shelf, passages=most, within=self.within)
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
            async with self.term.within():
                return await judge(claims, self.article, found, self.model, JUDGE)
        except SecondSourceError as error:
            return [error] * len(claims)
        except Exception as error:  # a fault of ours in one call must not lose the others
            return [Unforeseen.of(error)] * len(claims)

    def _reported(self, claim: Claim, own: Found, found: Together, outcome: _Outcome) -> ClaimReport:
        try:
            return self._report(claim, own, found, outcome)
        except Exception as error:  # a fault of ours in one claim must not lose the others
            return self._report(claim, own, found, Unforeseen.of(error))

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
        own_ones = own_origins(claim, self.article, found.origins)
        return assemble(claim, guarded(claim, self.article, outcome), own_ones, searched)


def own_origins(claim: Claim, article: Article, origins: Mapping[str, str]) -> set[str]:
    """The origins that do not count for a claim: its article's, its publisher, and whom the claim's sentences cite."""
    names = (outlet(name) for name in (article.publisher, article.credit) if name)
    told = cited(article.quote(*claim.quote.sentences).exact)
    return {origins[article.id], *names, *([told] if told else [])}


async def begin(
    article: Article,
    desk: Desk,
    model: Model,
    watch: Callable[[ClaimReport], None] = lambda _: None,
    term: Term | None = None,
) -> Assessment:
    """What the claims of an article are held against: the corpus as it is now. `term`: the desk's, if none is given.

    Raises:
        StoreError: the corpus cannot be read.
    """
    return Assessment(
        desk=desk,
        article=article,
        model=model,
        shelf=Shelf(desk.corpus),
        held=await desk.corpus.snapshot(without=article.id),
        term=term or Term(desk.limits.seconds),
        watch=watch,
    )


def _holds(passage: Passage, evidence: Evidence) -> bool:
    quote = passage.quote
    return passage.article_id == evidence.article.id and not set(quote.sentences).isdisjoint(evidence.quote.sentences)
