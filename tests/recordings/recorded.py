"""What was recorded from which endpoint, as `cassettes/recorded.json` tells it."""

import json
import os
from dataclasses import dataclass
from typing import Any

from schemas.article import Article
from schemas.report import Report
from schemas.standing import ClaimHistory
from service.bootstrap import open_desk, open_service
from service.jobs.claims import Claims, Wanted
from service.jobs.inline import Inline
from service.jobs.queue import Kind
from service.pipeline.run import check
from service.settings import Settings
from tests.seeds import CASSETTES, seed_articles

RECORDING = "RECORDING_CASSETTES"
"""Set while `tests.record` records: the provider's own key is used then."""
INDEX = CASSETTES / "recorded.json"
IN_ORDER = "standing"
"""The folder of the one cassette in which the seeds come in one after another."""

ORDER = ("001", "004", "000", "002", "003")
"""The seeds by their days. 004 tells none; what happened in it lets December 1 be guessed."""


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
    """All folders of cassettes with one for each seed."""
    return [_recording(folder, entry) for folder, entry in _index().items() if folder != IN_ORDER]


def in_order() -> Recording:
    """The folder of the seeds that come in one after another."""
    return _recording(IN_ORDER, _index()[IN_ORDER])


def _index() -> dict[str, dict[str, Any]]:
    index: dict[str, dict[str, Any]] = json.loads(INDEX.read_text(encoding="utf-8"))
    return index


def _recording(folder: str, entry: dict[str, Any]) -> Recording:
    return Recording(folder, entry["model"], entry.get("base_url"), tuple(entry["seeds"]), entry["reply_tokens"])


async def checked(seed: str, model: str, base_url: str | None = None, reply_tokens: int = 4096) -> Report:
    """One seed checked against the other four by this model."""
    async with open_desk(_settings(model, base_url, reply_tokens)) as desk:
        for article in seed_articles().values():
            await desk.corpus.add(article)
        return await check(seed_articles()[seed], desk)


async def came_in(model: str, base_url: str | None = None) -> dict[str, ClaimHistory]:
    """What became of every claim, by its text, when the seeds came in one after another, each checked at once."""
    async with open_service(_settings(model, base_url, 4096)) as service:
        assert isinstance(service.dispatch, Inline)
        for article in seeds_in_order():
            await service.desk.corpus.add(article)
            check = await service.checks.ask(article.id, model)
            await service.dispatch.send(Kind.REVISE, article.id)
            await service.dispatch.send(Kind.CHECK, check.id)
            await service.dispatch.idle()
        claims = Claims(service.store)
        found = [await claims.one(claim.id) for claim in await claims.find(Wanted(), limit=1000)]
    return {one.report.claim.text: one for one in found}


def seeds_in_order() -> list[Article]:
    """The seeds as they came in."""
    seeds = seed_articles()
    return [next(article for name, article in seeds.items() if name.startswith(number)) for number in ORDER]


def _settings(model: str, base_url: str | None, reply_tokens: int) -> Settings:
    """A request is sent once, and waits long: an endpoint may be a person's patience away."""
    return Settings(
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
