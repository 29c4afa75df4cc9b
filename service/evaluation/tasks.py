"""What can be measured, and how a data set is worked through: sampled, resumable, within a budget."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from schemas.article import Article
from service.corpus.embedding import Embedder
from service.errors import CutOff, EmptyReply, Invalid, Refused, Unreadable
from service.evaluation import origins, retrieval
from service.evaluation.answers import (
    Answer,
    CheckworthyAnswer,
    CrossSourceAnswer,
    ExtractAnswer,
    VerifyAnswer,
    check_writable,
    read_answers,
)
from service.evaluation.attacked import HarmAnswer, attacked
from service.evaluation.extracting import checkworthy, extracted
from service.evaluation.injection import Attack, FenceAnswer, fence
from service.evaluation.items import CheckworthyItem, CrossSourceItem, ExtractItem, Item, VerifyItem
from service.evaluation.judging import cross_source, verify
from service.evaluation.origins import PairAnswer, PairItem
from service.evaluation.retrieval import RankedAnswer, RetrieveItem
from service.pipeline.desk import Desk


class Task(StrEnum):
    """What a data set asks. Its file is named so: NAME.TASK.jsonl (attacks may be YAML)."""

    VERIFY = "verify"
    CROSSSOURCE = "crosssource"
    CHECKWORTHY = "checkworthy"
    DECOMPOSE = "decompose"
    EXTRACT = "extract"
    RETRIEVE = "retrieve"
    NEARDUP = "neardup"
    SAMEEVENT = "sameevent"
    INJECTION = "injection"
    FENCE = "fence"


@dataclass(frozen=True, slots=True)
class Line:
    """What the items are run through. `articles`: in which attacks are planted."""

    desk: Desk
    articles: Sequence[Article] = ()
    embedder: Embedder | None = None


Done = Callable[[Sequence[Any], Line], Awaitable[Sequence[Answer]]]


@dataclass(frozen=True, slots=True)
class Work:
    """How one task is done: the shape of its items, the shape of its answers, and what answers some of them."""

    item: type[Item]
    answer: type[Answer]
    done: Done
    shared: Callable[[Any], object] = lambda item: item.id
    """What items have in common that are worked on together."""


def _each(done: Callable[[Any, Line], Awaitable[Answer]]) -> Done:
    async def one(items: Sequence[Any], line: Line) -> Sequence[Answer]:
        return [await done(item, line) for item in items]

    return one


async def _pair(item: PairItem, _: Line) -> Answer:
    return await asyncio.to_thread(origins.answer, item)


async def _fence(item: Attack, line: Line) -> Answer:
    turn = int(hashlib.sha256(item.id.encode()).hexdigest(), 16)
    return await asyncio.to_thread(fence, item, line.articles[turn % len(line.articles)])


_VERIFY = Work(
    VerifyItem,
    VerifyAnswer,
    lambda items, line: verify(items, line.desk),
    shared=lambda item: (item.evidence, item.claim_date),
)
_CROSSSOURCE = Work(CrossSourceItem, CrossSourceAnswer, _each(lambda item, line: cross_source(item, line.desk)))
_CHECKWORTHY = Work(CheckworthyItem, CheckworthyAnswer, _each(lambda item, line: checkworthy(item, line.desk)))
_EXTRACT = Work(ExtractItem, ExtractAnswer, _each(lambda item, line: extracted(item, line.desk)))
_RETRIEVE = Work(RetrieveItem, RankedAnswer, _each(lambda item, line: retrieval.answer(item, line.embedder)))
_PAIR = Work(PairItem, PairAnswer, _each(_pair))
_INJECTION = Work(Attack, HarmAnswer, _each(lambda item, line: attacked(item, line.articles, line.desk)))

WORK: Mapping[Task, Work] = {
    Task.VERIFY: _VERIFY,
    Task.CROSSSOURCE: _CROSSSOURCE,
    Task.CHECKWORTHY: _CHECKWORTHY,
    Task.DECOMPOSE: _EXTRACT,
    Task.EXTRACT: _EXTRACT,
    Task.RETRIEVE: _RETRIEVE,
    Task.NEARDUP: _PAIR,
    Task.SAMEEVENT: _PAIR,
    Task.INJECTION: _INJECTION,
    Task.FENCE: Work(Attack, FenceAnswer, _each(_fence)),
}

_AT_ONCE = 16
"""So many items are worked on side by side: each has the time of a check, which should not pass while it waits."""

OF_REPLIES = frozenset(error.code for error in (Refused, CutOff, EmptyReply, Unreadable, Invalid))
"""What a reply can fail by. Any other failure says nothing of the model's judgement: the item is asked again."""


def task_of(path: Path) -> Task | None:
    """The task that a file's name tells, if any."""
    told = path.stem.rpartition(".")[2]
    return Task(told) if told in list(Task) else None


async def answered(  # noqa: PLR0913 - the last two have names
    items: Sequence[Item], task: Task, line: Line, out: Path, *, calls: int | None, watch: Callable[[Answer], None]
) -> list[Answer]:
    """The answers to the items, in their order; those in `out` are taken from there, the others added to it.

    An answer that says the model could not be asked is told and not kept: it is asked for again the next time. After
    `calls` calls no further item is begun; those under way end, and those not begun are left out.

    Raises:
        InputError: `out` holds something else, or cannot be written.
    """
    work = WORK[task]
    answers = read_answers(out, work.answer)
    check_writable(out)
    groups: dict[object, list[Item]] = {}
    for item in items:
        if item.id not in answers:
            groups.setdefault(work.shared(item), []).append(item)
    spent, places = 0, asyncio.Semaphore(_AT_ONCE)

    async def one(group: Sequence[Item]) -> None:
        nonlocal spent
        async with places:
            if calls is not None and spent >= calls:
                return
            for answer in await work.done(group, line):
                spent += answer.spent.calls
                answers[answer.id] = answer
                if answer.failure is None or answer.failure in OF_REPLIES:
                    with out.open("a", encoding="utf-8") as file:
                        file.write(f"{answer.model_dump_json()}\n")
                watch(answer)

    await asyncio.gather(*map(one, groups.values()))
    return [answers[item.id] for item in items if item.id in answers]
