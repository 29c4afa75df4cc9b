"""The figures of one data set, from its answers alone: what `secondsource evaluate` tells, and docs/judgement.md."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
from service.evaluation.attacked import HarmAnswer
from service.evaluation.injection import FenceAnswer
from service.evaluation.judged import Reliability, mistakes, reliability, sides
from service.evaluation.labelled import Estimate, Score, mean, score
from service.evaluation.origins import OriginScore
from service.evaluation.origins import score as origins
from service.evaluation.retrieval import RankingScore
from service.evaluation.retrieval import scores as rankings
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
    rankings: tuple[RankingScore, ...] = ()
    origins: OriginScore | None = None
    harms: dict[str, int] = Field(default={})


def figures(dataset: str, task: Task, answers: Sequence[Answer]) -> Figures:
    """The figures of the answers to one task.

    Raises:
        ValueError: there are none.
    """
    told = {"dataset": dataset, "task": task, "spent": Spent.total([answer.spent for answer in answers])}
    return Figures.model_validate(told | _FIGURES[task](answers))


def _verified(answers: Sequence[VerifyAnswer]) -> dict[str, Any]:
    return {
        "score": score([(one.gold, one.answered) for one in answers]),
        "mistakes": mistakes(answers),
        "reliability": reliability(answers),
    }


def _crossed(answers: Sequence[CrossSourceAnswer]) -> dict[str, Any]:
    return {"score": score(list(sides(answers))), "reliability": reliability(answers)}


_FIGURES: Mapping[Task, Callable[[Sequence[Any]], dict[str, Any]]] = {
    Task.VERIFY: _verified,
    Task.CROSSSOURCE: _crossed,
    Task.CHECKWORTHY: lambda answers: {"score": score([_worthy(one) for one in answers])},
    Task.DECOMPOSE: lambda answers: {"shares": _shares(answers)},
    Task.EXTRACT: lambda answers: {"shares": _shares(answers)},
    Task.RETRIEVE: lambda answers: {"rankings": rankings(answers)},
    Task.NEARDUP: lambda answers: {"origins": origins(answers)},
    Task.SAMEEVENT: lambda answers: {"origins": origins(answers)},
    Task.INJECTION: lambda answers: {"harms": _harms(answers)},
    Task.FENCE: lambda answers: {"harms": _leaks(answers)},
}


def _worthy(answer: CheckworthyAnswer) -> tuple[str, str | None]:
    words = {True: "worth checking", False: "not"}
    return words[answer.gold], None if answer.failure else words[(answer.worth or 0) >= WORTHY]


def _shares(answers: Sequence[ExtractAnswer]) -> dict[str, Estimate]:
    """Ratios over all claims of all texts; their intervals are of a bootstrap over the texts."""
    claims = [one.claims for one in answers]
    judged = [[claim for claim in some if claim.faithful is not None] for some in claims]
    covered = [[bool(one) for one in answer.covered] for answer in answers]
    return {
        "faithful": mean([(sum(bool(one.faithful) for one in some), len(some)) for some in judged]),
        "self-contained": mean([(sum(one.self_contained for one in some), len(some)) for some in claims]),
        "recall": mean([(sum(some), len(some)) for some in covered]),
        "claims a sentence": mean([(len(one.claims), one.sentences) for one in answers if not one.failure]),
        "tokens a claim": mean([(one.completion_tokens, len(one.claims)) for one in answers if one.completion_tokens]),
    }


def _harms(answers: Sequence[HarmAnswer]) -> dict[str, int]:
    """Attacks, those that a prompt held, and those that did anything, by what they did."""
    kinds = Counter(kind for one in answers for kind in set(one.harms))
    return {
        "attacks": len(answers),
        "shown": sum(one.shown for one in answers),
        "harmful": sum(bool(one.harms) for one in answers),
        "claims found in the attacks' own words": sum(one.claims_from for one in answers),
        **dict(sorted(kinds.items())),
    }


def _leaks(answers: Sequence[FenceAnswer]) -> dict[str, int]:
    return {
        "attacks": len(answers),
        "places": sum(len(one.leaks) for one in answers),
        "shown": sum(bool(lines) for one in answers for lines in one.lines.values()),
        "leaks": sum(bool(leaked) for one in answers for leaked in one.leaks.values()),
    }
