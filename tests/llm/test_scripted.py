"""The double that is shipped."""

import pytest

from service.errors import RequestRefused, TimedOut
from service.llm.protocol import Finish, Reply
from service.llm.scripted import Scripted
from tests.llm.asking import request


async def test_lines_are_said_in_turn() -> None:
    """Texts become replies, errors are raised, and every request is noted."""
    cut = Reply('{"a', "m", finish=Finish.LENGTH)
    scripted = Scripted(["{}", TimedOut("slow"), cut])
    assert (await scripted.complete(request("one"))).text == "{}"
    with pytest.raises(TimedOut):
        await scripted.complete(request("two"))
    assert await scripted.complete(request("three")) is cut
    assert [asked.messages[1].content for asked in scripted.requests] == ["one", "two", "three"]


async def test_a_function_answers_by_the_request() -> None:
    """It sees what was asked."""
    scripted = Scripted(lambda asked: asked.messages[1].content.upper(), name="loud")
    reply = await scripted.complete(request("quiet"))
    assert (reply.text, reply.model, scripted.name) == ("QUIET", "loud", "loud")


async def test_a_script_ends() -> None:
    """A request too many is an error that no retry repeats."""
    scripted = Scripted([])
    with pytest.raises(RequestRefused, match="no further answer"):
        await scripted.complete(request())
