"""When a reported claim is right by its label. All pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.article import Article, Span
from schemas.evidence import Evidence, Stance
from schemas.report import ClaimReport, Report
from service.evaluation.gold import GoldItem, GoldQuote, place
from service.text.normalize import words


class Outcome(StrEnum):
    """What became of one labelled claim."""

    RIGHT = "right"
    NO_CLAIM = "no_claim"
    NOT_ASSESSED = "not_assessed"
    MISSED_SUPPORT = "missed_support"
    MISSED_CONFLICT = "missed_conflict"
    SUPPORT_AS_CONFLICT = "support_as_conflict"
    CONFLICT_AS_SUPPORT = "conflict_as_support"
    EVIDENCE_FOR_NOTHING = "evidence_for_nothing"


@dataclass(frozen=True, slots=True)
class Scored:
    """A labelled claim, the reported claim that was held against it, and how it came out."""

    item: GoldItem
    reported: ClaimReport | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class SideScore:
    """One stance over all items: labelled sides that were found, that were missed, and wrong ones reported."""

    stance: Stance
    found: int
    missed: int
    wrong: int


def score(item: GoldItem, report: Report, articles: Mapping[str, Article]) -> Scored:
    """Holds a labelled claim against the report of its article. `articles`: by file name."""
    reported = _nearest(item, report, articles)
    if reported is None:
        return Scored(item, None, Outcome.NO_CLAIM)
    return Scored(item, reported, _outcome(item, reported, articles))


def side(stance: Stance, scored: Sequence[Scored]) -> SideScore:
    """Found, missed and wrong of one stance."""
    supports = stance is Stance.SUPPORTS
    labelled = [one for one in scored if (one.item.supporting if supports else one.item.conflicting)]
    missed = Outcome.MISSED_SUPPORT if supports else Outcome.MISSED_CONFLICT
    lost = {missed, Outcome.NO_CLAIM, Outcome.NOT_ASSESSED}
    mistaken = Outcome.CONFLICT_AS_SUPPORT if supports else Outcome.SUPPORT_AS_CONFLICT
    wrong = sum(one.outcome is mistaken or _is_from_nothing(one, stance) for one in scored)
    turned = Outcome.SUPPORT_AS_CONFLICT if supports else Outcome.CONFLICT_AS_SUPPORT
    not_found = sum(one.outcome in lost or one.outcome is turned for one in labelled)
    return SideScore(stance, found=len(labelled) - not_found, missed=not_found, wrong=wrong)


def _is_from_nothing(one: Scored, stance: Stance) -> bool:
    if one.outcome is not Outcome.EVIDENCE_FOR_NOTHING or one.reported is None:
        return False
    return bool(one.reported.supporting if stance is Stance.SUPPORTS else one.reported.conflicting)


def _nearest(item: GoldItem, report: Report, articles: Mapping[str, Article]) -> ClaimReport | None:
    """Of the reported claims that overlap the labelled quote, the one worded most like the label."""
    labelled = place(item.quote, articles[item.article])
    overlapping = [one for one in report.claims if _overlap(one.claim.quote, labelled)]
    return max(overlapping, key=lambda one: _likeness(one.claim.text, item.claim), default=None)


def _outcome(item: GoldItem, reported: ClaimReport, articles: Mapping[str, Article]) -> Outcome:
    """The first thing that is wrong with the claim, the gravest first; else it is right."""
    nothing = not item.supporting and not item.conflicting
    supported = _any_listed(item.supporting, reported.supporting, articles)
    contradicted = _any_listed(item.conflicting, reported.conflicting, articles)
    faults = {
        Outcome.NOT_ASSESSED: reported.failure is not None,
        Outcome.CONFLICT_AS_SUPPORT: _any_listed(item.conflicting, reported.supporting, articles),
        Outcome.SUPPORT_AS_CONFLICT: _any_listed(item.supporting, reported.conflicting, articles),
        Outcome.EVIDENCE_FOR_NOTHING: nothing and bool(reported.supporting or reported.conflicting),
        Outcome.MISSED_CONFLICT: bool(item.conflicting) and not contradicted,
        Outcome.MISSED_SUPPORT: bool(item.supporting) and not supported,
    }
    return next((outcome for outcome, is_so in faults.items() if is_so), Outcome.RIGHT)


def _any_listed(listed: Sequence[GoldQuote], evidence: Sequence[Evidence], articles: Mapping[str, Article]) -> bool:
    """Whether any of these pieces of evidence overlaps one of the labelled quotes."""
    return any(
        piece.article.id == articles[label.article].id
        and _overlap(piece.quote, place(label.quote, articles[label.article]))
        for label in listed
        for piece in evidence
    )


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _likeness(one: str, other: str) -> float:
    """Shared words over all words, endings aside (Jaccard on five-letter stems)."""
    left, right = ({word[:5] for word in words(text)} for text in (one, other))
    return len(left & right) / max(1, len(left | right))
