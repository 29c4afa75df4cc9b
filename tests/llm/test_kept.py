"""Replies that are kept: the same question costs once, another question is asked, a failure is not kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from schemas.usage import Stage
from service.errors import Unreachable
from service.llm.kept import Kept
from service.llm.protocol import Finish, Format, Message, Reply, Request
from service.llm.scripted import Scripted

ASKED = Request(Stage.JUDGE, (Message("user", "Is it so?"),), schema_name="Draft", schema={"type": "object"})


async def test_a_question_is_paid_for_once(tmp_path: Path) -> None:
    """The reply comes back whole, also in another process; the stage that asks does not matter."""
    reply = Reply("{}", "m", finish=Finish.LENGTH, prompt_tokens=3, completion_tokens=None)
    model = Scripted([reply])
    assert await Kept(model, tmp_path).complete(ASKED) == reply
    assert await Kept(Scripted([]), tmp_path).complete(replace(ASKED, stage=Stage.EXTRACT)) == reply
    assert len(model.requests) == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, messages=(Message("user", "Is it not so?"),)),
        replace(ASKED, messages=(Message("system", "Is it so?"),)),
        replace(ASKED, schema={"type": "array"}),
        replace(ASKED, format=Format.TEXT),
        replace(ASKED, max_tokens=1),
    ],
)
async def test_another_question_is_asked(tmp_path: Path, other: Request) -> None:
    """Words, schema, format and length make a question."""
    kept = Kept(Scripted(["one", "two"]), tmp_path)
    assert (await kept.complete(ASKED)).text == "one"
    assert (await kept.complete(other)).text == "two"


async def test_another_model_is_asked(tmp_path: Path) -> None:
    """What one model answered is not another's answer."""
    await Kept(Scripted(["one"], name="a"), tmp_path).complete(ASKED)
    assert (await Kept(Scripted(["two"], name="b"), tmp_path).complete(ASKED)).text == "two"


async def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    """What brought no reply is tried again the next time."""
    kept = Kept(Scripted([Unreachable("It is away."), "one"]), tmp_path)
    with pytest.raises(Unreachable):
        await kept.complete(ASKED)
    assert (await kept.complete(ASKED)).text == "one"
