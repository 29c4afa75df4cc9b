"""When a reported claim is right by its label. All pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.article import Article
from schemas.evidence import Evidence, Stance
from schemas.report import ClaimReport, Report
from service.evaluation.gold import GoldItem, GoldQuote, place
from service.text.normalize import words

_ALIKE = 0.2
"""Below it a claim from the same sentence is another claim."""


class Outcome(StrEnum):
    """What became of one labelled claim; the first that is so, the gravest first."""

    NO_CLAIM = "no_claim"
    NOT_ASSESSED = "not_assessed"
    CONFLICT_AS_SUPPORT = "conflict_as_support"
    SUPPORT_AS_CONFLICT = "support_as_conflict"
    CONFLICT_FROM_NOTHING = "conflict_from_nothing"
    SUPPORT_FROM_NOTHING = "support_from_nothing"
    MISSED_CONFLICT = "missed_conflict"
    MISSED_SUPPORT = "missed_support"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of one labelled claim."""

    labelled: bool
    """Evidence should stand on it."""
    found: bool
    """Labelled evidence does."""
    crossed: bool
    """Labelled evidence of it stands on the other side."""
    unlabelled: bool
    """Nothing should stand on it, and something does. Support of a part of the claim leaves its point open."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A labelled claim, the reported claim that was held against it, and how it came out."""

    item: GoldItem
    reported: ClaimReport | None
    sides: Mapping[Stance, Side]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class SideScore:
    """One stance over all items: labelled sides found and missed, and sides on which wrong evidence stands."""

    stance: Stance
    found: int
    missed: int
    wrong: int


def score(item: GoldItem, report: Report, articles: Mapping[str, Article]) -> Scored:
    """Holds a labelled claim against the report of its article. `articles`: by file name."""
    reported = _nearest(item, report, articles)
    supporting, conflicting = (reported.supporting, reported.conflicting) if reported else ((), ())
    sides = {
        Stance.SUPPORTS: _side(item.supporting, supporting, conflicting, articles),
        Stance.CONFLICTS: _side(item.conflicting, conflicting, supporting, articles),
    }
    return Scored(item, reported, sides, _outcome(reported, sides))


def side(stance: Stance, scored: Sequence[Scored]) -> SideScore:
    """Found, missed and wrong of one stance."""
    other = Stance.CONFLICTS if stance is Stance.SUPPORTS else Stance.SUPPORTS
    sides = [one.sides[stance] for one in scored]
    return SideScore(
        stance,
        found=sum(one.found for one in sides),
        missed=sum(one.labelled and not one.found for one in sides),
        wrong=sum(one.sides[stance].unlabelled or one.sides[other].crossed for one in scored),
    )


def _side(
    labels: Sequence[GoldQuote], same: Sequence[Evidence], other: Sequence[Evidence], articles: Mapping[str, Article]
) -> Side:
    return Side(
        labelled=bool(labels),
        found=_any_listed(labels, same, articles),
        crossed=_any_listed(labels, other, articles),
        unlabelled=not labels and any(not item.partial for item in same),
    )


def _outcome(reported: ClaimReport | None, sides: Mapping[Stance, Side]) -> Outcome:
    supports, conflicts = sides[Stance.SUPPORTS], sides[Stance.CONFLICTS]
    faults = {
        Outcome.NO_CLAIM: reported is None,
        Outcome.NOT_ASSESSED: reported is not None and reported.failure is not None,
        Outcome.CONFLICT_AS_SUPPORT: conflicts.crossed,
        Outcome.SUPPORT_AS_CONFLICT: supports.crossed,
        Outcome.CONFLICT_FROM_NOTHING: conflicts.unlabelled,
        Outcome.SUPPORT_FROM_NOTHING: supports.unlabelled,
        Outcome.MISSED_CONFLICT: conflicts.labelled and not conflicts.found,
        Outcome.MISSED_SUPPORT: supports.labelled and not supports.found,
    }
    return next((outcome for outcome, is_so in faults.items() if is_so), Outcome.RIGHT)


def _nearest(item: GoldItem, report: Report, articles: Mapping[str, Article]) -> ClaimReport | None:
    """Of the reported claims that overlap the labelled quote, the one worded most like the label, if any is like it."""
    labelled = place(item.quote, articles[item.article])
    overlapping = [one for one in report.claims if one.claim.quote.overlaps(labelled)]
    alike = {index: _likeness(one.claim.text, item.claim) for index, one in enumerate(overlapping)}
    nearest = max(alike, key=alike.__getitem__, default=None)
    return overlapping[nearest] if nearest is not None and alike[nearest] >= _ALIKE else None


def _any_listed(listed: Sequence[GoldQuote], evidence: Sequence[Evidence], articles: Mapping[str, Article]) -> bool:
    """Whether any of these pieces of evidence overlaps one of the labelled quotes."""
    return any(
        piece.article.id == articles[label.article].id
        and piece.quote.overlaps(place(label.quote, articles[label.article]))
        for label in listed
        for piece in evidence
    )


def _likeness(one: str, other: str) -> float:
    """Shared words over all words, endings aside (Jaccard on five-letter stems)."""
    left, right = ({word[:5] for word in words(text)} for text in (one, other))
    return len(left & right) / max(1, len(left | right))
