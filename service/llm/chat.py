"""The chat.completions dialect: a request as a body, a completion as a reply, a conversation as a recording's key."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.errors import ServerFault
from service.llm.protocol import Finish, Format, Reply, Request

_ROOM_FOR_THOUGHT = 12_288
"""Tokens granted beside the answer's own to models that think first, because their limit counts both. OpenAI's guide
to reasoning suggests 25,000 to begin with; our questions are about eight sentences or one claim."""

_NOT_OF_STRICT_SCHEMAS = frozenset(
    {
        *("default", "minLength", "maxLength", "uniqueItems", "contains", "minContains", "maxContains"),
        *("minProperties", "maxProperties", "patternProperties", "propertyNames"),
        *("unevaluatedItems", "unevaluatedProperties"),
    }
)
"""Keywords that are not among those OpenAI's guide to structured outputs lists as supported. Drafts are validated
against the whole schema when they come back, so that nothing is lost but the hint."""

_FINISHES = {
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "content_filter": Finish.REFUSED,
    "refusal": Finish.REFUSED,
    "safety": Finish.REFUSED,
}


class _Lenient(BaseModel):
    """Read from dicts and from the SDKs' objects alike; what we do not use is passed over."""

    model_config = ConfigDict(from_attributes=True, protected_namespaces=())


class _Said(_Lenient):
    content: str | None = None
    refusal: str | None = None
    provider_specific_fields: dict[str, Any] | None = None  # where litellm puts a refusal

    @property
    def declined(self) -> str:
        return self.refusal or str((self.provider_specific_fields or {}).get("refusal") or "")


class _Choice(_Lenient):
    message: _Said
    finish_reason: str | None = None


class _Tokens(_Lenient):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(_Lenient):
    model: str | None = None
    choices: list[_Choice] = Field(min_length=1)
    usage: _Tokens | None = None


def body(
    request: Request, model: str, *, hosted: bool = False, listed: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A request as the body of POST /chat/completions.

    Args:
        request: the question.
        model: the model's name as the server knows it.
        hosted: OpenAI itself answers: its strict mode takes fewer schema keywords.
        listed: what the catalogue knows of the model; an unlisted model is taken to think first where OpenAI answers.
    """
    thinks = bool(listed.get("supports_reasoning")) if listed else hosted
    rendered: dict[str, Any] = {"model": model, "messages": messages(request)}
    if thinks:  # such models refuse a temperature and know only the newer name of the limit
        most = (listed or {}).get("max_output_tokens")
        room = request.max_tokens + _ROOM_FOR_THOUGHT
        rendered["max_completion_tokens"] = min(room, most) if isinstance(most, int) else room
    else:
        rendered |= {"temperature": 0, "max_tokens": request.max_tokens}
    if asked := _response_format(request, hosted=hosted):
        rendered["response_format"] = asked
    return rendered


def messages(request: Request) -> list[dict[str, str]]:
    """The conversation as it is sent."""
    return [{"role": message.role, "content": message.content} for message in request.messages]


def estimate(*texts: str) -> int:
    """How many tokens some texts have, by the rule of thumb of four characters to a token."""
    return -(-sum(map(len, texts)) // 4)


def key(conversation: Iterable[Mapping[str, Any]]) -> str:
    """What a recording of this conversation is found by: the SHA-256 of its roles and contents as canonical JSON."""
    turns = [[turn.get("role"), turn.get("content")] for turn in conversation]
    return hashlib.sha256(json.dumps(turns, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def reply(completion: object) -> Reply:
    """A completion as a reply: a dict of its JSON, or the object that an SDK made of it.

    Raises:
        ServerFault: it is no completion, has no choice, or says that generating it failed.
    """
    try:
        read = _Completion.model_validate(completion)
    except ValidationError:
        raise ServerFault(
            "The model server answered with something that is no chat completion; SECONDSOURCE_BASE_URL ends in /v1."
        ) from None
    choice, usage = read.choices[0], read.usage or _Tokens()
    if choice.finish_reason == "error":
        raise ServerFault("The provider failed while it generated the reply.")
    finish = _FINISHES.get(choice.finish_reason or "", Finish.STOP)
    return Reply(
        text=choice.message.content or choice.message.declined,
        model=read.model or "",
        finish=Finish.REFUSED if choice.message.declined else finish,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
    )


def _response_format(request: Request, *, hosted: bool) -> dict[str, Any] | None:
    if request.format is Format.TEXT:
        return None
    if request.format is Format.JSON_OBJECT:
        return {"type": "json_object"}
    schema = _strict(request.schema) if hosted else dict(request.schema)
    named = {"name": request.schema_name, "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": named}


def _strict(node: Any, *, names: bool = False) -> Any:
    """A schema without the keywords that OpenAI's strict mode refuses. `names`: the keys are names, not keywords."""
    if isinstance(node, Mapping):
        kept = {word: value for word, value in node.items() if names or word not in _NOT_OF_STRICT_SCHEMAS}
        return {
            word: _strict(value, names=not names and word in ("properties", "$defs")) for word, value in kept.items()
        }
    return [_strict(item) for item in node] if isinstance(node, list) else node
