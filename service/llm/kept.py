"""Replies kept by the hash of what was asked, so that nothing is paid for twice."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from service.llm.protocol import Backend, Finish, Reply, Request


class Kept:
    """A backend whose replies stay in a folder, a file each. A question asked again is answered from there.

    Two questions are one where the model, the messages, the schema, the format and the reply's length are. A failure
    is not kept.
    """

    def __init__(self, backend: Backend, folder: Path) -> None:
        self._backend, self._folder = backend, folder

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
        if file.is_file():
            told = json.loads(file.read_text(encoding="utf-8"))
            return Reply(**told | {"finish": Finish(told["finish"])})
        reply = await self._backend.complete(request)
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".part")  # renamed when whole: a reply cut off by a crash is none
        unfinished.write_text(json.dumps(asdict(reply), ensure_ascii=False), encoding="utf-8")
        unfinished.replace(file)
        return reply

    async def aclose(self) -> None:
        """Closes the backend."""
        await self._backend.aclose()

    def _key(self, request: Request) -> str:
        asked = asdict(request) | {"model": self.name, "stage": None}
        return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
