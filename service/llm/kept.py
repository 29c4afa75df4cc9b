"""Replies kept by the hash of what was asked, so that nothing is paid for twice."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import NamedTemporaryFile

from service.llm.protocol import Backend, Finish, Reply, Request


class Kept:
    """A backend whose replies stay in a folder, a file each. A question asked again is answered from there.

    Two questions are one where the model, the messages, the schema, the format and the reply's length are; servers
    that know a model by one name need folders of their own. Only a whole reply of JSON is kept: what failed, was cut
    off or declined is asked again. A file that cannot be read counts as none, and a reply that cannot be kept is
    given all the same.
    """

    def __init__(self, backend: Backend, folder: Path, told: Callable[[str], None] = lambda _: None) -> None:
        """`told` is called with the name of the model whose kept reply answers."""
        self._backend, self._folder, self._told = backend, folder, told

    @property
    def name(self) -> str:
        """The backend's."""
        return self._backend.name

    async def complete(self, request: Request) -> Reply:
        """The kept reply, else the backend's, which is then kept.

        Raises:
            ModelError: the backend's.
        """
        file = self._folder / f"{self._key(request)}.json"
        if reply := _read(file):
            self._told(reply.model)
            return reply
        reply = await self._backend.complete(request)
        if _is_whole(reply):
            with suppress(OSError):
                _write(file, reply)
        return reply

    async def aclose(self) -> None:
        """Closes the backend."""
        await self._backend.aclose()

    def _key(self, request: Request) -> str:
        asked = asdict(request) | {"model": self.name, "stage": None}
        return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def _is_whole(reply: Reply) -> bool:
    if reply.finish is not Finish.STOP:
        return False
    try:
        json.loads(reply.text)
    except (ValueError, RecursionError):
        return False
    return True


def _read(file: Path) -> Reply | None:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return Reply(**told | {"finish": Finish(told["finish"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(file: Path, reply: Reply) -> None:
    """Writes a file of its own and renames it when whole: others may write the same reply, and a crash may come."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=file.parent, suffix=".part", encoding="utf-8", delete=False) as unfinished:
        json.dump(asdict(reply), unfinished, ensure_ascii=False)
    Path(unfinished.name).replace(file)
