"""Verdicts: a pure function of evidence rows."""

import itertools
from hashlib import sha256

import pytest

from schemas.article import ArticleSource, Quote
from schemas.claim import Claim
from schemas.evidence import Confidence, ConflictKind, Evidence, Flag, Stance
from schemas.report import Searched, Verdict
from service.errors import BudgetSpent, NoModel, Refused, SecondSourceError
from service.pipeline.assemble import assemble, not_assessed, verdict

CLAIM = Claim(
    id="c", article_id="a" * 24, text="It fell.", quote=Quote(start=0, end=8, exact="It fell.", sentences=(1,)), worth=2
)
SEARCHED = Searched(articles=3)


def evidence(stance: Stance, origin: str, *flags: Flag, article: str = "", cites: str | None = None) -> Evidence:
    return Evidence(
        article=ArticleSource(id=(article or sha256(origin.encode()).hexdigest())[:24]),
        quote=Quote(start=0, end=5, exact="Fell.", sentences=(1,)),
        stance=stance,
        kind=ConflictKind.OTHER if stance is Stance.CONFLICTS else None,
        confidence=Confidence.HIGH,
        origin=origin,
        attributed_to=cites,
        flags=flags,
    )


@pytest.mark.parametrize(
    ("supporting", "conflicting", "expected"),
    [
        ([], [], Verdict.NOTHING_FOUND),
        (["a"], [], Verdict.SUPPORTED),
        (["a", "a"], [], Verdict.SUPPORTED),
        (["a", "b"], [], Verdict.CORROBORATED),
        (["a", "b", "c"], [], Verdict.CORROBORATED),
        ([], ["a"], Verdict.CONTRADICTED),
        ([], ["a", "b"], Verdict.CONTRADICTED),
        (["a"], ["b"], Verdict.DISPUTED),
        (["a"], ["a"], Verdict.DISPUTED),
        (["a", "b"], ["c"], Verdict.DISPUTED),
        (["a"], ["b", "c"], Verdict.DISPUTED),
        (["a", "b"], ["c", "d"], Verdict.DISPUTED),
    ],
)
def test_the_whole_table_of_verdicts(supporting: list[str], conflicting: list[str], expected: Verdict) -> None:
    """Every combination of none, one and more origins on each side has the verdict of the rules."""
    assert verdict(supporting, conflicting) is expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(Stance.SUPPORTS, "own")], Verdict.NOTHING_FOUND),
        ([(Stance.CONFLICTS, "own")], Verdict.NOTHING_FOUND),
        ([(Stance.SUPPORTS, "own"), (Stance.SUPPORTS, "a")], Verdict.SUPPORTED),
        ([(Stance.SUPPORTS, "own"), (Stance.CONFLICTS, "a")], Verdict.CONTRADICTED),
        ([(Stance.CONFLICTS, "own"), (Stance.SUPPORTS, "a"), (Stance.SUPPORTS, "b")], Verdict.CORROBORATED),
        ([(Stance.SUPPORTS, "a"), (Stance.SUPPORTS, "a"), (Stance.CONFLICTS, "b")], Verdict.DISPUTED),
    ],
)
def test_the_own_origin_never_counts(rows: list[tuple[Stance, str]], expected: Verdict) -> None:
    """Evidence of the article's own origin is shown and flagged, and changes no verdict."""
    report = assemble(CLAIM, [evidence(*row) for row in rows], {"own"}, SEARCHED)
    assert report.verdict is expected
    assert len(report.supporting) + len(report.conflicting) == len(rows)
    assert "own" not in (*report.origins.supporting, *report.origins.conflicting)
    for item in (*report.supporting, *report.conflicting):
        assert (Flag.OWN_ORIGIN in item.flags) == (item.origin == "own")


ONE, TWO = "1" * 24, "2" * 24


@pytest.mark.parametrize(
    ("rows", "origins"),
    [
        ([("paper", ONE, None), ("tass", ONE, "tass")], ("paper",)),
        ([("reuters", ONE, "reuters"), ("bild", ONE, "bild")], ("bild",)),
        ([("reuters", ONE, "reuters"), ("reuters", TWO, "reuters")], ("reuters",)),
        ([("paper", ONE, None), ("reuters", TWO, "reuters")], ("paper", "reuters")),
    ],
)
def test_one_article_is_one_origin(rows: list[tuple[str, str, str | None]], origins: tuple[str, ...]) -> None:
    """An article that reports in its own name and cites an agency besides does not corroborate itself."""
    items = [evidence(Stance.SUPPORTS, origin, article=article, cites=cites) for origin, article, cites in rows]
    assert assemble(CLAIM, items, {"own"}, SEARCHED).origins.supporting == origins


