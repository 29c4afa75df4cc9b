"""The order in which a report is read."""

from decimal import Decimal

import pytest

from schemas.report import Verdict
from schemas.usage import Stage, StageUsage
from service.export.sections import named, sections, sources, summary, total
from tests.export import sample


def test_what_needs_eyes_comes_first() -> None:
    """Conflicts and flagged claims stand before what holds, then what was not found, then what failed."""
    found = [(section.name, [claim.verdict for claim in section.claims]) for section in sections(sample.report())]
    assert found == [
        ("Needs your eyes", [Verdict.CONTRADICTED, Verdict.DISPUTED, Verdict.SUPPORTED]),
        ("Backed by other articles", [Verdict.CORROBORATED]),
        ("Nothing found", [Verdict.NOTHING_FOUND]),
        ("Not assessed", [Verdict.NOT_ASSESSED]),
    ]


def test_every_claim_is_numbered_once() -> None:
    """Numbers run through the sections without gap."""
    assert [section.first for section in sections(sample.report())] == [1, 4, 5, 6]


def test_among_equals_the_central_claim_comes_first() -> None:
    """Within a verdict, claims stand by their worth, then in the order of the article."""
    claims = [
        sample.judged(Verdict.NOTHING_FOUND, sample.claim(number, f"Claim {number}.", worth=worth))
        for number, worth in [(1, 1), (2, 3), (3, 1), (4, 3)]
    ]
    (section,) = sections(sample.report(*claims))
    assert [claim.claim.id for claim in section.claims] == ["claim2", "claim4", "claim1", "claim3"]


def test_the_summary_counts_verdicts() -> None:
    """Verdicts that no claim has are left out; the empty report says so."""
    report = sample.report(*sample.CLAIMS[:1], *sample.CLAIMS[:1])
    assert summary(report) == "2 claims: 2 nothing found."
    assert summary(report.model_copy(update={"claims": ()})) == "No claims were found."


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (sample.WIRE.id, "Example Wire"),
        (sample.NAMELESS.id, "article dddddddd"),
        ("f" * 24, "article ffffffff"),
        ("reuters", "reuters"),
    ],
)
def test_an_origin_is_called_by_a_name(name: str, shown: str) -> None:
    """An id becomes its publisher where that is known, and is shortened where not."""
    assert named(name, sources(sample.report())) == shown


@pytest.mark.parametrize(
    ("costs", "sum_"),
    [((), Decimal(0)), ((Decimal(1), Decimal(2)), Decimal(3)), ((Decimal(1), None), None)],
)
def test_one_unknown_cost_makes_the_sum_unknown(costs: tuple[Decimal | None, ...], sum_: Decimal | None) -> None:
    """A sum with an unknown part is unknown."""
    stages = [
        StageUsage(stage=Stage.JUDGE, calls=1, failed=0, prompt_tokens=1, completion_tokens=1, seconds=1, cost=cost)
        for cost in costs
    ]
    assert total(stages) == sum_
