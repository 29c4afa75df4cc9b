"""Replies that are kept: the same question costs once, another question is asked, a failure is not kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from schemas.usage import Stage
from service.errors import Unreachable
from service.llm.kept import Folder, Kept
from service.llm.protocol import Finish, Format, Message, Reply, Request
from service.llm.scripted import Scripted

ASKED = Request(Stage.JUDGE, (Message("user", "Is it so?"),), schema_name="Draft", schema={"type": "object"})


async def test_a_question_is_paid_for_once(tmp_path: Path) -> None:
    """The reply comes back whole, also in another process; the stage that asks does not matter."""
    reply = Reply("{}", "m", prompt_tokens=3, completion_tokens=None)
    model = Scripted([reply])
    assert await Kept(model, Folder(tmp_path)).complete(ASKED) == reply
    assert await Kept(Scripted([]), Folder(tmp_path)).complete(replace(ASKED, stage=Stage.EXTRACT)) == reply
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
    kept = Kept(Scripted(['"one"', '"two"']), Folder(tmp_path))
    assert (await kept.complete(ASKED)).text == '"one"'
    assert (await kept.complete(other)).text == '"two"'


async def test_another_model_is_asked(tmp_path: Path) -> None:
    """What one model answered is not another's answer."""
    await Kept(Scripted(['"one"'], name="a"), Folder(tmp_path)).complete(ASKED)
    assert (await Kept(Scripted(['"two"'], name="b"), Folder(tmp_path)).complete(ASKED)).text == '"two"'


async def test_a_failure_is_not_kept(tmp_path: Path) -> None:
    """What brought no reply is tried again the next time."""
    kept = Kept(Scripted([Unreachable("It is away."), "one"]), Folder(tmp_path))
    with pytest.raises(Unreachable):
        await kept.complete(ASKED)
    assert (await kept.complete(ASKED)).text == "one"


@pytest.mark.parametrize(
    "bad", [Reply("{}", "m", finish=Finish.LENGTH), Reply("", "m", finish=Finish.REFUSED), Reply("no", "m")]
)
async def test_what_is_no_whole_answer_is_asked_again(tmp_path: Path, bad: Reply) -> None:
    """A reply that was cut off, declined or is not JSON may come out better the next time."""
    kept = Kept(Scripted([bad, "{}"]), Folder(tmp_path))
    assert await kept.complete(ASKED) == bad
    assert (await kept.complete(ASKED)).text == "{}"


async def test_a_folder_that_fails_loses_no_reply(tmp_path: Path) -> None:
    """A damaged file counts as none; where nothing can be written the reply is given all the same."""
    await Kept(Scripted(["{}"]), Folder(tmp_path)).complete(ASKED)
    (file,) = sorted(tmp_path.iterdir())  # noqa: ASYNC240 - a file of the test
    file.write_text("{", encoding="utf-8")
    assert (await Kept(Scripted(["[]"]), Folder(tmp_path)).complete(ASKED)).text == "[]"
    assert (await Kept(Scripted(["{}"]), Folder(file / "no" / "folder")).complete(ASKED)).text == "{}"


async def test_whose_reply_was_kept_is_told(tmp_path: Path) -> None:
    """A report names the model that answered, also where it answered before."""
    names: list[str] = []
    for _ in range(2):
        await Kept(Scripted([Reply("{}", "m-1")]), Folder(tmp_path), names.append).complete(ASKED)
    assert names == ["m-1"]
