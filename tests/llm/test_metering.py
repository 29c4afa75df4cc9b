"""What the calls of a check are said to have cost."""

from collections.abc import Callable
from decimal import Decimal
from itertools import count

import pytest

from schemas.usage import Stage, StageUsage
from service.errors import ServerFault
from service.llm.metering import Meter, Metered
from service.llm.prices import Price
from service.llm.protocol import Reply
from service.llm.scripted import Line, Scripted
from tests.llm.asking import request

PRICE = Price(Decimal("0.001"), Decimal("0.002"))
TOLD = Reply("{}", "m-1", prompt_tokens=10, completion_tokens=5)
UNTOLD = Reply("{}", "m-2")


def ticking() -> Callable[[], float]:
    """A clock that moves on by half a second whenever it is read."""
    ticks = count()
    return lambda: next(ticks) / 2


async def measured(price: Price | None, *lines: Line) -> tuple[StageUsage, Meter]:
    """The usage of the judge stage after a script."""
    meter = Meter(price)
    metered = Metered(Scripted(lines), meter, ticking())
    for line in lines:
        if isinstance(line, ServerFault):
            with pytest.raises(ServerFault):
                await metered.complete(request(stage=Stage.JUDGE))
        else:
            await metered.complete(request(stage=Stage.JUDGE))
    (usage,) = meter.usage()
    return usage, meter


async def test_calls_tokens_seconds_and_money_are_summed() -> None:
    """Failed calls count as calls, with their time and without cost."""
    usage, meter = await measured(PRICE, TOLD, ServerFault("no"), TOLD)
    assert usage == StageUsage(
        stage=Stage.JUDGE,
        calls=3,
        failed=1,
        prompt_tokens=20,
        completion_tokens=10,
        seconds=1.5,
        cost=Decimal("0.04"),
    )
    assert meter.answered_by == ("m-1",)


async def test_one_reply_that_tells_no_tokens_makes_them_unknown() -> None:
    """Unknown is None, and so is then the cost; the names of all that answered are kept."""
    usage, meter = await measured(PRICE, TOLD, UNTOLD)
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cost) == (None, None, None)
    assert meter.answered_by == ("m-1", "m-2")


async def test_without_a_price_the_cost_is_unknown() -> None:
    """Tokens are told, money is None."""
    usage, _ = await measured(None, TOLD)
    assert (usage.prompt_tokens, usage.cost) == (10, None)


async def test_stages_are_told_apart_in_their_order() -> None:
    """Only stages that asked are listed, extraction first."""
    meter = Meter()
    metered = Metered(Scripted(lambda _: "{}"), meter)
    assert meter.usage() == ()
    for stage in (Stage.JUDGE, Stage.EXTRACT, Stage.JUDGE):
        await metered.complete(request(stage=stage))
    assert [(usage.stage, usage.calls) for usage in meter.usage()] == [(Stage.EXTRACT, 1), (Stage.JUDGE, 2)]
