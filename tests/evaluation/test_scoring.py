"""When a reported claim is right by its label."""

from typing import Any

import pytest

from schemas.article import Article
from schemas.claim import Claim
from schemas.evidence import Confidence, ConflictKind, Evidence, Stance
from schemas.report import ClaimReport, CorpusSnapshot, Failure, Provenance, Report, Searched, Verdict
from schemas.usage import Usage
from service.evaluation.gold import GoldItem, GoldQuote
from service.evaluation.scoring import Outcome, SideScore, score, side
from tests.corpus.articles import article

CHECKED = article("Rebels took Aleppo on Friday.\nNine people died.")
OTHER = article("Aleppo fell to rebels on Friday.\nAleppo did not fall.\nIt rained.")
ARTICLES: dict[str, Article] = {"checked.txt": CHECKED, "other.txt": OTHER}
FELL, HELD, RAIN = 1, 2, 3


def gold(supporting: tuple[int, ...] = (), conflicting: tuple[int, ...] = ()) -> GoldItem:
    def labels(numbers: tuple[int, ...]) -> tuple[GoldQuote, ...]:
        return tuple(GoldQuote(article="other.txt", quote=OTHER.quote(number).exact) for number in numbers)

    return GoldItem(
        id="g",
        article="checked.txt",
        quote="took Aleppo",
        claim="Rebels took Aleppo.",
        supporting=labels(supporting),
        conflicting=labels(conflicting),
    )


def rows(stance: Stance, numbers: tuple[int, ...]) -> tuple[Evidence, ...]:
    kind = ConflictKind.OTHER if stance is Stance.CONFLICTS else None
    fields: dict[str, Any] = {"stance": stance, "kind": kind, "confidence": Confidence.HIGH, "origin": "x"}
    return tuple(Evidence(article=OTHER.source, quote=OTHER.quote(number), **fields) for number in numbers)


def reported(
    supporting: tuple[int, ...] = (),
    conflicting: tuple[int, ...] = (),
    text: str = "Rebels took Aleppo on Friday.",
    failure: Failure | None = None,
) -> Report:
    claim = ClaimReport(
        claim=Claim(id="c", article_id=CHECKED.id, text=text, quote=CHECKED.quote(1), worth=3),
        verdict=Verdict.NOT_ASSESSED if failure else Verdict.NOTHING_FOUND,
        reason="r",
        failure=failure,
        supporting=rows(Stance.SUPPORTS, supporting),
        conflicting=rows(Stance.CONFLICTS, conflicting),
        searched=Searched(articles=1),
    )
    made = Provenance(
        model="m",
        prompts=(),
        code_version="0",
        corpus=CorpusSnapshot(articles=1, sha256="0" * 64),
        checked_at="2024-12-01T00:00:00Z",
    )
    return Report(article=CHECKED.source, claims=(claim,), usage=Usage(stages=(), seconds=0), provenance=made)


@pytest.mark.parametrize(
    ("item", "report", "outcome"),
    [
        (gold(), reported(), Outcome.RIGHT),
        (gold((FELL,)), reported((FELL,)), Outcome.RIGHT),
        (gold((FELL,)), reported((FELL, RAIN)), Outcome.RIGHT),
        (gold((), (HELD,)), reported((), (HELD,)), Outcome.RIGHT),
        (gold((FELL,), (HELD,)), reported((FELL,), (HELD,)), Outcome.RIGHT),
        (gold(), reported((RAIN,)), Outcome.SUPPORT_FROM_NOTHING),
        (gold(), reported((), (RAIN,)), Outcome.CONFLICT_FROM_NOTHING),
        (gold((FELL,)), reported((FELL,), (RAIN,)), Outcome.CONFLICT_FROM_NOTHING),
        (gold((), (HELD,)), reported((RAIN,), (HELD,)), Outcome.SUPPORT_FROM_NOTHING),
        (gold((FELL,)), reported((), (FELL,)), Outcome.SUPPORT_AS_CONFLICT),
        (gold((), (HELD,)), reported((HELD,)), Outcome.CONFLICT_AS_SUPPORT),
        (gold((FELL,)), reported((RAIN,)), Outcome.MISSED_SUPPORT),
        (gold((FELL,)), reported(), Outcome.MISSED_SUPPORT),
        (gold((), (HELD,)), reported(), Outcome.MISSED_CONFLICT),
        (gold((FELL,), (HELD,)), reported(), Outcome.MISSED_CONFLICT),
        (gold(), reported(text="The sky is made of cheese."), Outcome.NO_CLAIM),
        (gold(), reported(failure=Failure(code="refused", detail="It declined.")), Outcome.NOT_ASSESSED),
    ],
)
def test_every_way_to_be_right_and_wrong(item: GoldItem, report: Report, outcome: Outcome) -> None:
    """Missed, turned round, made up, not found and not assessed are told apart, the gravest first."""
    assert score(item, report, ARTICLES).outcome is outcome


def test_sides_are_counted_apart() -> None:
    """A side that was missed is missed whatever became of the other."""
    scored = [
        score(gold((FELL,), (HELD,)), reported(), ARTICLES),
        score(gold((FELL,)), reported((FELL,), (RAIN,)), ARTICLES),
        score(gold((), (HELD,)), reported((HELD,)), ARTICLES),
    ]
    assert side(Stance.SUPPORTS, scored) == SideScore(Stance.SUPPORTS, found=1, missed=1, wrong=1)
    assert side(Stance.CONFLICTS, scored) == SideScore(Stance.CONFLICTS, found=0, missed=2, wrong=1)
