"""How much may be asked."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest

from service.errors import BudgetSpent, ConfigurationError, ServerFault
from service.llm import chat
from service.llm.limits import Amount, Budget, Limited
from service.llm.prices import Price
from service.llm.protocol import Reply, Request
from service.llm.retrying import Retrying
from service.llm.scripted import Line, Scripted
from tests.llm.asking import request

PRICE = Price(Decimal("0.001"), Decimal("0.002"))
PROMPT = chat.estimate(*(message.content for message in request().messages))


class Busy:
    """A backend whose replies wait until they are let go; it notes how many calls are under way."""

    name = "busy"

    def __init__(self) -> None:
        self.under_way = self.most = self.calls = 0
        self.go = asyncio.Event()

    async def complete(self, asked: Request) -> Reply:
        """One reply of 100 tokens to a prompt of 50."""
        self.calls += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.go.wait()
        self.under_way -= 1
        return Reply("{}", "busy", prompt_tokens=50, completion_tokens=100)

    async def aclose(self) -> None:
        """Nothing is held."""


async def rush(limited: Limited, busy: Busy, calls: int) -> list[Reply | BaseException]:
    """So many calls at once, let go after all have begun that can."""
    tasks = [asyncio.ensure_future(limited.complete(request())) for _ in range(calls)]
    await asyncio.sleep(0)
    busy.go.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_slots_are_shared_by_all_checks() -> None:
    """Two checks with one semaphore of three keep to three calls at once."""
    busy, slots = Busy(), asyncio.Semaphore(3)
    checks = [Limited(busy, slots, Budget()) for _ in range(2)]
    replies = await asyncio.gather(*(rush(check, busy, 5) for check in checks))
    assert busy.most == 3
    assert [len(each) for each in replies] == [5, 5]


async def test_a_slot_is_free_while_a_retry_waits() -> None:
    """With one slot, another call is answered during the wait."""
    slots = asyncio.Semaphore(1)

    async def wait(_: float) -> None:
        assert not slots.locked()

    lines: list[Line] = [ServerFault("again", 1.0), "{}"]
    assert (await Retrying(Limited(Scripted(lines), slots, Budget()), sleep=wait).complete(request())).text == "{}"


@pytest.mark.parametrize(
    ("budget", "answered"),
    [
        (Budget, 8),
        (lambda: Budget(calls=3), 3),
        (lambda: Budget(tokens=2 * PROMPT), 2),
        (lambda: Budget(dollars=5 * PROMPT * PRICE.prompt, price=PRICE), 5),
        (lambda: Budget(calls=9, tokens=PROMPT - 1), 0),
    ],
    ids=["none", "calls", "tokens", "dollars", "the least counts"],
)
async def test_parallel_calls_keep_to_the_budget(budget: Callable[[], Budget], answered: int) -> None:
    """Of eight calls at once so many are sent as reserve their prompts within it; the others end in BudgetSpent."""
    busy = Busy()
    replies = await rush(Limited(busy, None, budget()), busy, 8)
    assert busy.calls == answered
    assert sum(isinstance(reply, Reply) for reply in replies) == answered
    assert sum(isinstance(reply, BudgetSpent) for reply in replies) == 8 - answered


async def test_what_replies_took_takes_the_place_of_the_estimate() -> None:
    """After a reply of 150 tokens, a budget of 160 has no room for another prompt; money is counted alike."""
    budget = Budget(tokens=155, price=PRICE)
    limited = Limited(Scripted([Reply("{}", "m", prompt_tokens=50, completion_tokens=100), "{}"]), None, budget)
    await limited.complete(request())
    assert budget.spent == Amount(1, 150, Decimal("0.25"))
    with pytest.raises(BudgetSpent, match="SECONDSOURCE_MAX_TOKENS"):
        await limited.complete(request())


async def test_without_token_counts_the_estimate_stands() -> None:
    """Prompt and reply are then a quarter of their characters."""
    budget = Budget()
    await Limited(Scripted([Reply("x" * 40, "m")]), None, budget).complete(request())
    assert budget.spent.tokens == PROMPT + 10


async def test_a_failed_call_costs_its_turn_and_no_tokens() -> None:
    """What it reserved is free again, so that retries do not eat the budget of tokens."""
    budget = Budget()
    with pytest.raises(ServerFault):
        await Limited(Scripted([ServerFault("no")]), None, budget).complete(request())
    assert budget.spent == Amount(1, 0, Decimal(0))


def test_a_limit_in_dollars_needs_a_price() -> None:
    """Without one it could not be kept, and the error says what to set."""
    with pytest.raises(ConfigurationError, match="MAX_TOKENS"):
        Budget(dollars=Decimal(1))
