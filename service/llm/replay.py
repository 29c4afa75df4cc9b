"""Recorded conversations answer, nothing else does: for demonstrations and tests without a network."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from service.errors import ConfigurationError, ModelError, RecordingMissing
from service.llm import chat
from service.llm.protocol import Reply, Request

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, where it is there, is ten times as fast


class ReplayBackend:
    """Answers from the cassettes (vcrpy's YAML) at or below a path, found by the words of the conversation alone.

    Raises:
        ConfigurationError: there are no cassettes at the path. They are read with the first request.
    """

    def __init__(self, path: Path) -> None:
        if not _cassettes(path):
            raise ConfigurationError(
                f"There are no recordings at {path}; replay/PATH names a folder of cassettes (*.yaml)."
            )
        self._path = path
        self._reading = asyncio.Lock()
        self._replies: Mapping[str, Reply] | None = None

    @property
    def name(self) -> str:
        """The path as configured."""
        return f"replay/{self._path}"

    async def complete(self, request: Request) -> Reply:
        """The recorded reply, with the model's name and the token counts of the recording.

        Raises:
            RecordingMissing: this conversation was not recorded.
            ConfigurationError: as `recorded` tells.
        """
        async with self._reading:
            if self._replies is None:
                self._replies = await asyncio.to_thread(recorded, self._path)
        found = self._replies.get(chat.key(chat.messages(request)))
        if found is None:
            raise RecordingMissing(
                f"No recording under {self._path} answers this prompt: the article, the corpus or the prompts are not "
                "those recorded. Set SECONDSOURCE_MODEL to a model, or record as cassettes/README.md says."
            )
        return found

    async def aclose(self) -> None:
        """Nothing is held but memory."""


def recorded(path: Path) -> dict[str, Reply]:
    """The replies of every chat completion recorded at or below a path, by `chat.key` of their messages.

    Of two recordings of one conversation the first counts, in the order of sorted file names.

    Raises:
        ConfigurationError: a file is not a cassette, or none holds a completion.
    """
    replies: dict[str, Reply] = {}
    for file in _cassettes(path):
        try:
            for conversation, reply in _completions(yaml.load(file.read_bytes(), Loader=_Loader)):  # noqa: S506
                replies.setdefault(conversation, reply)
        except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, ModelError) as error:
            raise ConfigurationError(f"{file} is not a cassette: {type(error).__name__}.") from None
    if not replies:
        raise ConfigurationError(f"No recording at {path} holds a chat completion that succeeded.")
    return replies


def _cassettes(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("*.yaml"))


def _completions(cassette: Mapping[str, Any]) -> Iterator[tuple[str, Reply]]:
    for interaction in cassette["interactions"]:
        request, response = interaction["request"], interaction["response"]
        asked_for_chat = request["uri"].partition("?")[0].endswith("/chat/completions")
        if asked_for_chat and response["status"]["code"] == 200:
            asked = json.loads(request["body"])
            yield chat.key(asked["messages"]), chat.reply(json.loads(response["body"]["string"]))
