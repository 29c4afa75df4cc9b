"""What one article says to claims that stand: those of earlier articles are held against its passages alone.

The verdict stays a pure function of evidence rows: what came in is added, what was withdrawn is taken away, and the
claim's report is put together again. A claim whose judging failed stays as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.article import Article
from schemas.evidence import Evidence, Flag
from schemas.report import ClaimReport, Searched, Verdict
from service.corpus.search import snapshot
from service.llm.structured import Model
from service.pipeline.assemble import assemble
from service.pipeline.assess import Assessment, own_origins
from service.pipeline.desk import Desk
from service.pipeline.judge import told_by
from service.pipeline.retrieve import Shelf
from service.pipeline.term import Term
from service.text.origins import group, prose, same_text


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article that came in, and what it is read with. `shelf`, `term` and `model` serve one revision."""

    article: Article
    desk: Desk
    model: Model
    shelf: Shelf
    term: Term

    async def judged(self, old: Article, claims: Sequence[ClaimReport]) -> Mapping[str, ClaimReport]:
        """What the article says to claims of an older one: claim id -> the report of it by this article alone.

        Claims whose judging failed are left out. A copy of the older article is that article once more, and is not
        asked about.
        """
        if self.is_copy(old):
            return {}
        assessment = Assessment(
            desk=self.desk,
            article=old,
            model=self.model,
            shelf=self.shelf,
            held=snapshot([self.article.id]),
            term=self.term,
            within=self.article.id,
        )
        reports = await assessment.assess([one.claim for one in claims])
        return {one.claim.id: one for one in reports if one.verdict is not Verdict.NOT_ASSESSED}

    def is_copy(self, old: Article) -> bool:
        """Whether it is an older article once more."""
        return same_text(prose(old), prose(self.article))

    async def merged(self, old: Article, before: ClaimReport, found: ClaimReport) -> ClaimReport:
        """A claim's report with what was found in this article.

        Raises:
            StoreError: the sources of its evidence cannot be read.
        """
        sources = {item.article.id for item in (*evidence(before), *evidence(found))}
        read = {one: await self.shelf.article(one) for one in sorted(sources)}
        return merged(before, found, self.article, old, {one: held for one, held in read.items() if held})


def merged(
    before: ClaimReport, found: ClaimReport, new: Article, old: Article, sources: Mapping[str, Article]
) -> ClaimReport:
    """The report of a claim of `old` with what was `found` in `new`, in place of what it had of `new` before.

    `sources`: the articles of all the evidence, by their ids. Their origins are told anew, together: what is known to
    be a copy now, was not always. A copy of a source that stands on a side already adds nothing to that side.
    """
    kept = [item for item in evidence(before) if item.article.id != new.id]
    if not evidence(found) and len(kept) == len(evidence(before)):
        return before
    origins = group((old, *(sources[one] for one in sorted(sources.keys() - {old.id}))))
    copied = {one for one, source in sources.items() if one != new.id and same_text(prose(source), prose(new))}
    told = {(item.article.id, item.stance) for item in kept}
    came = [item for item in evidence(found) if not any((one, item.stance) in told for one in copied)]
    placed = [_placed(item, origins, old.id) for item in (*kept, *came)]
    searched = before.searched
    known = new.id in read(before)
    passages = [one for one in searched.passages if one.article_id != new.id]
    return assemble(
        before.claim,
        placed,
        own_origins(before.claim, old, origins),
        Searched(
            articles=searched.articles if known else searched.articles + 1,
            passages=(*passages, *found.searched.passages),
        ),
    )


def without(before: ClaimReport, article_id: str) -> ClaimReport:
    """The report of a claim without what an article said to it. The origins of the others stay as they were told."""
    left = [item for item in evidence(before) if item.article.id != article_id]
    own = {item.origin for item in evidence(before) if Flag.OWN_ORIGIN in item.flags}
    if len(left) == len(evidence(before)) or before.verdict is Verdict.NOT_ASSESSED:
        return before
    searched = before.searched
    passages = tuple(one for one in searched.passages if one.article_id != article_id)
    held = Searched(articles=max(searched.articles - 1, 0), passages=passages)
    return assemble(before.claim, [_bare(item) for item in left], own, held)


def evidence(report: ClaimReport) -> tuple[Evidence, ...]:
    """Both sides."""
    return (*report.supporting, *report.conflicting)


def read(report: ClaimReport) -> frozenset[str]:
    """The ids of the articles that a claim was held against."""
    return frozenset(one.article_id for one in report.searched.passages) | {
        item.article.id for item in evidence(report)
    }


def more(report: ClaimReport, than: ClaimReport | None) -> tuple[Evidence, ...]:
    """The evidence of a report that another has not: other words, or the same on another side."""
    had = {_identity(item) for item in evidence(than)} if than else set()
    return tuple(item for item in evidence(report) if _identity(item) not in had)


def differs(report: ClaimReport, before: ClaimReport) -> bool:
    """Whether verdict or evidence changed. How sure a model is of the same words, and why, is no change."""
    return report.verdict is not before.verdict or bool(more(report, before) or more(before, report))


def _identity(item: Evidence) -> tuple[object, ...]:
    return item.article.id, item.quote.start, item.quote.end, item.stance, item.kind, item.partial


def _placed(item: Evidence, origins: Mapping[str, str], checked: str) -> Evidence:
    """Evidence with its origin as it is told now. A source that is not held any more keeps what was told of it."""
    source = origins.get(item.article.id, item.origin)
    return _bare(item).model_copy(update={"origin": told_by(source, item.attributed_to, origins[checked])})


def _bare(item: Evidence) -> Evidence:
    """Evidence whose own origin is yet to be told from others."""
    flags = tuple(flag for flag in item.flags if flag is not Flag.OWN_ORIGIN)
    return item.model_copy(update={"flags": flags})
