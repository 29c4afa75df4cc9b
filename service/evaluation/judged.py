"""The figures of judging: labels, sides, dangerous mistakes by name, what a stated confidence is worth. All pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from schemas.evidence import Confidence, Stance
from schemas.record import Record
from service.evaluation.answers import Bearing, CrossSourceAnswer, VerifyAnswer
from service.evaluation.items import Label
from service.evaluation.judging import stances
from service.evaluation.labelled import Estimate, Pair, score
from service.evaluation.scoring import Outcome

_MISTAKES = {
    (Label.REFUTES, Label.SUPPORTS): Outcome.CONFLICT_AS_SUPPORT,
    (Label.REFUTES, Label.NOT_ENOUGH_INFO): Outcome.MISSED_CONFLICT,
    (Label.REFUTES, Label.CONFLICTING): Outcome.SUPPORT_FROM_NOTHING,
    (Label.SUPPORTS, Label.REFUTES): Outcome.SUPPORT_AS_CONFLICT,
    (Label.SUPPORTS, Label.CONFLICTING): Outcome.CONFLICT_FROM_NOTHING,
    (Label.SUPPORTS, Label.NOT_ENOUGH_INFO): Outcome.MISSED_SUPPORT,
    (Label.CONFLICTING, Label.SUPPORTS): Outcome.MISSED_CONFLICT,
    (Label.CONFLICTING, Label.REFUTES): Outcome.MISSED_SUPPORT,
    (Label.CONFLICTING, Label.NOT_ENOUGH_INFO): Outcome.MISSED_CONFLICT,
    (Label.NOT_ENOUGH_INFO, Label.SUPPORTS): Outcome.SUPPORT_FROM_NOTHING,
    (Label.NOT_ENOUGH_INFO, Label.REFUTES): Outcome.CONFLICT_FROM_NOTHING,
    (Label.NOT_ENOUGH_INFO, Label.CONFLICTING): Outcome.CONFLICT_FROM_NOTHING,
}


def outcome(gold: Label, answered: Label | None) -> Outcome:
    """A mistake by its name."""
    if answered is None:
        return Outcome.NOT_ASSESSED
    return Outcome.RIGHT if gold is answered else _MISTAKES[gold, answered]


def mistakes(answers: Iterable[VerifyAnswer]) -> dict[str, int]:
    """How many of each kind, those that did not happen too."""
    counted = Counter(outcome(answer.gold, answer.answered) for answer in answers)
    return {one.value: counted[one] for one in Outcome if one not in (Outcome.RIGHT, Outcome.NO_CLAIM)}


def sides(answers: Iterable[CrossSourceAnswer]) -> Iterator[Pair]:
    """Every labelled (claim, document) with its side by the labels and by the evidence: supports, conflicts, neither.

    A document with evidence on both sides is on the conflict side.
    """
    for answer in answers:
        for claim in answer.claims:
            found = stances(claim.evidence)
            for document in answer.documents:
                if document in claim.ignored:
                    continue
                gold = "conflicts" if document in claim.conflicting else "neither"
                gold = "supports" if document in claim.supporting else gold
                side = found.get(document)
                yield gold, None if claim.failure else side.value if side else "neither"


class Reliability(Record):
    """Evidence of one stance and one stated confidence: how many pieces, and how many of them are on the right side."""

    stance: str
    confidence: Confidence
    pieces: int
    right: Estimate


_STANCES = ("supports", "supports in part", "conflicts")


def reliability(answers: Sequence[VerifyAnswer | CrossSourceAnswer]) -> tuple[Reliability, ...]:
    """Stated confidence against the share of evidence on the right side, by the labels, stance by stance."""
    told: defaultdict[tuple[str, Confidence], list[Pair]] = defaultdict(list)
    for piece, right in (one for answer in answers for one in _pieces(answer)):
        stance = "supports in part" if piece.partial else piece.stance.value
        told[stance, piece.confidence].append(("right", "right" if right else "wrong"))
    return tuple(
        Reliability(stance=stance, confidence=one, pieces=len(pairs), right=score(pairs).accuracy)
        for stance in _STANCES
        for one in Confidence
        if (pairs := told[stance, one])
    )


def _pieces(answer: VerifyAnswer | CrossSourceAnswer) -> Iterator[tuple[Bearing, bool]]:
    """Each piece of evidence, and whether it is right.

    Where a label says that sources are on both sides and not which is on which, none of its evidence is counted.
    """
    if isinstance(answer, VerifyAnswer):
        right = {Label.SUPPORTS: Stance.SUPPORTS, Label.REFUTES: Stance.CONFLICTS}.get(answer.gold)
        if answer.gold is not Label.CONFLICTING:
            yield from ((item, item.stance is right) for item in answer.evidence)
        return
    for claim in answer.claims:
        for item in claim.evidence:
            if item.source not in claim.ignored:
                labelled = claim.supporting if item.stance is Stance.SUPPORTS else claim.conflicting
                yield item, item.source in labelled
