"""A journal of replies: what was paid for comes back, with what it cost; what failed is tried again."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.usage import Stage
from service.errors import BudgetSpent, Unreachable
from service.llm.journaled import Journaled
from service.llm.limits import Budget, Limited
from service.llm.metering import Meter, Metered
from service.llm.protocol import Finish, Message, Reply, Request
from service.llm.scripted import Scripted

ASKED = Request(Stage.JUDGE, (Message("user", "Is it so?"),), schema_name="Draft", schema={"type": "object"})
CUT_OFF = Reply('{"half":', "m-1", Finish.LENGTH, prompt_tokens=7, completion_tokens=3)


class Pages:
    """A journal in a dictionary."""

    def __init__(self) -> None:
        self.pages: dict[str, dict[str, Any]] = {}

    async def recorded(self) -> dict[str, dict[str, Any]]:
        return dict(self.pages)

    async def recall(self, key: str) -> dict[str, Any] | None:
        return self.pages.get(key)

    async def record(self, key: str, outcome: dict[str, Any]) -> None:
        self.pages.setdefault(key, outcome)


def _journaled(model: Scripted, journal: Pages, meter: Meter, budget: Budget | None = None) -> Journaled:
    return Journaled(lambda counted: Metered(model, counted), journal, meter, budget or Budget())


async def test_a_reply_is_asked_for_once_and_counted_once_in_every_run() -> None:
    """A later run has the reply, a bad one too; its meter and budget know what it took, once however often asked."""
    journal, first, second, budget = Pages(), Meter(), Meter(), Budget(calls=5)
    model = Scripted([CUT_OFF])
    assert await _journaled(model, journal, first).complete(ASKED) == CUT_OFF
    again = _journaled(Scripted([]), journal, second, budget)
    assert await again.complete(ASKED) == CUT_OFF
    assert await again.complete(ASKED) == CUT_OFF
    assert second.usage() == first.usage()
    assert second.answered_by == first.answered_by == ("m-1",)
    assert (budget.spent.calls, budget.spent.tokens) == (1, 10)


async def test_what_is_not_asked_again_was_paid_all_the_same() -> None:
    """A later run whose question is another one, since an article came in, still counts what the earlier one took."""
    journal, second, budget = Pages(), Meter(), Budget(calls=1)
    await _journaled(Scripted([CUT_OFF]), journal, Meter()).complete(ASKED)
    other = replace(ASKED, messages=(Message("user", "Is it so, by the new article?"),))
    with pytest.raises(BudgetSpent):
        await Journaled(
            lambda counted: Limited(Metered(Scripted(["{}"]), counted), None, budget), journal, second, budget
        ).complete(other)
    assert [(used.calls, used.prompt_tokens) for used in second.usage()] == [(1, 7)]


async def test_a_failure_is_no_reply() -> None:
    """A call that brought nothing is counted where it was made, and tried again by the next run."""
    journal, first, second = Pages(), Meter(), Meter()
    with pytest.raises(Unreachable):
        await _journaled(Scripted([Unreachable("It is away.")]), journal, first).complete(ASKED)
    assert [(used.calls, used.failed) for used in first.usage()] == [(1, 1)]
    assert (await _journaled(Scripted(["{}"]), journal, second).complete(ASKED)).text == "{}"
    assert [(used.calls, used.failed) for used in second.usage()] == [(1, 0)]
