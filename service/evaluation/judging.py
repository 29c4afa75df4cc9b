"""Claims held against the evidence that a data set gives for them, by the line's own stages.

What is a decision here: a data set labels a claim as a whole, the line says what each source says. A source with
evidence on both sides is counted on the conflict side, because a text that is wrong in one point does not stand as a
whole. Sources on both sides make `conflicting`, unless those in support bear out a part of the claim only, as in a
verdict; sources on one side make `supports` or `refutes`; none, `not_enough_info`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from schemas.article import Article
from schemas.evidence import Stance
from schemas.report import ClaimReport, Verdict
from service.corpus.opening import open_corpus
from service.evaluation.answers import Bearing, CrossSourceAnswer, SidedAnswer, Spent, VerifyAnswer, bearings
from service.evaluation.given import Given, article, statements
from service.evaluation.items import CrossSourceItem, Label, SidedClaim, VerifyItem
from service.llm.metering import Meter
from service.pipeline.assemble import verdict, whole
from service.pipeline.assess import begin
from service.pipeline.desk import Desk
from service.store.database import open_store


async def verify(items: Sequence[VerifyItem], desk: Desk) -> list[VerifyAnswer]:
    """The labels that the judge's evidence amounts to, for claims with the same evidence; it stands for a search."""
    first = items[0]
    sources = {source.source_id: article(source.text, title=source.title) for source in first.evidence}
    checked, claims = statements([item.claim for item in items], published=first.claim_date)
    meter = Meter(desk.price)
    assessment = await begin(checked, replace(desk, corpus=Given(tuple(sources.values()))), desk.model(meter))
    reports = await assessment.assess(claims)
    shares = Spent.of(meter.usage()).shared(len(items))
    found = [bearings(report, sources) for report in reports]
    return [
        VerifyAnswer(
            dataset=item.dataset,
            id=item.id,
            gold=item.label,
            answered=None if report.failure else label(evidence),
            failure=report.failure and report.failure.code,
            evidence=evidence,
            spent=share,
        )
        for item, report, evidence, share in zip(items, reports, found, shares, strict=True)
    ]


def label(evidence: Iterable[Bearing]) -> Label:
    """What evidence amounts to, as a verdict is derived: source by source, one on both sides conflicting."""
    evidence = tuple(evidence)
    sides = stances(evidence)
    supporting = {source for source, stance in sides.items() if stance is Stance.SUPPORTS}
    entire = {item.source for item in whole(evidence)} & supporting
    return _LABELS[verdict(entire, sides.keys() - supporting, supporting - entire)]


_LABELS = {
    Verdict.DISPUTED: Label.CONFLICTING,
    Verdict.CONTRADICTED: Label.REFUTES,
    Verdict.CORROBORATED: Label.SUPPORTS,
    Verdict.SUPPORTED: Label.SUPPORTS,
    Verdict.NOTHING_FOUND: Label.NOT_ENOUGH_INFO,
}


def stances(evidence: Iterable[Bearing]) -> dict[str, Stance]:
    """On which side each source is; one that is on both conflicts."""
    found: dict[str, Stance] = {}
    for item in evidence:
        if found.get(item.source) is not Stance.CONFLICTS:
            found[item.source] = item.stance
    return found


async def cross_source(item: CrossSourceItem, desk: Desk) -> CrossSourceAnswer:
    """The claims searched for in the documents and judged: all of the line but the finding of claims."""
    articles = {document.source_id: article(document.text, title=document.title) for document in item.documents}
    checked, claims = statements([sided.claim for sided in item.claims])
    meter = Meter(desk.price)
    async with open_store("sqlite://") as store, open_corpus(store) as corpus:
        for one in articles.values():
            await corpus.add(one)
        assessment = await begin(checked, replace(desk, corpus=corpus), desk.model(meter))
        reports = await assessment.assess(claims)
    return CrossSourceAnswer(
        dataset=item.dataset,
        id=item.id,
        documents=tuple(articles),
        claims=tuple(_sided(one, report, articles) for one, report in zip(item.claims, reports, strict=True)),
        failure=next((report.failure.code for report in reports if report.failure), None),
        spent=Spent.of(meter.usage()),
    )


def _sided(sided: SidedClaim, report: ClaimReport, sources: Mapping[str, Article]) -> SidedAnswer:
    unlabelled = () if sided.candidates is None else tuple(sources.keys() - set(sided.candidates))
    return SidedAnswer(
        supporting=sided.supporting,
        conflicting=sided.conflicting,
        ignored=(*sided.ignore, *sorted(unlabelled)),
        failure=report.failure and report.failure.code,
        evidence=bearings(report, sources),
    )
