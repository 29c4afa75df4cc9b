"""When a call is tried again, and after how long."""

import pytest

from service import errors
from service.llm.protocol import Reply
from service.llm.retrying import Retrying, worth_another
from service.llm.scripted import Line, Scripted
from tests.llm.asking import request

RETRYABLE = {errors.Unreachable, errors.TimedOut, errors.RateLimited, errors.ServerFault}


def leaves(kind: type[errors.SecondSourceError]) -> set[type[errors.SecondSourceError]]:
    """An error class and all below it."""
    return {kind}.union(*(leaves(child) for child in kind.__subclasses__()))


class Naps:
    """A sleep that takes no time and notes how long it was asked to take."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def attempt(
    *lines: Line, attempts: int = 6, seconds: float = 60
) -> tuple[Reply | errors.ModelError, list[float]]:
    """What a script comes to under retrying, and the waits."""
    naps = Naps()
    retrying = Retrying(Scripted(lines), attempts=attempts, seconds=seconds, sleep=naps)
    try:
        return await retrying.complete(request()), naps.seconds
    except errors.ModelError as error:
        return error, naps.seconds


def raised(kind: type[errors.SecondSourceError]) -> errors.SecondSourceError:
    return errors.WrongSetting("why", "window") if kind is errors.WrongSetting else kind("why")


def test_four_errors_and_no_others_are_worth_another_attempt() -> None:
    """Those marked in the tree, of all errors there are; nothing foreign."""
    assert {kind for kind in leaves(errors.SecondSourceError) if worth_another(raised(kind))} == RETRYABLE
    assert not worth_another(ValueError())


async def test_a_provider_that_says_when_is_waited_for_exactly_so_long() -> None:
    """Retry-After is neither stretched nor cut, whichever error carries it."""
    reply, waits = await attempt(
        errors.RateLimited("", 2.0), errors.ServerFault("", 0.25), errors.RateLimited("", 0), "{}"
    )
    assert isinstance(reply, Reply)
    assert waits == [2.0, 0.25, 0.0]


async def test_without_word_the_wait_is_drawn_and_grows() -> None:
    """Between nothing and 1, 2, 4, 8, 16 seconds."""
    reply, waits = await attempt(*[errors.Unreachable("")] * 5, "{}")
    assert isinstance(reply, Reply)
    assert len(waits) == 5
    assert all(0 <= wait <= 2**attempt for attempt, wait in enumerate(waits))


async def test_the_last_error_is_raised_when_attempts_are_used_up() -> None:
    """Three attempts, two waits."""
    last = errors.TimedOut("the third")
    error, waits = await attempt(errors.TimedOut("one"), errors.TimedOut("two"), last, "{}", attempts=3)
    assert error is last
    assert len(waits) == 2


async def test_a_wait_that_would_pass_the_limit_is_not_begun() -> None:
    """The error is raised at once, without a useless sleep."""
    asked = errors.RateLimited("later", 61.0)
    error, waits = await attempt(asked, "{}", seconds=60)
    assert error is asked
    assert waits == []


async def test_being_told_to_come_back_uses_no_attempts_up() -> None:
    """Nine rejections with a wait of two seconds each are borne with three attempts; instant ones are not.

    Nor are those that go on for more than two minutes.
    """
    reply, waits = await attempt(*[errors.RateLimited("busy", 2.0)] * 9, "{}", attempts=3)
    assert isinstance(reply, Reply)
    assert waits == [2.0] * 9
    error, waits = await attempt(*[errors.RateLimited("busy", 0.0)] * 9, "{}", attempts=3)
    assert isinstance(error, errors.RateLimited)
    assert waits == [0.0] * 2
    error, waits = await attempt(*[errors.RateLimited("busy", 50.0)] * 9, "{}", attempts=2, seconds=999)
    assert isinstance(error, errors.RateLimited)
    assert waits == [50.0] * 3


@pytest.mark.parametrize("error", [errors.Unauthorized("no"), errors.BudgetSpent("no"), errors.Refused("no")])
async def test_what_another_attempt_would_not_help_is_raised_at_once(error: errors.ModelError) -> None:
    """One attempt, no wait."""
    raised, waits = await attempt(error, "{}")
    assert raised is error
    assert waits == []


async def test_each_call_has_attempts_of_its_own() -> None:
    """What one call used up, the next has again."""
    naps = Naps()
    lines: list[Line] = [errors.ServerFault("a", 0), "first", errors.ServerFault("b", 0), "second"]
    retrying = Retrying(Scripted(lines), attempts=2, sleep=naps)
    assert [(await retrying.complete(request())).text for _ in range(2)] == ["first", "second"]
