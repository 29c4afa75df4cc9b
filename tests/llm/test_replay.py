"""Recorded conversations."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.errors import ConfigurationError, RecordingMissing
from service.llm import chat
from service.llm.protocol import Finish, Format
from service.llm.replay import ReplayBackend, recorded
from tests.llm.asking import request

CHAT = "https://api.openai.com/v1/chat/completions"


def interaction(question: str, text: str, *, uri: str = CHAT, status: int = 200, **choice: Any) -> dict[str, Any]:
    """One interaction as vcrpy writes it."""
    message = {"role": "assistant", "content": text}
    completion = {"model": "gpt-1", "choices": [{"finish_reason": "stop", "message": message} | choice]}
    return {
        "request": {
            "method": "POST",
            "uri": uri,
            "headers": {},
            "body": json.dumps(chat.body(request(question), "gpt-1")),
        },
        "response": {
            "status": {"code": status, "message": ""},
            "headers": {"content-type": ["application/json"]},
            "body": {"string": json.dumps(completion, indent=2)},
        },
    }


def write(path: Path, *interactions: dict[str, Any]) -> None:
    """A cassette."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump({"version": 1, "interactions": list(interactions)}))


async def test_every_cassette_below_the_path_answers(tmp_path: Path) -> None:
    """In folders too, whatever format or model is asked for now."""
    write(tmp_path / "a.yaml", interaction("one", "1"))
    write(tmp_path / "deep" / "b.yaml", interaction("two", "2", finish_reason="length"))
    replay = ReplayBackend(tmp_path)
    first = await replay.complete(request("one", form=Format.TEXT))
    second = await replay.complete(request("two"))
    assert (first.text, first.model, first.finish, first.prompt_tokens) == ("1", "gpt-1", Finish.STOP, None)
    assert (second.text, second.finish) == ("2", Finish.LENGTH)


async def test_of_two_answers_the_first_file_in_order_counts(tmp_path: Path) -> None:
    """And within a file the first interaction; a failed call does not count."""
    write(tmp_path / "b.yaml", interaction("q", "later"))
    write(
        tmp_path / "a.yaml",
        interaction("q", "failed", status=429),
        interaction("q", "first"),
        interaction("q", "second"),
    )
    assert (await ReplayBackend(tmp_path).complete(request("q"))).text == "first"


async def test_a_miss_says_how_to_go_on(tmp_path: Path) -> None:
    """The error names the path and the ways out, and nothing of the article."""
    write(tmp_path / "a.yaml", interaction("q", "x"))
    with pytest.raises(RecordingMissing, match=r"cassettes/README\.md") as caught:
        await ReplayBackend(tmp_path).complete(request("Rebels in Aleppo"))
    assert str(tmp_path) in str(caught.value)
    assert "Aleppo" not in str(caught.value)


def test_only_chat_completions_that_succeeded_are_kept(tmp_path: Path) -> None:
    """Embeddings, model lists and errors in a cassette are passed over; a path may be one file."""
    other = interaction("two", "x", uri="https://api.openai.com/v1/embeddings")
    write(tmp_path / "a.yaml", interaction("one", "1"), other, interaction("three", "x", status=500))
    assert list(recorded(tmp_path / "a.yaml")) == [chat.key(chat.messages(request("one")))]


@pytest.mark.parametrize("text", ["[", "just words", "interactions: [{}]", "interactions: 3", "{}"])
def test_a_file_that_is_no_cassette_is_named(tmp_path: Path, text: str) -> None:
    """The error of configuration says which file it is."""
    (tmp_path / "broken.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match=r"broken\.yaml is not a cassette"):
        recorded(tmp_path)


def test_cassettes_without_a_single_completion_are_refused(tmp_path: Path) -> None:
    """Nothing could ever be answered from them."""
    write(tmp_path / "a.yaml", interaction("one", "x", status=500))
    with pytest.raises(ConfigurationError, match="holds a chat completion"):
        recorded(tmp_path)