@pytest.mark.parametrize(
    ("rows", "expected", "reason"),
    [
        (["part a"], Verdict.SUPPORTED, "In part: 1 independent origin supports some of it; none conflicts."),
        (["part a", "part b"], Verdict.SUPPORTED, "In part: 2 independent origins support some of it; none conflicts."),
        (["whole a", "part b"], Verdict.SUPPORTED, "1 independent origin supports it; none conflicts."),
        (["whole a", "part a", "whole b"], Verdict.CORROBORATED, "2 independent origins support it; none conflicts."),
        (
            ["part a", "conflict b"],
            Verdict.CONTRADICTED,
            "Conflicting with it: 1 independent origin. Supporting other parts of it: 1 independent origin.",
        ),
        (
            ["whole a", "conflict b"],
            Verdict.DISPUTED,
            "Supporting it: 1 independent origin. Conflicting with it: 1 independent origin.",
        ),
        (
            ["part own"],
            Verdict.NOTHING_FOUND,
            "Only reports of the article's own origin bear on it, and those do not count.",
        ),
    ],
)
def test_support_of_a_part_corroborates_nothing_and_disputes_nothing(
    rows: list[str], expected: Verdict, reason: str
) -> None:
    """It makes a claim supported where nothing conflicts; beside a conflict it may be about another point."""
    items = []
    for row in rows:
        side, origin = row.split()
        stance = Stance.CONFLICTS if side == "conflict" else Stance.SUPPORTS
        items.append(evidence(stance, origin).model_copy(update={"partial": side == "part"}))
    report = assemble(CLAIM, items, {"own"}, SEARCHED)
    assert (report.verdict, report.reason) == (expected, reason)


def test_a_weak_conflict_does_not_outdo_support_of_a_part() -> None:
    """A claim is disputed, not contradicted, where the model itself calls all that conflicts weak."""
    part = evidence(Stance.SUPPORTS, "a").model_copy(update={"partial": True})
    strong = evidence(Stance.CONFLICTS, "b")
    weak = strong.model_copy(update={"confidence": Confidence.LOW})
    verdicts = [
        assemble(CLAIM, rows, {"own"}, SEARCHED).verdict for rows in ([part, weak], [part, weak, strong], [weak])
    ]
    assert verdicts == [Verdict.DISPUTED, Verdict.CONTRADICTED, Verdict.CONTRADICTED]


def test_the_order_of_evidence_changes_nothing() -> None:
    """Verdict, origins and reason are the same for every order of the rows."""
    rows = [evidence(Stance.SUPPORTS, "a"), evidence(Stance.CONFLICTS, "b"), evidence(Stance.SUPPORTS, "c")]
    reports = [assemble(CLAIM, order, {"own"}, SEARCHED) for order in itertools.permutations(rows)]
    assert len({(report.verdict, report.origins, report.reason) for report in reports}) == 1


def test_flags_of_the_evidence_mark_the_claim() -> None:
    """A guard's flag on any piece of evidence marks the claim for review and leaves the verdict."""
    report = assemble(CLAIM, [evidence(Stance.SUPPORTS, "a", Flag.RANKS_DIFFER)], {"own"}, SEARCHED)
    assert report.flags == (Flag.RANKS_DIFFER,)
    assert report.verdict is Verdict.SUPPORTED


@pytest.mark.parametrize("error", [Refused("It declined."), BudgetSpent("No calls left."), NoModel("Set one.")])
def test_a_failure_becomes_no_verdict(error: SecondSourceError) -> None:
    """What failed is not assessed, with the error's code and sentence."""
    report = not_assessed(CLAIM, error, SEARCHED)
    assert report.verdict is Verdict.NOT_ASSESSED
    assert report.failure is not None
    assert (report.failure.code, report.failure.detail) == (error.code, str(error))
    assert not report.supporting
    assert not report.conflicting
