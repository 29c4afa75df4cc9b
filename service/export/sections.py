"""In which order an editor reads a report: what needs eyes first, what holds next, what is missing last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from re import fullmatch

from schemas.article import ArticleSource
from schemas.report import ClaimReport, Report, Verdict
from schemas.usage import StageUsage
from service.export.words import VERDICTS
from service.pipeline.assemble import plural


@dataclass(frozen=True, slots=True)
class Section:
    """Claims of one kind, the gravest first, then the most central to the story, then in the order of the article."""

    name: str
    note: str
    first: int
    """The number of its first claim; claims are numbered through the report from 1."""
    claims: tuple[ClaimReport, ...]


_SECTIONS = (
    ("Needs your eyes", "Other articles conflict with these claims, or code and model disagree about the evidence."),
    ("Backed by other articles", "Other articles support these claims, and none conflicts."),
    ("Nothing found", "The articles held were searched; nothing in them bears on these claims."),
    ("Not assessed", "These claims could not be checked; each says why. That says nothing about whether they hold."),
)
_SECTION_OF = {
    Verdict.CONTRADICTED: 0,
    Verdict.DISPUTED: 0,
    Verdict.CORROBORATED: 1,
    Verdict.SUPPORTED: 1,
    Verdict.NOTHING_FOUND: 2,
    Verdict.NOT_ASSESSED: 3,
}
_RANKS = list(VERDICTS)


def needs_eyes(claim: ClaimReport) -> bool:
    """Whether a person should look at a claim before any other: a conflict, or a flag."""
    return bool(claim.flags) or claim.verdict in {Verdict.CONTRADICTED, Verdict.DISPUTED}


def sections(report: Report) -> tuple[Section, ...]:
    """All claims of a report, each in one section. Sections without claims are left out."""
    claims = sorted(report.claims, key=lambda claim: (_RANKS.index(claim.verdict), -claim.claim.worth))
    filed = [(0 if needs_eyes(claim) else _SECTION_OF[claim.verdict], claim) for claim in claims]
    found: list[Section] = []
    for number, (name, note) in enumerate(_SECTIONS):
        if held := tuple(claim for place, claim in filed if place == number):
            found.append(Section(name, note, 1 + sum(len(section.claims) for section in found), held))
    return tuple(found)


def tally(report: Report) -> tuple[tuple[Verdict, int], ...]:
    """How many claims have each verdict, the gravest first; verdicts that no claim has are left out."""
    counts = [(verdict, sum(claim.verdict is verdict for claim in report.claims)) for verdict in _RANKS]
    return tuple((verdict, number) for verdict, number in counts if number)


def summary(report: Report) -> str:
    """The tally in a sentence: "3 claims: 1 contradicted, 2 nothing found."."""
    counts = ", ".join(f"{number} {VERDICTS[verdict].lower()}" for verdict, number in tally(report))
    return f"{plural(len(report.claims), 'claim')}: {counts}." if counts else "No claims were found."


def sources(report: Report) -> Mapping[str, ArticleSource]:
    """The articles that the report speaks of, by id: the one checked, and those that passages were read of."""
    return {source.id: source for source in (report.article, *report.sources)}


def named(article_id: str, known: Mapping[str, ArticleSource]) -> str:
    """An article or origin as a person would call it: its publisher, or its title, or the beginning of its id."""
    source = known.get(article_id)
    if source is None:
        return f"article {article_id[:8]}" if fullmatch("[0-9a-f]{24}", article_id) else article_id
    return source.publisher or source.title or f"article {source.id[:8]}"


def total(stages: Iterable[StageUsage]) -> Decimal | None:
    """What all stages cost together in US dollars; None where the cost of one is unknown."""
    costs = [stage.cost for stage in stages]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None
