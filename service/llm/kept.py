"""Replies kept by the hash of what was asked, so that nothing is paid for twice."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Protocol

from service.llm.protocol import Backend, Finish, Reply, Request


class Replies(Protocol):
    """Where replies are kept. One that cannot be kept is lost, and nothing else is."""

    async def get(self, key: str) -> Reply | None:
        """The reply kept under a key. One that cannot be read counts as none."""
        ...

    async def put(self, key: str, reply: Reply) -> None:
        """Keeps a reply. Another kept under the same key before is as good."""
        ...


class Kept:
    """A backend whose replies are kept. A question asked again is answered from there.

    Two questions are one where the model, the messages, the schema, the format and the reply's length are; servers
    that know a model by one name need places of their own. Only a whole reply of JSON is kept: what failed, was cut
    off or declined is asked again. A reply that cannot be kept is given all the same.
    """

    def __init__(self, backend: Backend, replies: Replies, told: Callable[[str], None] = lambda _: None) -> None:
        """`told` is called with the name of the model whose kept reply answers."""
        self._backend, self._replies, self._told = backend, replies, told

    @property
    def name(self) -> str:
        """The backend's."""
        return self._backend.name

    async def complete(self, request: Request) -> Reply:
        """The kept reply, else the backend's, which is then kept.

        Raises:
            ModelError: the backend's.
        """
        key = fingerprint(self.name, request)
        if reply := await self._replies.get(key):
            self._told(reply.model)
            return reply
        reply = await self._backend.complete(request)
        if is_whole(reply):
            await self._replies.put(key, reply)
        return reply

    async def aclose(self) -> None:
        """Closes the backend."""
        await self._backend.aclose()


class Folder:
    """Replies as files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def get(self, key: str) -> Reply | None:
        """See `Replies`."""
        try:
            return reply_read(json.loads((self._folder / f"{key}.json").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

    async def put(self, key: str, reply: Reply) -> None:
        """See `Replies`."""
        with suppress(OSError):
            self._write(self._folder / f"{key}.json", json.dumps(asdict(reply), ensure_ascii=False))

    def _write(self, file: Path, text: str) -> None:
        """Writes a file of its own and renames it when whole: others may write the same, and a crash may come."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=self._folder, suffix=".part", encoding="utf-8", delete=False) as part:
            part.write(text)
        Path(part.name).replace(file)


def fingerprint(model: str, request: Request) -> str:
    """The SHA-256 of a question; which stage asks it does not matter."""
    asked = asdict(request) | {"model": model, "stage": None}
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def reply_read(told: Any) -> Reply | None:
    """A reply as `dataclasses.asdict` wrote it in JSON; None where it is none."""
    try:
        return Reply(**told | {"finish": Finish(told["finish"])})
    except (ValueError, TypeError, KeyError):
        return None


def is_whole(reply: Reply) -> bool:
    """Whether a reply is worth keeping: it came to its end, and is JSON."""
    if reply.finish is not Finish.STOP:
        return False
    try:
        json.loads(reply.text)
    except (ValueError, RecursionError):
        return False
    return True
