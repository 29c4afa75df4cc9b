"""The chat.completions dialect."""

from types import SimpleNamespace
from typing import Any

import pytest

from service.errors import ServerFault
from service.llm import chat
from service.llm.protocol import Finish, Format, Message
from tests.llm.asking import SCHEMA, request

FORMATS: list[tuple[Format, dict[str, Any] | None]] = [
    (Format.JSON_SCHEMA, {"type": "json_schema", "json_schema": {"name": "City", "strict": True, "schema": SCHEMA}}),
    (Format.JSON_OBJECT, {"type": "json_object"}),
    (Format.TEXT, None),
]
THINKING: list[tuple[bool, dict[str, Any] | None, dict[str, int]]] = [
    (False, None, {"temperature": 0, "max_tokens": 40}),
    (True, {"supports_reasoning": False, "max_output_tokens": 16_384}, {"temperature": 0, "max_tokens": 40}),
    (True, None, {"max_completion_tokens": 12_328}),
    (False, {"supports_reasoning": True, "max_output_tokens": 128_000}, {"max_completion_tokens": 12_328}),
    (True, {"supports_reasoning": True, "max_output_tokens": 8_192}, {"max_completion_tokens": 8_192}),
]


def completion(**changes: Any) -> dict[str, Any]:
    """A whole completion, with parts of it replaced."""
    choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": "{}"}}
    usage = {"prompt_tokens": 7, "completion_tokens": 2}
    return {"model": "m-1", "choices": [choice], "usage": usage} | changes


def choice(finish: str | None, content: str | None, **more: Any) -> dict[str, Any]:
    """A completion with this one choice."""
    return completion(choices=[{"finish_reason": finish, "message": {"content": content, **more}}])


@pytest.mark.parametrize(("form", "asked"), FORMATS)
def test_the_format_is_asked_for_as_the_request_says(form: Format, asked: dict[str, Any] | None) -> None:
    """A schema, any JSON, or nothing is asked for."""
    assert chat.body(request(form=form), "m").get("response_format") == asked


@pytest.mark.parametrize(("hosted", "listed", "expected"), THINKING)
def test_models_that_think_first_get_room_and_no_temperature(
    hosted: bool, listed: dict[str, Any] | None, expected: dict[str, int]
) -> None:
    """Known by the catalogue, else assumed of what OpenAI itself serves; the room ends at the model's own limit."""
    body = chat.body(request(), "m", hosted=hosted, listed=listed)
    assert body.items() >= expected.items()
    assert len(body.keys() & {"temperature", "max_tokens", "max_completion_tokens"}) == len(expected)


def test_openai_itself_gets_the_schema_without_what_it_refuses() -> None:
    """Length limits go, at any depth; a property that is named like a keyword stays."""
    schema = {
        "type": "object",
        "properties": {
            "default": {"type": "string", "minLength": 1, "maxLength": 9},
            "list": {"type": "array", "maxItems": 3, "items": {"anyOf": [{"type": "string", "maxLength": 2}]}},
        },
    }
    asked = request()
    long = type(asked)(asked.stage, asked.messages, "Long", schema)
    sent = chat.body(long, "m", hosted=True)["response_format"]["json_schema"]["schema"]
    assert sent["properties"] == {
        "default": {"type": "string"},
        "list": {"type": "array", "maxItems": 3, "items": {"anyOf": [{"type": "string"}]}},
    }
    assert chat.body(long, "m")["response_format"]["json_schema"]["schema"] == schema


@pytest.mark.parametrize(
    ("answered", "text", "finish"),
    [
        (completion(), "{}", Finish.STOP),
        (choice("length", '{"a'), '{"a', Finish.LENGTH),
        (choice("content_filter", None), "", Finish.REFUSED),
        (choice("stop", None, refusal="No."), "No.", Finish.REFUSED),
        (choice("stop", None, provider_specific_fields={"refusal": "No."}), "No.", Finish.REFUSED),
        (choice("stop", None, provider_specific_fields={"refusal": None}), "", Finish.STOP),
        (choice(None, "{}"), "{}", Finish.STOP),
        (choice("tool_calls", None), "", Finish.STOP),
    ],
)
def test_a_completion_is_read_with_the_reason_it_ended(answered: dict[str, Any], text: str, finish: Finish) -> None:
    """Text, refusal and finish reason come from wherever the providers put them."""
    reply = chat.reply(answered)
    assert (reply.text, reply.finish, reply.model) == (text, finish, "m-1")


def test_an_sdks_object_reads_like_its_json() -> None:
    """Attributes do as well as keys; what is absent is unknown, not 0."""
    message = SimpleNamespace(content="{}", refusal=None)
    made = SimpleNamespace(model="m-1", choices=[SimpleNamespace(finish_reason="stop", message=message)])
    reply = chat.reply(made)
    assert (reply.text, reply.prompt_tokens, reply.completion_tokens) == ("{}", None, None)


@pytest.mark.parametrize(
    "answered",
    [
        {},
        None,
        "<html>Bad gateway</html>",
        {"error": {"message": "upstream died"}, "choices": None},
        completion(choices=[]),
        completion(choices=[{"finish_reason": "stop"}]),
        choice("error", "{"),
        choice("stop", {"not": "a text"}),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_completion_is_the_servers_fault(answered: object) -> None:
    """A 200 without a readable choice is a retryable error of ours."""
    with pytest.raises(ServerFault):
        chat.reply(answered)


def test_a_conversation_is_known_by_roles_and_words_alone() -> None:
    """The key is the same for what is sent and what was recorded, and changes with any role or word."""
    turns = chat.messages(request())
    known = chat.key(turns)
    assert known == chat.key([{"content": turn["content"], "role": turn["role"], "name": None} for turn in turns])
    assert known != chat.key(chat.messages(request("Another question")))
    assert known != chat.key(turns[::-1])
    assert len(known) == 64


def test_the_key_does_not_change_between_releases() -> None:
    """Recordings are found by it, so that its value is part of the contract."""
    turn = Message("user", "“Aleppo” 🕊")
    assert chat.key([{"role": turn.role, "content": turn.content}]) == (
        "a15f1ea84f61148c541cc4143564109501c875d0fa42034d28b2e423bcc09063"
    )
