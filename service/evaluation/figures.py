"""The figures of one data set, from its answers alone: what `secondsource evaluate` tells, and docs/judgement.md."""

from collections.abc import Sequence
from typing import cast

from pydantic import Field

from schemas.record import Record
from service.evaluation.answers import (
    Answer,
    CheckworthyAnswer,
    CrossSourceAnswer,
    ExtractAnswer,
    Spent,
    VerifyAnswer,
)
from service.evaluation.judged import Reliability, mistakes, reliability, sides
from service.evaluation.labelled import Estimate, Score, mean, score
from service.evaluation.tasks import Task

WORTHY = 1
"""A sentence with a claim of at least this worth counts as worth checking."""


class Figures(Record):
    """What one data set came to. Which of the fields are given depends on the task."""

    dataset: str
    task: Task
    spent: Spent
    score: Score | None = None
    mistakes: dict[str, int] = Field(default={})
    reliability: tuple[Reliability, ...] = ()
    shares: dict[str, Estimate] = Field(default={})


def figures(dataset: str, task: Task, answers: Sequence[Answer]) -> Figures:
    """The figures of the answers to one task.

    Raises:
        ValueError: there are none.
    """
    told = Figures(dataset=dataset, task=task, spent=Spent.total([answer.spent for answer in answers]))
    match task:
        case Task.VERIFY:
            labelled = cast("Sequence[VerifyAnswer]", answers)
            return told.model_copy(
                update={
                    "score": score([(one.gold, one.answered) for one in labelled]),
                    "mistakes": mistakes(labelled),
                    "reliability": reliability(labelled),
                }
            )
        case Task.CROSSSOURCE:
            sided = cast("Sequence[CrossSourceAnswer]", answers)
            return told.model_copy(update={"score": score(list(sides(sided))), "reliability": reliability(sided)})
        case Task.CHECKWORTHY:
            worthy = cast("Sequence[CheckworthyAnswer]", answers)
            return told.model_copy(update={"score": score([_worthy(one) for one in worthy])})
        case Task.DECOMPOSE | Task.EXTRACT:
            return told.model_copy(update={"shares": _shares(cast("Sequence[ExtractAnswer]", answers))})


def _worthy(answer: CheckworthyAnswer) -> tuple[str, str | None]:
    words = {True: "worth checking", False: "not"}
    return words[answer.gold], None if answer.failure else words[(answer.worth or 0) >= WORTHY]


def _shares(answers: Sequence[ExtractAnswer]) -> dict[str, Estimate]:
    """Ratios over all claims of all texts; their intervals are of a bootstrap over the texts."""
    claims = [one.claims for one in answers]
    judged = [[claim for claim in some if claim.faithful is not None] for some in claims]
    covered = [[one for one in answer.covered if one is not None] for answer in answers]
    return {
        "faithful": mean([(sum(bool(one.faithful) for one in some), len(some)) for some in judged]),
        "self-contained": mean([(sum(one.self_contained for one in some), len(some)) for some in claims]),
        "recall": mean([(sum(some), len(some)) for some in covered]),
        "claims a sentence": mean([(len(one.claims), one.sentences) for one in answers]),
        "tokens a claim": mean([(one.completion_tokens or 0, len(one.claims)) for one in answers]),
    }
