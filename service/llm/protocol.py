"""The seam to every model: one async method."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol

from schemas.usage import Stage


class Format(StrEnum):
    """How the reply's shape is asked for, from the strictest to the plainest."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model. Nothing in it varies between runs over the same texts."""

    stage: Stage
    messages: tuple[Message, ...]
    schema_name: str
    schema: Mapping[str, Any]
    format: Format = Format.JSON_SCHEMA
    max_tokens: int = 4096


class Finish(StrEnum):
    """Why a reply ended."""

    STOP = "stop"
    LENGTH = "length"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, unread. Token counts are None where the backend does not tell them."""

    text: str
    model: str
    finish: Finish = Finish.STOP
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Backend(Protocol):
    """Answers a request.

    Every implementation raises `service.errors.ModelError` and nothing else, retries nothing itself, and may be
    called many times at once from one event loop.
    """

    @property
    def name(self) -> str:
        """The model as configured, for example `openai/gpt-5-mini`."""
        ...

    async def complete(self, request: Request) -> Reply:
        """Sends the request once."""
        ...

    async def aclose(self) -> None:
        """Lets go of connections and processes. Calling it twice does no harm."""
        ...
