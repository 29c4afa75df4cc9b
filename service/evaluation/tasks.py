"""What can be measured, and how a data set is worked through: sampled, resumable, within a budget."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from service.errors import CutOff, EmptyReply, Invalid, Refused, Unreadable
from service.evaluation.answers import (
    Answer,
    CheckworthyAnswer,
    CrossSourceAnswer,
    ExtractAnswer,
    VerifyAnswer,
    read_answers,
)
from service.evaluation.extracting import checkworthy, extracted
from service.evaluation.items import CheckworthyItem, CrossSourceItem, ExtractItem, Item, VerifyItem
from service.evaluation.judging import cross_source, verify
from service.pipeline.desk import Desk


class Task(StrEnum):
    """What a data set asks. Its file is named so: NAME.TASK.jsonl."""

    VERIFY = "verify"
    CROSSSOURCE = "crosssource"
    CHECKWORTHY = "checkworthy"
    DECOMPOSE = "decompose"
    EXTRACT = "extract"


@dataclass(frozen=True, slots=True)
class Work:
    """How one task is done: the shape of its items, the shape of its answers, and the line that answers one."""

    item: type[Item]
    answer: type[Answer]
    done: Callable[[Any, Desk], Awaitable[Sequence[Answer]]]
    shared: Callable[[Any], object] = lambda item: item.id
    """What items have in common that are worked on together."""


def _alone(done: Callable[[Any, Desk], Awaitable[Answer]]) -> Callable[[Any, Desk], Awaitable[Sequence[Answer]]]:
    async def one(items: Sequence[Any], desk: Desk) -> Sequence[Answer]:
        (item,) = items
        return [await done(item, desk)]

    return one


WORK: Mapping[Task, Work] = {
    Task.VERIFY: Work(VerifyItem, VerifyAnswer, verify, lambda item: (item.evidence, item.claim_date)),
    Task.CROSSSOURCE: Work(CrossSourceItem, CrossSourceAnswer, _alone(cross_source)),
    Task.CHECKWORTHY: Work(CheckworthyItem, CheckworthyAnswer, _alone(checkworthy)),
    Task.DECOMPOSE: Work(ExtractItem, ExtractAnswer, _alone(extracted)),
    Task.EXTRACT: Work(ExtractItem, ExtractAnswer, _alone(extracted)),
}


_OF_REPLIES = frozenset(error.code for error in (Refused, CutOff, EmptyReply, Unreadable, Invalid))
"""What a reply can fail by. Any other failure says nothing of the model's judgement: the item is asked again."""


def task_of(path: Path) -> Task | None:
    """The task that a file's name tells, if any."""
    told = path.name.removesuffix(".jsonl").rpartition(".")[2]
    return Task(told) if told in list(Task) else None


async def answered(  # noqa: PLR0913 - the last two have names
    items: Sequence[Item], task: Task, desk: Desk, out: Path, *, calls: int | None, watch: Callable[[Answer], None]
) -> list[Answer]:
    """The answers to the items, in their order; those in `out` are taken from there, the others added to it.

    An answer that says the model could not be asked is not kept: it is asked for again the next time. After `calls`
    calls no further item is begun; those under way end.

    Raises:
        InputError: `out` holds something else.
    """
    work = WORK[task]
    kept = read_answers(out, work.answer)
    groups: dict[object, list[Item]] = {}
    for item in items:
        if item.id not in kept:
            groups.setdefault(work.shared(item), []).append(item)
    spent = 0

    async def one(group: Sequence[Item]) -> None:
        nonlocal spent
        if calls is not None and spent >= calls:
            return
        for answer in await work.done(group, desk):
            spent += answer.spent.calls
            if answer.failure is None or answer.failure in _OF_REPLIES:
                kept[answer.id] = answer
                with out.open("a", encoding="utf-8") as file:
                    file.write(f"{answer.model_dump_json()}\n")
            watch(answer)

    await asyncio.gather(*map(one, groups.values()))
    return [kept[item.id] for item in items if item.id in kept]
