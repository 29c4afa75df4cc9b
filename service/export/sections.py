"""In which order an editor reads a report: what needs eyes first, what holds next, what is missing last."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.article import ArticleSource
from schemas.evidence import Evidence
from schemas.report import ClaimReport, Report, Verdict
from service.export.words import VERDICTS, publisher
from schemas.usage import StageUsage


@dataclass(frozen=True, slots=True)
class Section:
    """Claims of one kind, the gravest first, then the most central to the story, then in the order of the article."""

    name: str
    note: str
    claims: tuple[ClaimReport, ...]


_SECTIONS = (
    ("Needs your eyes", "Other articles conflict with these claims, or code and model disagree about the evidence."),
    ("Backed by other articles", "Other articles support these claims, and none conflicts."),
    ("Nothing found", "The articles held were searched; nothing in them bears on these claims."),
    ("Not assessed", "Something failed here. A claim in this list is neither right nor wrong by this report."),
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
    found = [
        Section(name, note, tuple(claim for place, claim in filed if place == number))
        for number, (name, note) in enumerate(_SECTIONS)
    ]
    return tuple(section for section in found if section.claims)


def tally(report: Report) -> tuple[tuple[Verdict, int], ...]:
    """How many claims have each verdict, the gravest first; verdicts that no claim has are left out."""
    counts = [(verdict, sum(claim.verdict is verdict for claim in report.claims)) for verdict in _RANKS]
    return tuple((verdict, number) for verdict, number in counts if number)


def sources(report: Report) -> dict[str, ArticleSource]:
    """The articles that the report names anywhere, by id."""
    evidence = (item for claim in report.claims for item in (*claim.supporting, *claim.conflicting))
    return {report.article.id: report.article, **{item.article.id: item.article for item in evidence}}


def origin(item: Evidence, known: dict[str, ArticleSource]) -> str:
    """An origin as a person would name it: an article's id becomes its publisher."""
    return publisher(known[item.origin]) if item.origin in known else item.origin


def money(stages: Sequence[StageUsage]) -> Decimal | None:
    """What all stages cost together; None where the cost of one is unknown."""
    costs = [stage.cost for stage in stages]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None
