"""What was recorded from which endpoint, as `cassettes/recorded.json` tells it."""

import json
import os
from dataclasses import dataclass

from schemas.report import Report
from service.bootstrap import open_desk
from service.pipeline.run import check
from service.settings import Settings
from tests.seeds import CASSETTES, seed_articles

RECORDING = "RECORDING_CASSETTES"
"""Set while `tests.record` records: the provider's own key is used then."""
INDEX = CASSETTES / "recorded.json"


@dataclass(frozen=True)
class Recording:
    """One folder of cassettes: one cassette a seed, all from one endpoint."""

    folder: str
    model: str
    base_url: str | None
    seeds: tuple[str, ...]
    reply_tokens: int

    def cassette(self, seed: str) -> str:
        """The cassette's path below the folder of all cassettes."""
        return f"{self.folder}/{seed.removesuffix('.txt')}.yaml"


def recordings() -> list[Recording]:
    """All folders of cassettes."""
    index = json.loads(INDEX.read_text(encoding="utf-8"))
    return [
        Recording(folder, entry["model"], entry.get("base_url"), tuple(entry["seeds"]), entry["reply_tokens"])
        for folder, entry in index.items()
    ]


async def checked(seed: str, model: str, base_url: str | None = None, reply_tokens: int = 4096) -> Report:
    """One seed checked against the other four by this model.

    A request is sent once, and waits long: an endpoint may be a person's patience away.
    """
    settings = Settings(
        model=model,
        base_url=base_url,
        api_key=os.environ.get("SECONDSOURCE_API_KEY") if RECORDING in os.environ else "recorded",
        database_url="sqlite://",
        reply_tokens=reply_tokens,
        attempts=1,
        concurrency=8,
        request_seconds=7200,
        seconds=14400,
    )
    async with open_desk(settings) as desk:
        for article in seed_articles().values():
            await desk.corpus.add(article)
        return await check(seed_articles()[seed], desk)
